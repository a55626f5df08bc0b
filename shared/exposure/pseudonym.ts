/** Pseudonyms of units: what leaves an evaluator instead of a user's key. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { encodeBase64url } from '#core/base64url';

const PSEUDONYM_BYTES = 16;

/** A pseudonym is base64url, 22 characters. */
export const PSEUDONYM_LENGTH = 22;

/** The pseudonym of a unit of a kind. */
export type Pseudonymiser = (kind: string, unitKey: string) => string;

/**
 * HMAC-SHA-256 (RFC 2104) under the environment's key, halved: the same unit has the same pseudonym at every emitter of an
 * environment, and nobody without the key can tell who it is, or try names one by one.
 */
export function createPseudonymiser(key: Uint8Array): Pseudonymiser {
  // The key is hashed once; each unit goes on from there.
  const keyed = hmac.create(sha256, key);
  return (kind, unitKey) => {
    const digest = keyed
      .clone()
      .update(utf8ToBytes(`${kind}\0${unitKey}`))
      .digest();
    return encodeBase64url(digest.subarray(0, PSEUDONYM_BYTES));
  };
}
