/**
 * What a return would do: entries as they were in force before, and nothing else, so that it needs no approval and no canary. Pure:
 * the history comes in.
 */
import { type ChangeClass, classify, type Served } from '#ruleset/write/classify';
import { contentOf, referencesOf } from '#ruleset/write/revisions';
import type { Entry } from '#schema/entry';
import { ok, type Result, refused } from '#schema/result';
import { type CheckedLines, invalid, nothingChecked, readerIssues } from './check-lines.ts';
import { entriesOf, type KnownLines, knownLines, writtenLines } from './known-lines.ts';
import { draftOf, type Force, type Plan, planOf } from './plan-publish.ts';
import type { Refusal } from './refusal.ts';

export type ReturnRequest = WholeReturn | FlagsReturn;

/** The whole ruleset, as of a version. */
interface WholeReturn {
  readonly flags?: undefined;
  readonly version: number;
  readonly reason: string;
}

/** Flags, and all that they refer to, as of a version or, where none is given, of just before the present revision of each. */
interface FlagsReturn {
  readonly flags: readonly string[];
  readonly version?: number;
  readonly reason: string;
}

export interface History {
  /** The first version that it knows. All from there to the one in force are known. */
  readonly first: number;
  /** As it was in force at a version; undefined where there was none. */
  entryAt(key: string, version: number): Entry | undefined;
  entriesAt(version: number): readonly Entry[];
  /** The version at which a key came, changed or went; undefined where it never was. */
  lastChange(key: string): number | undefined;
  /** The journal entry of the return that a version came by; undefined where it did not. */
  returnOf(version: number): number | undefined;
  /** What everybody had before a version came: not always the one below, for that may have gone to nobody. */
  baseOf(version: number): number | undefined;
  readonly served: Served;
}

/** Where a flag goes back to. */
interface Goal {
  readonly flag: string;
  readonly version: number;
}

/** What is put in place of a key, and for whom. */
interface Restored {
  readonly entry: Entry | undefined;
  readonly goal: Goal;
}

export interface ReturnBackground {
  readonly released?: Force | undefined;
  /** What was found in order last. */
  readonly checked?: CheckedLines;
}

/**
 * Undefined where all is as it was already. `released` is what everybody has, where what is in force is still on its way: what is not gone
 * back for is left as it is there, and what is goes back there where it has not served since.
 */
export function planReturn(
  request: ReturnRequest,
  force: Force | undefined,
  history: History,
  { released, checked = nothingChecked() }: ReturnBackground = {},
): Result<Plan | undefined, Refusal> {
  if (force === undefined) return refused({ code: 'nothing-in-force' });
  const { version } = request;
  if (version !== undefined && (version < history.first || version >= force.version)) {
    return refused({ code: 'unknown-version', version, first: history.first, last: force.version - 1 });
  }
  const known = knownLines(force.lines, checked.known);
  const before = entriesOf(known);
  const entries =
    request.flags === undefined
      ? ok(history.entriesAt(request.version))
      : setBack(
          request,
          before,
          history,
          released && { ...released, entries: entriesOf(knownLines(released.lines, known)) },
        );
  return entries.ok ? planEntries(entries.value, force, known, { served: history.served, checked }) : entries;
}

function planEntries(
  entries: readonly Entry[],
  force: Force,
  before: KnownLines,
  { served, checked }: { readonly served: Served; readonly checked: CheckedLines },
): Result<Plan | undefined, Refusal> {
  // What stays may refer to what goes.
  const next = knownLines(writtenLines(entries, before).lines, before);
  const issues = readerIssues(next.lines, checked.faults);
  if (issues.length > 0) return invalid(issues);
  const draft = draftOf(entriesOf(next), force, before);
  if (draft.lines === force.lines) return ok(undefined);
  const left = new Set(draft.entries.map(({ k }) => k));
  const classes = [...classify(entriesOf(before), draft.entries, served)];
  // A flag goes where there was none: that it did not exist is what served then.
  const changes = classes.map(([flag, change]): [string, ChangeClass] => [flag, left.has(flag) ? change : 'return']);
  const others = changes.filter(([, change]) => change !== 'return');
  if (others.length > 0) return refused({ code: 'not-a-return', changes: Object.fromEntries(others) });
  return ok(planOf(draft, before, changes));
}

/** What is in force, with the flags and what they refer to as they were. */
function setBack(
  { flags, version }: FlagsReturn,
  before: readonly Entry[],
  history: History,
  released: (Force & { readonly entries: readonly Entry[] }) | undefined,
): Result<readonly Entry[], Refusal> {
  const present = new Map(before.map((entry) => [entry.k, entry]));
  const everybodys = new Map((released?.entries ?? []).map((entry) => [entry.k, entry]));
  const unknown = flags.filter((flag) => history.lastChange(flag) === undefined);
  if (unknown.length > 0) return refused({ code: 'unknown-flags', flags: unknown });
  const restored = new Map<string, Restored>();
  for (const flag of flags) {
    // Of what everybody has already, though more is on its way, the revision is that which they have.
    const has = everybodys.get(flag);
    const isReleased = has !== undefined && sameContent(has, present.get(flag));
    const revision = (isReleased ? has : present.get(flag))?.r ?? (history.lastChange(flag) as number);
    const goal = version === undefined ? goalBefore(flag, revision, history, released?.version) : ok({ flag, version });
    if (!goal.ok) return goal;
    const refusal = restore(goal.value, restored, history);
    if (refusal !== undefined) return refused(refusal);
  }
  const kept = (released?.entries ?? before).filter(({ k }) => !restored.has(k));
  return ok([...kept, ...[...restored.values()].flatMap(({ entry }) => (entry === undefined ? [] : [entry]))]);
}

/** An order that is given twice must not undo itself: behind a return, the caller says where to. */
function goalBefore(flag: string, revision: number, history: History, released = revision): Result<Goal, Refusal> {
  // What not everybody has yet has not served, nor has what it was put in the place of.
  if (revision > released) return ok({ flag, version: released });
  if (revision <= history.first) return refused({ code: 'nothing-before', flag, revision });
  const journalId = history.returnOf(revision);
  return journalId === undefined
    ? ok({ flag, version: history.baseOf(revision) ?? revision - 1 })
    : refused({ code: 'returned-already', flag, version: revision, journalId });
}

/** Adds a flag as of its goal, and all that it referred to then. */
function restore(goal: Goal, restored: Map<string, Restored>, history: History): Refusal | undefined {
  const keys = new Set([goal.flag]);
  for (const key of keys) {
    const entry = history.entryAt(key, goal.version);
    const other = restored.get(key);
    if (other !== undefined && !sameContent(other.entry, entry)) {
      return { code: 'versions-differ', key, flags: [other.goal.flag, goal.flag] };
    }
    restored.set(key, { entry, goal });
    if (entry !== undefined) for (const reference of referencesOf(entry)) keys.add(reference);
  }
  return undefined;
}

const sameContent = (one: Entry | undefined, other: Entry | undefined): boolean =>
  one === undefined || other === undefined ? one === other : contentOf(one) === contentOf(other);
