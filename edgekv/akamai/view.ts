/**
 * Views: the parts of a ruleset that EdgeWorkers read, one EdgeKV item each. A view holds the flags of a namespace, or those that
 * it names, and all that they use, so that one read decides any of them. Pure.
 */

import { entryLine } from '#ruleset/write/line';
import { referencesOf } from '#ruleset/write/revisions';
import type { Entry } from '#schema/entry';
import { MAX_VIEW, SEGMENT_PREFIX } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';

/** Every flag, where an environment fits into one item. No flag key begins so. */
export const EVERYTHING = '*';

export type View =
  | { readonly name: string; readonly namespace: string }
  | { readonly name: string; readonly flags: readonly string[] };

export interface ViewLines {
  /** Ascending by key, as those of all are. */
  readonly lines: string;
  /** Flags that a list names and the ruleset lacks: archived, or renamed. The others are there all the same. */
  readonly missing: readonly string[];
}

export interface ViewRefusal {
  readonly code: 'too-large';
  readonly message: string;
}

/** Room for the header line. */
const HEADER_ROOM = 1_024;
/** Entries that a refusal names. */
const NAMED = 5;

/** What of a ruleset a view holds. */
export function viewLines(entries: readonly Entry[], view: View): Result<ViewLines, ViewRefusal> {
  const all = new Map(entries.map((entry) => [entry.k, entry]));
  const named = rootsOf(view, all);
  const roots = named.filter((key) => all.has(key));
  const lines = [...closureOf(roots, all)].sort().map((key) => `${entryLine(all.get(key) as Entry)}\n`);
  const size = HEADER_ROOM + lines.reduce((sum, line) => sum + line.length, 0);
  if (size > MAX_VIEW) return refused({ code: 'too-large', message: tooLarge(view, size, lines) });
  return ok({ lines: lines.join(''), missing: named.filter((key) => !all.has(key)) });
}

const rootsOf = (view: View, all: ReadonlyMap<string, Entry>): readonly string[] =>
  'flags' in view
    ? view.flags
    : [...all.keys()].filter((key) => !key.startsWith(SEGMENT_PREFIX) && isIn(view.namespace, key));

const isIn = (namespace: string, key: string): boolean =>
  namespace === EVERYTHING || namespace === key.split('.', 1)[0];

/** The keys and everything that they refer to. A set that grows is walked to its end. */
function closureOf(roots: readonly string[], all: ReadonlyMap<string, Entry>): Set<string> {
  const closure = new Set(roots);
  for (const key of closure) for (const used of referencesOf(all.get(key) as Entry)) closure.add(used);
  return closure;
}

function tooLarge({ name }: View, size: number, lines: readonly string[]): string {
  const largest = [...lines]
    .sort((a, b) => b.length - a.length)
    .slice(0, NAMED)
    .map((line) => `${(JSON.parse(line) as Entry).k} (${line.length} bytes)`);
  return (
    `view ${name} is ${size} bytes, at most ${MAX_VIEW}: split it into views of fewer flags, ` +
    `or make its largest entries smaller: ${largest.join(', ')}`
  );
}
