/**
 * What a publish comes to where versions are staged: one version, or two of which the first needs nothing and goes to everybody before
 * the second does (ADR 0020), each with its number. Pure.
 */
import { type ChangeClass, classify, type Served } from '#ruleset/write/classify';
import { entryLines } from '#ruleset/write/line';
import { isSegment } from '#ruleset/write/revisions';
import type { Entry, FlagEntry } from '#schema/entry';
import { ok, type Result } from '#schema/result';
import { readerIssues } from './check-lines.ts';
import { entriesOf, type KnownLines, knownLines } from './known-lines.ts';
import { type Draft, draftOf, type Force, type Plan, planOf } from './plan-publish.ts';
import { givenBy, type Needs, planShift, type ShiftBackground } from './plan-shift.ts';
import { beginStage, type FirstStage, goesOn, needing, type Stage } from './plan-stages.ts';
import type { Refusal } from './refusal.ts';

/** As it is kept, with what it is known by. */
export interface Published extends Force {
  readonly id: number;
  readonly text: string;
}

export interface CourseBackground {
  readonly force: Published;
  /** What everybody may have; undefined where nothing was everybody's yet. */
  readonly released: Published | undefined;
  /** What goes before what is in force. */
  readonly expansion: Published | undefined;
  readonly stage: Stage | undefined;
  readonly served: Served;
  readonly since: ShiftBackground['since'];
  /** Lines of flags that wait for nobody, as they were ordered. */
  readonly overridden: () => readonly (readonly [flag: string, line: string | undefined])[];
  /** Flags that wait for nobody by this order. */
  readonly override: readonly string[];
  readonly now: number;
}

export interface Course {
  readonly plan: Plan;
  readonly stage: Stage;
  /** Signed for it, and what a reader has before; or what is in force; or, left out, what the stage named already. */
  readonly first?: FirstPlan | 'in-force';
}

export interface FirstPlan {
  readonly plan: Plan;
  readonly isReleased: boolean;
}

export function planCourse(plan: Plan, background: CourseBackground): Result<Course, Refusal> {
  const { force, released, served, since, now } = background;
  const [next, given] = [entriesOf(plan.known), givenIn(background)];
  const [before, known] = [released ?? NOTHING, given.ruleset].map(({ lines }) => knownLines(lines, plan.known)) as [
    KnownLines,
    KnownLines,
  ];
  // What was on its way to everybody is as new to them as it was.
  const newTo = (entries: readonly Entry[]): Map<string, ChangeClass> => classify(entriesOf(before), entries, served);
  const kinds = newTo(next);
  const shift = planShift(next, {
    everybodys: (key) => before.byKey.get(key)?.entry,
    given: { version: given.ruleset.version, isHeld: given.stage?.phase === 'held', byKey: entriesIn(known) },
    since,
    exempt: (flag, variations) => kinds.get(flag.k) === 'return' || isOverridden(flag, variations, background),
    isReadable: (entries) => readerIssues(entryLines(entries)).length === 0,
  });
  if (!shift.ok) return shift;
  const { needs, fresh, first } = shift.value;
  if (first === undefined) {
    const stage = beginStage(plan.version, kinds.values(), undefined, now);
    const goesFirst = given.stage && goesOn(given.stage, now);
    const isInForce = Object.keys(needs).length > 0 && goesFirst !== undefined && given.ruleset === force;
    return ok({ plan, stage: needing(stage, needs, goesFirst), ...(isInForce && { first: 'in-force' as const }) });
  }
  const base = knownLines(force.lines, plan.known);
  const draft = draftOf(first, force, base);
  const firstKinds = newTo(draft.entries);
  const firstStage = beginStage(draft.version, firstKinds.values(), undefined, now);
  const second = secondPlan(plan, { base, draft, kinds });
  const all: Needs = { ...needs, ...Object.fromEntries(fresh.map((flag) => [flag, draft.version])) };
  return ok({
    plan: second,
    stage: needing(beginStage(second.version, kinds.values(), undefined, now), all, firstStage),
    first: { plan: planOf(draft, base, firstKinds), isReleased: firstStage.phase === 'released' },
  });
}

interface BehindFirst {
  readonly base: KnownLines;
  readonly draft: Draft;
  /** As new as it is to everybody. */
  readonly kinds: ReadonlyMap<string, ChangeClass>;
}

/**
 * All that was asked for, behind what goes first. Whatever differs between that and what was in force comes anew, be it what waited already:
 * a reader of what goes first must take a token of this for the newer. That is among its changes, by which the caller stamps the same.
 */
function secondPlan(plan: Plan, { base, draft, kinds }: BehindFirst): Plan {
  const unchanged = draft.entries.filter((entry) => base.byKey.get(entry.k)?.entry === entry);
  const second = draftOf(entriesOf(plan.known), draft, base, unchanged);
  const anew = second.entries.filter((entry) => entry.r === second.version && !isSegment(entry));
  const changes = new Map([
    ...anew.map(({ k }): [string, ChangeClass] => [k, kinds.get(k) ?? 'content']),
    ...Object.entries(plan.changes),
  ]);
  return planOf(second, draft.known, changes);
}

const NOTHING: Force = { version: 0, lines: '' };

const entriesIn = ({ byKey }: KnownLines): ReadonlyMap<string, Entry> =>
  new Map([...byKey].map(([key, { entry }]) => [key, entry]));

/** The newest that anybody may have been given, and where that is on its way. What waits was given to nobody, or is taken for that. */
function givenIn({ force, released, expansion, stage }: CourseBackground): {
  readonly ruleset: Published;
  readonly stage?: FirstStage;
} {
  if (stage === undefined || stage.phase === 'released' || released?.id === force.id) return { ruleset: force };
  if (stage.first !== undefined && expansion !== undefined) return { ruleset: expansion, stage: stage.first };
  return stage.needs !== undefined && released !== undefined ? { ruleset: released } : { ruleset: force, stage };
}

/** By this order, or by one of what is on its way, for as long as it gives nothing more. */
function isOverridden(
  { k }: FlagEntry,
  variations: readonly string[],
  { override, overridden }: CourseBackground,
): boolean {
  if (override.includes(k)) return true;
  return overridden().some(([flag, line]) => {
    if (flag !== k || line === undefined) return false;
    const ordered = new Set(givenBy(JSON.parse(line) as FlagEntry));
    return variations.every((id) => ordered.has(id));
  });
}
