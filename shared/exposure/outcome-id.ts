/** The name of an outcome: the same for a retry and for a replay. */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { encodeBase64url } from '#core/base64url';
import type { Outcome } from './exposure.ts';

const ID_BYTES = 16;

/**
 * Base64url, 22 characters. The caller's own id is one among the outcomes of a metric and a unit: an order's number may well stand for
 * its latency and its conversion. Without one, the time is that of the emitter's clock, as it was sent: corrected, it would be another
 * at each retry.
 */
export function outcomeId(
  environment: string,
  { name, unit, time, value, id }: Pick<Outcome, 'name' | 'unit' | 'time' | 'value' | 'id'>,
): string {
  const named = JSON.stringify(
    id === undefined ? [environment, name, unit, time, value ?? null] : [environment, name, unit, id],
  );
  return encodeBase64url(sha256(utf8ToBytes(named)).subarray(0, ID_BYTES));
}
