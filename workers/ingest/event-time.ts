/** When an event happened, by ingest's clock. */
import { MAX_EXPOSURE_AGE_MS } from '#schema/exposure-limits';

/**
 * The emitter's clock may be wrong, but it was as wrong when the beacon left: the event is as old as that clock says. One from
 * the future happened now. Undefined for one that is too old to be believed. All in milliseconds since 1970.
 */
export function eventTime(time: number, sentAt: number, receivedAt: number): number | undefined {
  const age = Math.max(0, sentAt - time);
  return age > MAX_EXPOSURE_AGE_MS ? undefined : receivedAt - age;
}
