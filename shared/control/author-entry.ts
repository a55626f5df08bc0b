/**
 * Entries back to what people author. Only for what the publisher has put in force by itself: what entries do not say (descriptions,
 * cohort groups, the text of a salt) is as it was.
 */
import { BUCKETS } from '#core/limits';
import { splitsOf } from '#ruleset/write/compile-split';
import { isSegment } from '#ruleset/write/revisions';
import { saltIn } from '#ruleset/write/seeds';
import type { AuthoredClause, AuthoredFlag, AuthoredOutcome, AuthoredSegment } from '#schema/authored';
import { BOOLEANS } from '#schema/booleans';
import type { ClauseEntry, Entry, FlagEntry, Outcome, SegmentEntry } from '#schema/entry';
import { SEGMENT_PREFIX } from '#schema/limits';
import type { Content } from './item.ts';
import { saltText } from './salt-text.ts';

const TAKEN_OVER = 'Taken over from the publisher.';

/** What is known of the item that an entry was compiled from. */
export interface Remembered {
  readonly content?: Content;
  /** Of a flag; its entry gives the seed of it, or nothing. */
  readonly salt: string;
}

export const authorEntry = (entry: Entry, { content, salt }: Remembered): Content =>
  isSegment(entry)
    ? { kind: 'segment', body: authorSegment(entry, content?.kind === 'segment' ? content.body : undefined) }
    : { kind: 'flag', body: authorFlag(entry, content?.kind === 'flag' ? content.body : undefined, salt) };

export const nameOfEntry = (entry: Entry): string =>
  isSegment(entry) ? entry.k.slice(SEGMENT_PREFIX.length) : entry.k;

function authorFlag(entry: FlagEntry, before: AuthoredFlag | undefined, salt: string): AuthoredFlag {
  const variations = entry.v ?? BOOLEANS;
  const nameAt = (index: number): string => (variations[index] as (typeof variations)[number])[0];
  const names = variations.map(([name]) => name);
  const splits = splitsOf(entry);
  const outcomeOf = (outcome: Outcome, rule: string | undefined): AuthoredOutcome => {
    if (typeof outcome === 'number') return { serve: nameAt(outcome) };
    const allocation = splits.find((one) => one.rule === rule)?.allocation ?? [];
    return { split: authorSplit(nameAt(outcome[0]), outcome[2], allocation, names) };
  };
  return {
    description: before?.description ?? TAKEN_OVER,
    type: typeof variations[0]?.[1] as AuthoredFlag['type'],
    salt: saltText(saltIn(entry) ?? salt, salt),
    ...(before?.cohortGroup !== undefined && { cohortGroup: before.cohortGroup }),
    enabled: entry.e === undefined,
    ...(entry.v !== undefined && { variations: Object.fromEntries(entry.v.map(([name, value]) => [name, value])) }),
    ...(entry.o !== undefined && { off: nameAt(entry.o) }),
    ...(entry.d !== undefined && { offlineDefault: nameAt(entry.d) }),
    consistency: entry.c === 1 ? 'session' : 'eventual',
    visibility: entry.n === 1 ? 'client' : 'server',
    prerequisites: (entry.p ?? []).map(([flag, anyOf]) => ({ flag, variations: anyOf })),
    targets: (entry.i ?? []).map(([at, keys, kind = 'user']) => ({ variation: nameAt(at), kind, keys })),
    ...(entry.h !== undefined && { holdout: entry.h[0] }),
    rules: (entry.u ?? []).map(([id, when, outcome]) => ({
      id,
      when: when.map(authorClause),
      ...outcomeOf(outcome, id),
    })),
    fallthrough: outcomeOf(entry.f, undefined),
  };
}

type Allocation = ReturnType<typeof splitsOf>[number]['allocation'];

function authorSplit(rest: string, kind: string | undefined, allocation: Allocation, names: readonly string[]) {
  const buckets = new Map<string, number>();
  let start = 0;
  for (const [name, end] of allocation) {
    if (name !== rest) buckets.set(name, (buckets.get(name) ?? 0) + end - start);
    start = end;
  }
  // A split names somebody, even where nobody gets anything of it.
  const somebody = names.find((name) => name !== rest);
  if (buckets.size === 0 && somebody !== undefined) buckets.set(somebody, 0);
  return {
    by: kind ?? 'user',
    rest,
    weights: Object.fromEntries([...buckets].map(([name, size]) => [name, percentOf(size)])),
  };
}

/** Exact: percentages come in steps of 0.001. */
export const percentOf = (buckets: number): number => buckets / (BUCKETS / 100);

const authorSegment = (entry: SegmentEntry, before: AuthoredSegment | undefined): AuthoredSegment => ({
  description: before?.description ?? TAKEN_OVER,
  kind: entry.b ?? 'user',
  included: entry.i ?? [],
  excluded: entry.x ?? [],
  rules: (entry.u ?? []).map((when) => ({ when: when.map(authorClause) })),
});

function authorClause(clause: ClauseEntry): AuthoredClause {
  if (clause[0] === 'segment') {
    const [, segment, bits] = clause as readonly ['segment', string[], number?];
    return { segment, not: bits === 1 };
  }
  const [op, path, values, bits = 0, kind = 'user'] = clause as Exclude<
    ClauseEntry,
    readonly ['segment', ...unknown[]]
  >;
  const attribute = typeof path === 'string' ? [path] : path;
  return { attribute, op, values, kind, not: (bits & 1) !== 0, ignoreCase: (bits & 2) !== 0 } as AuthoredClause;
}
