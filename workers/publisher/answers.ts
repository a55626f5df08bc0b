/** What the publisher answers, over HTTP and RPC. Times are RFC 3339. */
import type { ChangeClass } from '#ruleset/write/classify';
import type { Result } from '#schema/result';
import type { EntryKind, JournalEntry, JournalPage } from './journal-store.ts';
import type { FirstStage, Stage } from './plan-stages.ts';
import type { InForce } from './press-store.ts';
import type { Refusal } from './refusal.ts';
import { statusOf, type TargetState, type TargetStatus } from './target-schedule.ts';

export interface TargetAnswer {
  readonly name: string;
  /** The version that it was last seen to hold. */
  readonly version: number | null;
  readonly state: TargetStatus;
  /** In a row, that came to nothing. */
  readonly attempts: number;
  readonly error?: string;
  readonly nextAttemptAt?: string;
  /** What whoever looks should know though nothing fails: flags that a view lists and the ruleset lacks. */
  readonly note?: string;
}

/** Where the version in force is on its way to everybody. */
export interface StageAnswer extends Omit<Stage, 'since' | 'askedAt' | 'first'> {
  readonly since: string;
  /** The expansion that goes before it, while it does. */
  readonly first?: Omit<FirstStage, 'since' | 'askedAt'> & { readonly since: string };
  /** The version that everybody may have. */
  readonly everybodys: number | null;
}

export interface PublishAnswer {
  /** What is in force now. */
  readonly version: number;
  /** False where the same lines were in force already. */
  readonly published: boolean;
  readonly digest: string;
  readonly changes: Readonly<Record<string, ChangeClass>>;
  readonly targets: readonly TargetAnswer[];
  /** Where there is a stream. */
  readonly stage?: StageAnswer;
}

export interface ReturnAnswer extends PublishAnswer {
  /** The journal entry of what is in force. */
  readonly journalId: number;
  /** What waited until everybody could be given it, and never will be. */
  readonly dropped?: { readonly version: number; readonly flags: readonly string[] };
}

export interface StatusAnswer {
  readonly environment: string;
  /** Null where nothing was ever published. */
  readonly version: number | null;
  readonly digest: string | null;
  readonly issuedAt: string | null;
  readonly expiresAt: string | null;
  readonly entries: number;
  readonly targets: readonly TargetAnswer[];
  /** Where there is a stream. */
  readonly stage?: StageAnswer;
  /** Returns that nobody has acknowledged. */
  readonly unacknowledged: number;
}

export interface LinesAnswer {
  /** 0 where nothing was ever published. */
  readonly version: number;
  readonly digest: string;
  readonly lines: string;
}

export interface JournalAnswer {
  readonly entries: readonly JournalEntryAnswer[];
  /** For `after`, where there are more. */
  readonly next?: number;
}

export interface JournalEntryAnswer {
  readonly id: number;
  readonly time: string;
  readonly kind: EntryKind;
  readonly actor: string;
  readonly reason?: string;
  readonly version: number;
  readonly base: number;
  readonly digest: string;
  readonly changes: Readonly<Record<string, ChangeClass>>;
  readonly acknowledgedAt?: string;
  /** Flags that wait for nobody, by this order. */
  readonly override?: readonly string[];
}

export const rfc3339 = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** `inForce` is the id of the edition in force; `dueAt` is when the target is next attempted. */
export function targetAnswer(name: string, state: TargetState, inForce: number, dueAt?: number): TargetAnswer {
  const status = statusOf(state, inForce);
  return {
    name,
    version: state.version,
    state: status,
    attempts: state.attempts,
    ...(state.trouble && { error: state.trouble.message }),
    ...(status !== 'written' && dueAt !== undefined && { nextAttemptAt: rfc3339(dueAt) }),
    ...(state.note !== undefined && { note: state.note }),
  };
}

export function stageAnswer({ first, ...stage }: Stage, released: InForce | undefined): StageAnswer {
  return { ...timed(stage), ...(first && { first: timed(first) }), everybodys: released?.version ?? null };
}

function timed<S extends FirstStage>({
  since,
  askedAt: _own,
  ...stage
}: S): Omit<S, 'since' | 'askedAt'> & { since: string } {
  return { ...stage, since: rfc3339(since) };
}

export interface StatusParts {
  readonly environment: string;
  readonly adopted: Result<InForce | undefined, Refusal>;
  readonly targets: readonly TargetAnswer[];
  readonly stage: StageAnswer | undefined;
  readonly unacknowledged: number;
}

export function statusAnswer({ environment, adopted, targets, stage, unacknowledged }: StatusParts): StatusAnswer {
  const inForce = adopted.ok ? adopted.value : undefined;
  const { claims } = inForce ?? {};
  return {
    environment,
    version: claims?.version ?? null,
    digest: claims?.sha256 ?? null,
    issuedAt: claims === undefined ? null : rfc3339(claims.iat * 1_000),
    expiresAt: claims === undefined ? null : rfc3339(claims.exp * 1_000),
    entries: inForce?.entries ?? 0,
    targets: adopted.ok ? targets : strangerAnswers(adopted.error),
    ...(stage && { stage }),
    unacknowledged,
  };
}

/** A target that keeps an empty press from beginning. */
function strangerAnswers(refusal: Refusal): TargetAnswer[] {
  switch (refusal.code) {
    case 'store-unreachable':
      return [{ name: refusal.target, version: null, state: 'failing', attempts: 1, error: 'cannot be reached' }];
    case 'store-unreadable':
      return [{ name: refusal.target, version: null, state: 'conflict', attempts: 1, error: refusal.message }];
    default:
      return [];
  }
}

export function journalAnswer({ entries, hasMore }: JournalPage): JournalAnswer {
  const last = entries.at(-1);
  return { entries: entries.map(entryAnswer), ...(hasMore && last && { next: last.id }) };
}

const entryAnswer = ({ time, acknowledgedAt, ...entry }: JournalEntry): JournalEntryAnswer => ({
  ...entry,
  time: rfc3339(time),
  ...(acknowledgedAt !== undefined && { acknowledgedAt: rfc3339(acknowledgedAt) }),
});
