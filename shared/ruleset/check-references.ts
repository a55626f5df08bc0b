/** Whether prerequisites and nested segments stay within the bounds that readers enforce: no cycle, no long chain, no fan. */
import type { Authored, AuthoredClause } from '#schema/authored';
import { MAX_HEIGHT, MAX_WEIGHT, SEGMENT_PREFIX } from '#schema/limits';
import type { Issue } from './issue.ts';

interface Reach {
  readonly height: number;
  readonly weight: number;
}

export function referenceIssues(authored: Authored): Issue[] {
  const references = referenceMap(authored);
  const reaches = new Map<string, Reach>();
  const issues: Issue[] = [];
  for (const key of references.keys()) {
    const cycle = cycleFrom(key, references);
    const path = key.startsWith(SEGMENT_PREFIX) ? ['segments', key.slice(SEGMENT_PREFIX.length)] : ['flags', key];
    if (cycle !== undefined) {
      issues.push({ path, message: `depends on itself: ${cycle.join(' → ')}` });
      continue;
    }
    const { height, weight } = reachOf(key, references, reaches);
    if (height > MAX_HEIGHT) issues.push({ path, message: `depends on a chain of ${height}, at most ${MAX_HEIGHT}` });
    if (weight > MAX_WEIGHT) issues.push({ path, message: `depends on ${weight} evaluations, at most ${MAX_WEIGHT}` });
  }
  return issues;
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

/** A path from `key` back to itself, or to a cycle that it leads into; undefined where there is none. */
function cycleFrom(key: string, references: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const trail: string[] = [];
  const pending: (readonly [key: string, depth: number])[] = [[key, 0]];
  while (pending.length > 0) {
    const [current, depth] = pending.pop() as readonly [string, number];
    while (trail.length > depth) done.add(trail.pop() as string);
    if (trail.includes(current)) return [...trail.slice(trail.indexOf(current)), current];
    if (done.has(current)) continue;
    trail.push(current);
    for (const next of references.get(current) ?? []) pending.push([next, depth + 1]);
  }
  return undefined;
}

/** Only for keys that lead into no cycle. */
function reachOf(key: string, references: ReadonlyMap<string, readonly string[]>, reaches: Map<string, Reach>): Reach {
  const known = reaches.get(key);
  if (known !== undefined) return known;
  const used = (references.get(key) ?? []).map((next) => reachOf(next, references, reaches));
  const reach = {
    height: 1 + used.reduce((height, one) => Math.max(height, one.height), 0),
    weight: 1 + used.reduce((weight, one) => weight + one.weight, 0),
  };
  reaches.set(key, reach);
  return reach;
}
