/** When which target is written. Pure: states go in and come out, and the clock is passed in. All times are milliseconds since 1970. */

/** What is known of a target. Kept by name, across restarts. */
export interface TargetState {
  /** The journal entry of the edition that it was last seen to hold; 0 where that is not known. */
  readonly edition: number;
  /** The version that it was last seen to hold; null where that is not known. */
  readonly version: number | null;
  /** Attempts in a row that came to nothing. */
  readonly attempts: number;
  /** When it was last attempted. */
  readonly attemptedAt: number;
  /** When to try again, or to look whether it still holds what it should. */
  readonly nextAt: number;
  /** The journal entry of the edition that it was given and does not show yet, or that there is nothing to give it of. */
  readonly handled?: number;
  readonly trouble?: Trouble;
  /** What people should know of the edition that was attempted last. */
  readonly note?: string;
}

/**
 * What keeps a target from holding the ruleset in force: the store fails, asks for patience, holds what is not overwritten, or does
 * not show what it took (`unseen`); or there is nothing of that edition that it could hold (`unfit`).
 */
export interface Trouble {
  readonly kind: 'failing' | 'busy' | 'conflict' | 'unseen' | 'unfit';
  readonly message: string;
  /** How long the store asks to be left alone (milliseconds). */
  readonly retryAfterMs?: number;
}

export type TargetStatus = 'written' | 'pending' | 'failing' | 'conflict';

/** Workers KV takes one write a second to a key (developers.cloudflare.com/kv/platform/limits). */
export const WRITE_INTERVAL_MS = 1_000;
/** How often a target is looked at that holds what it should: somebody may wipe it. */
export const LOOK_INTERVAL_MS = 60_000;
/**
 * The first look after attempts that came to nothing: one of them may have landed late, over what is newer. And the look that shows
 * whether a store that is late has what it was given: EdgeKV needs "10 seconds or less in the majority of cases".
 */
export const EARLY_LOOK_MS = 10_000;
const BACKOFF_BASE_MS = 1_000;
/** A rollback must not wait long for a store that is back. */
const BACKOFF_CAP_MS = 15_000;
/** The longest that a store may ask to be left alone. */
const PATIENCE_CAP_MS = 60_000;

export const NEVER_ATTEMPTED: TargetState = { edition: 0, version: null, attempts: 0, attemptedAt: 0, nextAt: 0 };

/** When a target is next attempted. What is newer supersedes what it holds, and waits for a backoff but not for a look. */
export function dueAt(state: TargetState, edition: number, now: number): number {
  const { attemptedAt, nextAt } = state;
  // A clock that was set back must not put anything off for long.
  const free = Math.min(attemptedAt, now) + WRITE_INTERVAL_MS;
  const next = Math.min(nextAt, now + LOOK_INTERVAL_MS);
  return isPutOff(state, edition) ? Math.max(free, next) : free;
}

function isPutOff(state: TargetState, edition: number): boolean {
  if (state.edition === edition || state.handled === edition) return true;
  const { trouble } = state;
  // What was wrong with an edition alone holds up no other.
  return trouble !== undefined && trouble.kind !== 'unseen' && trouble.kind !== 'unfit';
}

export const attempted = (state: TargetState, now: number): TargetState => ({ ...state, attemptedAt: now });

export const held = ({ attempts }: TargetState, edition: number, version: number, now: number): TargetState => ({
  edition,
  version,
  attempts: 0,
  attemptedAt: now,
  nextAt: now + (attempts === 0 ? LOOK_INTERVAL_MS : EARLY_LOOK_MS),
});

/** The store has taken an edition. Where that was so before, the look in between did not find it. */
export function sent(state: TargetState, edition: number, now: number): TargetState {
  const { version, attempts, handled } = state;
  const taken = { edition: 0, version, attemptedAt: now, nextAt: now + EARLY_LOOK_MS, handled: edition };
  return handled === edition ? { ...taken, attempts: attempts + 1, trouble: UNSEEN } : { ...taken, attempts };
}

const UNSEEN: Trouble = {
  kind: 'unseen',
  message: 'what it took was not there at a later look, and was written again',
};

/** There is nothing to write of an edition. Tried again once a minute, for the settings may change. */
export const unfit = (state: TargetState, edition: number, message: string, now: number): TargetState => ({
  ...state,
  nextAt: now + LOOK_INTERVAL_MS,
  handled: edition,
  trouble: { kind: 'unfit', message },
});

/** Backs off with full jitter; `random` is from 0 up to, not including, 1. A conflict is looked at again, but not often. */
export function notHeld(state: TargetState, trouble: Trouble, now: number, random: number): TargetState {
  const longest = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** state.attempts);
  const asked = Math.min(PATIENCE_CAP_MS, trouble.retryAfterMs ?? 0);
  const wait = trouble.kind === 'conflict' ? LOOK_INTERVAL_MS : Math.max(asked, Math.ceil(random * longest));
  return { ...state, attempts: state.attempts + 1, nextAt: now + wait, trouble };
}

/** A return waits for no backoff, nor does what came while an attempt at something older was under way. */
export const expedited = (state: TargetState): TargetState => ({ ...state, nextAt: 0 });

/** `inForce` is the id of the edition in force; 0 where there is none. */
export function statusOf({ edition, trouble }: TargetState, inForce: number): TargetStatus {
  if (trouble?.kind === 'failing' || trouble?.kind === 'unfit') return 'failing';
  if (trouble?.kind === 'conflict') return 'conflict';
  return edition === inForce && inForce > 0 ? 'written' : 'pending';
}
