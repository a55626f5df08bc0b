/**
 * What a publish comes to where versions are staged: one version, or two of which the first needs nothing and goes to everybody before
 * the second does (ADR 0019), each with its number. Pure.
 */
import { type ChangeClass, classify, type Served } from '#ruleset/write/classify';
import type { Entry, FlagEntry } from '#schema/entry';
import { ok, type Result } from '#schema/result';
import { entriesOf, type KnownLines, knownLines } from './known-lines.ts';
import { draftOf, type Force, type Plan, planOf } from './plan-publish.ts';
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
  readonly before: string;
  readonly above?: number;
  readonly isReleased: boolean;
}

/** Versions that are left free below what waits, for what goes before it as of later publishes: what waits keeps its revisions. */
const ROOM = 1_000;

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
  });
  if (!shift.ok) return shift;
  const { needs, fresh, first } = shift.value;
  const begun = (version: number, of: Map<string, ChangeClass>): Stage =>
    beginStage(version, of.values(), undefined, now);
  if (first === undefined && Object.keys(needs).length === 0) return ok({ plan, stage: begun(plan.version, kinds) });

  const numbers = numbersOf(given.ruleset.version, background, first !== undefined);
  const { second: version, below } = numbers;
  const base = knownLines(force.lines, plan.known);
  const second = draftOf(next, { version: version - 1, lines: force.lines }, base);
  const changes = Object.entries(plan.changes);
  if (first === undefined) {
    const goesFirst = given.stage && goesOn(given.stage, now);
    return ok({
      plan: planOf(second, base, changes),
      stage: needing(begun(version, kinds), { needs, below, first: goesFirst }),
      ...(given.ruleset === force && goesFirst && { first: 'in-force' as const }),
    });
  }
  const [prior, priorKnown] = numbers.isBelow ? [given.ruleset, known] : [force, base];
  const draft = draftOf(first, { version: numbers.first - 1, lines: prior.lines }, priorKnown);
  const firstKinds = newTo(draft.entries);
  const firstStage = begun(numbers.first, firstKinds);
  const all: Needs = { ...needs, ...Object.fromEntries(fresh.map((flag) => [flag, numbers.first])) };
  return ok({
    plan: planOf(second, draft.known, changes),
    stage: needing(begun(version, kinds), { needs: all, below, first: firstStage }),
    first: {
      plan: planOf(draft, priorKnown, firstKinds),
      before: prior.text,
      ...(numbers.isBelow && { above: below }),
      isReleased: firstStage.phase === 'released',
    },
  });
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

interface Numbers {
  readonly first: number;
  readonly second: number;
  readonly below: number;
  readonly isBelow: boolean;
}

/**
 * Where a user was given a variation, no version with a higher number may have less: its readers would take theirs for the newer. What
 * goes before what waits already goes below it, for revisions of what waits stay; once somebody may have been given that, behind it.
 */
function numbersOf(given: number, { force, stage }: CourseBackground, hasFirst: boolean): Numbers {
  const free = stage?.needs === undefined || stage.mayBeGiven === true ? undefined : stage.below;
  const isBelow = free !== undefined && (!hasFirst || given + 1 < free);
  if (isBelow) return { first: given + 1, second: force.version + 1, below: free, isBelow };
  const first = force.version + 1;
  const second = force.version + ROOM;
  return { first, second, below: second, isBelow };
}
