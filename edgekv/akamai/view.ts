/**
 * Views: the parts of a ruleset that EdgeWorkers read, one EdgeKV item each. A view holds the flags of a namespace, or those that
 * it names, and all that they use, so that one read decides any of them. Pure.
 */

import { entryLine } from '#ruleset/write/line';
import { referencesOf } from '#ruleset/write/revisions';
import type { Entry } from '#schema/entry';
import { SEGMENT_PREFIX } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';

export type View =
  | { readonly name: string; readonly namespace: string }
  | { readonly name: string; readonly flags: readonly string[] };

export type ViewRefusal =
  | { readonly code: 'unknown-flag'; readonly message: string }
  | { readonly code: 'too-large'; readonly message: string };

/** Of the whole text, header line included: EdgeKV's own helper streams what is larger, and an EdgeWorker has 1.5 MB in all. */
export const MAX_VIEW = 128_000;
/** Room for the header line. */
const HEADER_ROOM = 1_024;
/** Entries that a refusal names. */
const NAMED = 5;

/** The lines of a view, ascending by key as those of all are. */
export function viewLines(entries: readonly Entry[], view: View): Result<string, ViewRefusal> {
  const all = new Map(entries.map((entry) => [entry.k, entry]));
  const roots = rootsOf(view, all);
  const missing = roots.find((key) => !all.has(key));
  if (missing !== undefined) {
    const message = `view ${view.name}: there is no flag ${JSON.stringify(missing)}; take it out of the view's list`;
    return refused({ code: 'unknown-flag', message });
  }
  const lines = [...closureOf(roots, all)].sort().map((key) => `${entryLine(all.get(key) as Entry)}\n`);
  const size = HEADER_ROOM + lines.reduce((sum, line) => sum + line.length, 0);
  return size <= MAX_VIEW ? ok(lines.join('')) : refused({ code: 'too-large', message: tooLarge(view, size, lines) });
}

const rootsOf = (view: View, all: ReadonlyMap<string, Entry>): readonly string[] =>
  'flags' in view
    ? view.flags
    : [...all.keys()].filter((key) => !key.startsWith(SEGMENT_PREFIX) && namespaceOf(key) === view.namespace);

const namespaceOf = (key: string): string => key.split('.', 1)[0] as string;

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
