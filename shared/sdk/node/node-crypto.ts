/** The reader's cryptography by Node itself: nothing waits for a thread, and the digest of a whole ruleset takes no memory. */
import type { KeyObject } from 'node:crypto';
import { decodeBase64url } from '#core/base64url';
import type { RulesetCrypto } from '#ruleset/verify';
import type { PublicJwk } from '#ruleset/web-crypto';
import { createResumedDigest } from './resumed-digest.ts';

// Asked for: imported, it would load WebCrypto as well.
const { createPublicKey, verify } = process.getBuiltinModule('node:crypto');

/** `publicKeys`: those that rulesets may be signed with. */
export function createNodeCrypto(publicKeys: readonly PublicJwk[]): RulesetCrypto {
  const digestOf = createResumedDigest();
  const keys = new Map<string, KeyObject>();
  for (const { kid, kty, crv, x, y } of publicKeys) {
    const key = keyOf({ kty, crv, x, y });
    if (key !== undefined && !keys.has(kid)) keys.set(kid, key);
  }
  return {
    sha256: async (ascii) => digestOf([ascii]),
    sha256Of: async (pieces) => digestOf(pieces),
    async verifyEs256(kid, signature, ascii) {
      const key = keys.get(kid);
      const bytes = decodeBase64url(signature);
      if (key === undefined || bytes === undefined) return false;
      return verify('sha256', Buffer.from(ascii, 'latin1'), { key, dsaEncoding: 'ieee-p1363' }, bytes);
    },
    decodeBase64url(encoded) {
      const bytes = decodeBase64url(encoded);
      return bytes && Buffer.from(bytes).toString('latin1');
    },
  };
}

/** Undefined where it is no point of the curve: nothing is signed by it. */
function keyOf(jwk: Record<string, string>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}
