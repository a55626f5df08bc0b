/** What a publish would do, or why it is refused. Pure: what is in force and what was before come in. */
import { affectedBy } from '#ruleset/write/affected';
import { type ChangeClass, classify, type Served } from '#ruleset/write/classify';
import { stampRevisions } from '#ruleset/write/revisions';
import { largeChange } from '#ruleset/write/size-change';
import type { Entry } from '#schema/entry';
import { ok, type Result, refused } from '#schema/result';
import { type CheckedLines, checkLines, invalid } from './check-lines.ts';
import { type Identities, identityIssues } from './identity.ts';
import { entriesBeside, entriesOf, type KnownLines, knownLines, writtenLines } from './known-lines.ts';
import type { Confirmation, Refusal } from './refusal.ts';

/** The lines in force, and the version that they were published under. */
export interface Force {
  readonly version: number;
  readonly lines: string;
}

export interface PublishRequest {
  /** The version that the lines were made from; 0 where nothing was in force. */
  readonly base: number;
  /** Their revisions are not looked at: the plan stamps them. */
  readonly lines: string;
  readonly confirm: readonly Confirmation[];
  /** The newest journal entry that the caller knows of: returns up to it are in its own log. */
  readonly acknowledge?: number;
  readonly reason?: string;
  /** `session` flags whose new variations wait for nobody. */
  readonly override?: readonly string[];
}

/** What the publisher remembers. */
export interface Memory {
  readonly served: Served;
  readonly identities: Identities;
  /** Journal entries of returns that nobody has acknowledged yet. */
  readonly unacknowledged: readonly number[];
  /** The newest journal entry; 0 where there is none. */
  readonly lastEntry: number;
  /** What was found in order last. */
  readonly checked?: CheckedLines;
}

/** What is to be put in force. */
export interface Plan {
  readonly version: number;
  readonly lines: string;
  readonly changes: Readonly<Record<string, ChangeClass>>;
  /** Nothing is left, on purpose. */
  readonly emptied: boolean;
  /** The lines with their entries. */
  readonly known: KnownLines;
  /** Keys of entries that changed, and of those that refer to one. */
  readonly touched: ReadonlySet<string>;
}

/** A plan whose changes are not told yet. */
export interface Draft extends Omit<Plan, 'changes' | 'touched'> {
  readonly entries: readonly Entry[];
}

/** Undefined where the same lines are in force already. */
export function planPublish(
  request: PublishRequest,
  force: Force | undefined,
  memory: Memory,
): Result<Plan | undefined, Refusal> {
  const { acknowledge = 0 } = request;
  if (acknowledge > memory.lastEntry) return refused({ code: 'nothing-to-acknowledge', id: acknowledge });
  const checked = checkLines(request.lines, memory.checked);
  if (!checked.ok) return checked;
  const before = knownLines(force?.lines ?? '', checked.value);
  const draft = draftOf(entriesOf(checked.value), force, before);
  // Asked again after an answer that was lost: whatever the base, there is nothing left to do.
  if (force?.lines === draft.lines) return ok(undefined);
  const refusal = orderRefusal(request, force, memory) ?? sizeRefusal(request, force, before.byKey.size, draft);
  if (refusal !== undefined) return refused(refusal);
  // What is in force as it is was held against what is known when it came.
  const issues = identityIssues(entriesBeside(draft.entries, before), memory.identities);
  if (issues.length > 0) return invalid(issues);
  return ok(planOf(draft, before, classify(entriesOf(before), draft.entries, memory.served)));
}

export const planOf = (
  { entries, ...draft }: Draft,
  before: KnownLines,
  changes: Iterable<readonly [flag: string, change: ChangeClass]>,
): Plan => ({
  ...draft,
  changes: Object.fromEntries(changes),
  touched: affectedBy(
    entriesBeside(entries, before).map(({ k }) => k),
    entries,
  ),
});

/**
 * The version and lines that entries would get on top of what is in force; they must refer to nothing that is missing. Those that are as
 * they are in `unchanged` keep their revisions.
 */
export function draftOf(
  entries: readonly Entry[],
  force: Pick<Force, 'version'> | undefined,
  before: KnownLines,
  unchanged: readonly Entry[] = entriesOf(before),
): Draft {
  const version = (force?.version ?? 0) + 1;
  const previous = new Map(unchanged.map((entry) => [entry.k, entry]));
  const known = writtenLines(stampRevisions(entries, previous, version), before);
  return {
    ...{ version, known, lines: known.lines, entries: entriesOf(known) },
    emptied: entries.length === 0 && before.byKey.size > 0,
  };
}

/** Somebody else published, or ordered a return, that the caller has not seen. */
function orderRefusal(
  { base, acknowledge = 0 }: PublishRequest,
  force: Force | undefined,
  { unacknowledged }: Memory,
): Refusal | undefined {
  const ids = unacknowledged.filter((id) => id > acknowledge);
  if (ids.length > 0) return { code: 'unacknowledged', ids };
  const inForce = force?.version ?? 0;
  return base === inForce ? undefined : { code: 'wrong-base', base, inForce };
}

function sizeRefusal(
  { confirm }: PublishRequest,
  force: Force | undefined,
  entriesBefore: number,
  { entries, lines, emptied }: Draft,
): Refusal | undefined {
  if (force === undefined) return undefined;
  if (emptied) {
    const found = `from ${entriesBefore} entries to none`;
    return confirm.includes('emptied') ? undefined : { code: 'unconfirmed', confirm: 'emptied', found };
  }
  const before = { entries: entriesBefore, bytes: force.lines.length };
  const found = largeChange(before, { entries: entries.length, bytes: lines.length });
  return found === undefined || confirm.includes('size') ? undefined : { code: 'unconfirmed', confirm: 'size', found };
}
