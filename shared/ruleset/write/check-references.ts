/** Whether prerequisites and nested segments stay within the bounds that readers enforce: no cycle, no long chain, no fan. */
import type { Authored, AuthoredClause } from '#schema/authored';
import { MAX_HEIGHT, MAX_WEIGHT, SEGMENT_PREFIX } from '#schema/limits';
import { type Issue, pathOf } from './issue.ts';

interface Reach {
  readonly height: number;
  readonly weight: number;
}

/** As many names of a cycle as a message takes. */
const SHOWN = 8;

export function referenceIssues(authored: Authored): Issue[] {
  const references = referenceMap(authored);
  const reaches = new Map<string, Reach>();
  const cycles = [...references.keys()].flatMap((key) => visit(key, references, reaches));
  // What leads into a cycle has no bounded chain: only the cycle is told.
  return cycles.length > 0 ? cycles : [...references.keys()].flatMap((key) => reachIssues(key, reaches));
}

/** Depth first without recursion, so that a chain of any length is told and not died of. Finds cycles, and the reach of each entry once. */
function visit(from: string, references: ReadonlyMap<string, readonly string[]>, reaches: Map<string, Reach>): Issue[] {
  const issues: Issue[] = [];
  /** The entries on the way down, and of each the references that are still to be visited. */
  const trail: string[] = [];
  const pending = new Map<string, string[]>();
  const enter = (key: string): void => {
    trail.push(key);
    pending.set(key, [...(references.get(key) ?? [])]);
  };
  if (!reaches.has(from)) enter(from);
  for (let current = trail.at(-1); current !== undefined; current = trail.at(-1)) {
    const next = pending.get(current)?.pop();
    if (next === undefined) {
      reaches.set(current, reachOf(references.get(current) ?? [], reaches));
      pending.delete(current);
      trail.pop();
    } else if (pending.has(next)) {
      issues.push({ path: pathOf(next), message: `depends on itself: ${cycleText(trail.slice(trail.indexOf(next)))}` });
    } else if (!reaches.has(next)) enter(next);
  }
  return issues;
}

/** All that an entry refers to has been visited, but for a cycle's way back. */
function reachOf(used: readonly string[], reaches: ReadonlyMap<string, Reach>): Reach {
  const known = used.flatMap((key) => reaches.get(key) ?? []);
  return {
    height: 1 + known.reduce((height, one) => Math.max(height, one.height), 0),
    weight: 1 + known.reduce((weight, one) => weight + one.weight, 0),
  };
}

function reachIssues(key: string, reaches: ReadonlyMap<string, Reach>): Issue[] {
  const { height, weight } = reaches.get(key) as Reach;
  const path = pathOf(key);
  if (height > MAX_HEIGHT) return [{ path, message: `depends on a chain of ${height}, at most ${MAX_HEIGHT}` }];
  return weight > MAX_WEIGHT ? [{ path, message: `depends on ${weight} evaluations, at most ${MAX_WEIGHT}` }] : [];
}

function cycleText(keys: readonly string[]): string {
  const shown = keys.length > SHOWN ? [...keys.slice(0, SHOWN), `… (${keys.length} in all)`] : keys;
  return [...shown, keys[0]].join(' → ');
}

function referenceMap({ flags, segments }: Authored): Map<string, readonly string[]> {
  const named = (clauses: readonly AuthoredClause[]): string[] =>
    clauses.flatMap((clause) => ('segment' in clause ? clause.segment.map((name) => SEGMENT_PREFIX + name) : []));
  return new Map([
    ...Object.entries(flags).map(
      ([key, { prerequisites, rules }]) =>
        [key, [...prerequisites.map(({ flag }) => flag), ...rules.flatMap(({ when }) => named(when))]] as const,
    ),
    ...Object.entries(segments).map(
      ([name, { rules }]) => [SEGMENT_PREFIX + name, rules.flatMap(({ when }) => named(when))] as const,
    ),
  ]);
}
