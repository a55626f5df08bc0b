/** Reads a beacon of which everything is good. Whatever else comes is ingest's to judge, and its sender's to be told of. */
import { gunzipSync } from 'node:zlib';
import type { Beacon } from '#exposure/exposure';
import { parseJson } from '#http/bounded-json';
import { collapsedCount, emitterRegion, envelope, exposure, ledger, outcome, sequence } from '#schema/exposure';
import { MAX_BEACON, MAX_BEACON_DEPTH, MAX_BEACON_EVENTS } from '#schema/exposure-limits';

export function readGoodBeacon(bytes: Uint8Array, headers: Headers): Beacon | undefined {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  const text = type === 'application/json' ? plain(bytes, headers.get('content-encoding') ?? 'identity') : undefined;
  const parsed = text && parseJson(text, MAX_BEACON_DEPTH);
  const beacon = parsed?.ok ? envelope.safeParse(parsed.value).data : undefined;
  if (beacon === undefined || beacon.events.length + beacon.outcomes.length > MAX_BEACON_EVENTS) return undefined;
  const { uses, ...rest } = beacon;
  // Who tells of keys is believed by ingest alone, for the key that it comes with.
  return uses === undefined && isGood(rest) ? (rest as Beacon) : undefined;
}

function isGood(beacon: Omit<ReturnType<typeof envelope.parse>, 'uses'>): boolean {
  const { events, outcomes, collapsed } = beacon;
  return (
    events.every((one) => exposure.safeParse(one).success) &&
    outcomes.every((one) => outcome.safeParse(one).success) &&
    collapsed.every((one) => collapsedCount.safeParse(one).success) &&
    collapsed.length <= MAX_BEACON_EVENTS &&
    sequence.optional().safeParse(beacon.sequence).success &&
    (collapsed.length === 0 || beacon.sequence !== undefined) &&
    ledger.optional().safeParse(beacon.ledger).success &&
    emitterRegion.optional().safeParse(beacon.region).success
  );
}

/** Never more than a beacon may have, whatever a bomb holds. */
function plain(bytes: Uint8Array, encoding: string): Uint8Array | undefined {
  if (encoding === 'identity') return bytes;
  if (encoding !== 'gzip') return undefined;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BEACON });
  } catch {
    return undefined;
  }
}
