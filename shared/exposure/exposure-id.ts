/** The name of an exposure: the same for a retry, for edge and origin emitting it both, and for a replay. */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { encodeBase64url } from '#core/base64url';
import type { Exposure } from './exposure.ts';

/** The half of a SHA-256: that two of 10^12 exposures share one has a chance below 10^-14. */
const ID_BYTES = 16;

/** Base64url, 22 characters: who saw which variation of which revision. When, where and why are no part of it. */
export function exposureId(
  environment: string,
  { flag, revision, unit, variation }: Pick<Exposure, 'flag' | 'revision' | 'unit' | 'variation'>,
): string {
  const named = JSON.stringify([environment, flag, revision, unit, variation]);
  return encodeBase64url(sha256(utf8ToBytes(named)).subarray(0, ID_BYTES));
}
