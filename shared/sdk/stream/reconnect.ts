/** How long a client waits before it opens its next stream: pure. Many clients that lose the same upstream must not come back together. */

/** How a stream ended, or why there was none. */
export interface Ending {
  readonly why: string;
  /** The key was refused (401, 403): it may be valid again, so nobody stops asking, but slowly. */
  readonly refused?: true;
  /** What the upstream asked for. */
  readonly retryAfterMs?: number;
  /** Whether the stream had been open for `HEALTHY_MS`. */
  readonly healthy?: true;
}

export interface Pause {
  readonly waitMs: number;
  /** Failures in a row, for the next one. */
  readonly failures: number;
}

const BASE_MS = 1_000;
export const CAP_MS = 30_000;
export const HEALTHY_MS = 60_000;
/** Slow enough that a key that was rotated badly in all of a fleet is no storm. */
export const REFUSED_MS = 30_000;
/** No wait is ever shorter than this share of the ceiling, whatever the dice say. */
export const LEAST = 0.1;
/** A header that asks for more would cut a client off. */
const MAX_RETRY_AFTER_MS = 300_000;

/** `random`: from 0 up to 1. */
export function pauseAfter(failures: number, ending: Ending, random: number): Pause {
  const before = ending.healthy ? 0 : failures;
  const jitter = ceilingOf(before) * (LEAST + (1 - LEAST) * random);
  const asked = Math.min(ending.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  const waitMs = ending.refused ? Math.max(REFUSED_MS * (1 + random), asked + jitter) : asked + jitter;
  return { waitMs, failures: before + 1 };
}

/** The longest wait after so many failures in a row. */
export const ceilingOf = (failures: number): number => Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures, 10));

/** The header `Retry-After` in milliseconds: seconds or a date; undefined where it is neither. */
export function retryAfterIn(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const ms = header.endsWith(' GMT') ? Date.parse(header) - now : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
