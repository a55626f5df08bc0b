/**
 * What everybody must have before anybody is given it: a `session` flag that serves a variation which it did not have before goes out twice,
 * first with the new variations beside what it served until then, and then as it was published. Pure.
 */
import { classify, type Served } from '#ruleset/write/classify';
import { isSegment } from '#ruleset/write/revisions';
import { BOOLEANS } from '#schema/booleans';
import type { Entry, FlagEntry, Outcome } from '#schema/entry';
import { MAX_VARIATIONS } from '#schema/limits';
import { ok, type Result } from '#schema/result';
import { invalid } from './check-lines.ts';
import { entriesOf, type KnownLines } from './known-lines.ts';
import { draftOf, type Force, type Plan, planOf } from './plan-publish.ts';
import type { Refusal } from './refusal.ts';

/** Two versions in the place of one. */
export interface Expansion {
  /** With the new variations, which nobody is given; undefined where those lines are in force. */
  readonly first: Plan | undefined;
  /** As it was asked for. */
  readonly second: Plan;
}

export interface ExpansionBackground {
  readonly force: Force;
  /** The lines in force. */
  readonly before: KnownLines;
  /** What everybody may have of a key. */
  readonly everybodys: (key: string) => Entry | undefined;
  /** Whether everybody may have what is in force: then only what the plan touches can differ. */
  readonly isReleased: boolean;
  readonly served: Served;
  /** Flags that do not wait. */
  readonly atOnce: readonly string[];
}

/** Undefined where nothing has to go first. */
export function planExpansion(plan: Plan, background: ExpansionBackground): Result<Expansion | undefined, Refusal> {
  const { force, before, served } = background;
  const next = entriesOf(plan.known);
  const entries = expandedEntries(next, plan, background);
  if (!entries.ok || entries.value === undefined) return entries as Result<undefined, Refusal>;
  const draft = draftOf(entries.value, force, before);
  const classes = classify(entriesOf(before), draft.entries, served);
  const first = draft.lines === force.lines ? undefined : planOf(draft, before, classes);
  const known = first?.known ?? before;
  const second = draftOf(next, { version: first?.version ?? force.version, lines: known.lines }, known);
  return ok({ first, second: planOf(second, known, classify(entriesOf(known), second.entries, served)) });
}

function expandedEntries(
  next: readonly Entry[],
  { touched }: Plan,
  { everybodys, isReleased, atOnce }: ExpansionBackground,
): Result<readonly Entry[] | undefined, Refusal> {
  const expanded = new Map<string, FlagEntry>();
  for (const entry of next) {
    const waits = !isSegment(entry) && entry.c === 1 && (!isReleased || touched.has(entry.k));
    const before = waits && !atOnce.includes(entry.k) ? everybodys(entry.k) : undefined;
    if (!waits || before === undefined || isSegment(before)) continue;
    const fresh = freshOf(entry, before);
    const given = servedBy(entry).map((at) => variationsOf(entry)[at]);
    if (fresh.some((one) => given.includes(one))) {
      expanded.set(entry.k, { ...before, v: [...variationsOf(before), ...fresh] } as FlagEntry);
    }
  }
  const large = [...expanded.values()].filter((entry) => variationsOf(entry).length > MAX_VARIATIONS);
  if (large.length > 0) return invalid(large.map(({ k }) => ({ key: k, message: TOO_MANY })));
  return ok(expanded.size === 0 ? undefined : next.map((entry) => expanded.get(entry.k) ?? entry));
}

const TOO_MANY = `has more than ${MAX_VARIATIONS} variations together with those that are served: remove old ones first, or name it in atOnce`;

type Variation = NonNullable<FlagEntry['v']>[number];

const variationsOf = (flag: FlagEntry): readonly Variation[] => flag.v ?? (BOOLEANS as unknown as readonly Variation[]);

/** Variations that the other has not; an id is that of a value. */
function freshOf(flag: FlagEntry, before: FlagEntry): readonly Variation[] {
  const known = new Set(variationsOf(before).map(([, , id]) => id));
  return variationsOf(flag).filter(([, , id]) => !known.has(id));
}

/** Indexes of the variations that somebody may be given. */
function servedBy({ e, o, i = [], u = [], f }: FlagEntry): number[] {
  const off = o === undefined ? [] : [o];
  if (e === 0) return off;
  return [...off, ...i.map(([at]) => at), ...u.flatMap(([, , outcome]) => indexesOf(outcome)), ...indexesOf(f)];
}

const indexesOf = (outcome: Outcome): number[] =>
  typeof outcome === 'number' ? [outcome] : outcome[1].filter((_, at) => at % 2 === 0);
