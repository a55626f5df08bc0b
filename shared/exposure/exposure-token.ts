/**
 * The edge's word that a unit was served a variation, for a page to show with what came of it. A page can say anything of anybody; with a
 * token it can say it of the one unit that the edge gave it to.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { decodeBase64url, encodeBase64url } from '#core/base64url';
import { MAX_EXPOSURE_TOKEN } from '#schema/exposure-limits';
import type { Exposure } from './exposure.ts';

/** What a token says. */
export interface Vouched extends Pick<Exposure, 'unit' | 'flag' | 'revision' | 'variation'> {
  /** Since 1970, in which it was served. */
  readonly minute: number;
}

export interface ExposureTokens {
  sign(vouched: Vouched): string;
  /** What it says; undefined where it is forged, broken, older than a day or from the future. */
  verify(token: string, now: number): Vouched | undefined;
}

const MAC_BYTES = 16;
const MINUTE_MS = 60_000;
const MAX_AGE_MINUTES = 24 * 60;
/** The edge's clock may be ahead by as much. */
const MINUTES_AHEAD = 2;

/** HMAC-SHA-256, halved, over the words as they stand in the token. `key`: 32 bytes, of the edge and ingest alone. */
export function createExposureTokens(key: Uint8Array): ExposureTokens {
  const keyed = hmac.create(sha256, key);
  const macOf = (words: string): Uint8Array =>
    keyed
      .clone()
      .update(utf8ToBytes(`exposure\0${words}`))
      .digest()
      .subarray(0, MAC_BYTES);
  return {
    sign({ unit, flag, revision, variation, minute }) {
      const words = encodeBase64url(utf8ToBytes(JSON.stringify([unit, flag, revision, variation, minute])));
      return `${words}.${encodeBase64url(macOf(words))}`;
    },
    verify(token, now) {
      if (token.length > MAX_EXPOSURE_TOKEN) return undefined;
      const [words = '', mac = '', more] = token.split('.');
      const [sent, bytes] = [decodeBase64url(mac), decodeBase64url(words)];
      if (more !== undefined || sent === undefined || bytes === undefined) return undefined;
      if (!isEqual(sent, macOf(words))) return undefined;
      // Ours: nobody else could have signed it.
      const [unit, flag, revision, variation, minute] = JSON.parse(new TextDecoder().decode(bytes)) as VouchedWords;
      const age = Math.floor(now / MINUTE_MS) - minute;
      return age > MAX_AGE_MINUTES || age < -MINUTES_AHEAD ? undefined : { unit, flag, revision, variation, minute };
    },
  };
}

type VouchedWords = readonly [unit: string, flag: string, revision: number, variation: string, minute: number];

/** In a time that does not depend on where they differ. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  let difference = 0;
  for (let at = 0; at < a.byteLength; at++) difference |= (a[at] as number) ^ (b[at] as number);
  return difference === 0;
}
