/** How long an emitter waits before it sends the same batch again: pure. */
import type { Later } from './deliver-batch.ts';

export const BASE_MS = 1_000;
export const CAP_MS = 60_000;
/** A key that was rotated badly in all of a fleet is no storm, and may be valid again. */
export const REFUSED_MS = 30_000;
/** What asks for more would keep an emitter away from an ingest that is well again. */
export const MAX_RETRY_AFTER_MS = 300_000;

/** After so many failures in a row. Full jitter, so that emitters do not come back together; not before the time that was asked for. */
export function retryPause(failures: number, { retryAfterMs = 0, isKeyRefused }: Later, random: number): number {
  const asked = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
  const jitter = random * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures, 10));
  return isKeyRefused ? Math.max(REFUSED_MS * (1 + random), asked + jitter) : asked + jitter;
}
