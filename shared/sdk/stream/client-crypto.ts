/** The reader's cryptography where `crypto.subtle` and `TextEncoder` are globals: Node, Workers, browsers. */
import type { RulesetCrypto } from '#ruleset/verify';
import { createWebCrypto, type PublicJwk, type Subtle } from '#ruleset/web-crypto';

/** `publicKeys`: those that rulesets may be signed with. */
export function createClientCrypto(publicKeys: readonly PublicJwk[]): RulesetCrypto {
  const encoder = new TextEncoder();
  const bytesOf = (ascii: string): Uint8Array<ArrayBuffer> => encoder.encode(ascii) as Uint8Array<ArrayBuffer>;
  return createWebCrypto(crypto.subtle as Subtle, publicKeys, bytesOf);
}
