/** The reader's cryptography by WebCrypto: Workers, Node and browsers have it as a global, EdgeWorkers as a module. */
import { decodeBase64url, encodeBase64url } from '#core/base64url';
import type { RulesetCrypto } from './verify.ts';

/** As much of `SubtleCrypto` as is used: the pure layers compile without the DOM's types. */
export interface Subtle {
  digest(algorithm: 'SHA-256', data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  importKey(
    format: 'jwk',
    // biome-ignore lint/suspicious/noExplicitAny: JsonWebKey differs between the runtimes' own types
    key: any,
    algorithm: { name: 'ECDSA'; namedCurve: 'P-256' },
    extractable: boolean,
    usages: ['verify'],
  ): Promise<unknown>;
  verify(
    algorithm: { name: 'ECDSA'; hash: 'SHA-256' },
    // biome-ignore lint/suspicious/noExplicitAny: CryptoKey is a type of the DOM
    key: any,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

/** A public P-256 key (RFC 7517). One that is no longer in the list is withdrawn. */
export interface PublicJwk {
  readonly kid: string;
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** `bytesOf` gives the bytes of an ASCII text; its own way is a loop, for runtimes that have no encoder. */
export function createWebCrypto(
  subtle: Subtle,
  keys: readonly PublicJwk[],
  bytesOf: (ascii: string) => Uint8Array<ArrayBuffer> = asciiBytes,
): RulesetCrypto {
  /** Keys, not promises of them: at EdgeWorkers, what one event waits for may never come back once another has ended that asked for it. */
  const imported = new Map<string, unknown>();

  async function keyOf(kid: string): Promise<unknown> {
    const jwk = keys.find((one) => one.kid === kid);
    if (jwk === undefined) return undefined;
    if (imported.has(kid)) return imported.get(kid);
    const { kty, crv, x, y } = jwk;
    try {
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
      imported.set(kid, await subtle.importKey('jwk', { kty, crv, x, y }, algorithm, false, ['verify']));
    } catch (error) {
      // No point of the curve: nothing is signed by it, so nothing verifies. Any other failure may pass.
      if ((error as Error | undefined)?.name === 'DataError') imported.set(kid, undefined);
    }
    return imported.get(kid);
  }

  return {
    sha256: async (ascii) => encodeBase64url(new Uint8Array(await subtle.digest('SHA-256', bytesOf(ascii)))),
    async verifyEs256(kid, signature, ascii) {
      const key = await keyOf(kid);
      const bytes = decodeBase64url(signature);
      if (key === undefined || bytes === undefined) return false;
      return subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes, bytesOf(ascii));
    },
    decodeBase64url(encoded) {
      const bytes = decodeBase64url(encoded);
      return bytes && String.fromCharCode(...bytes);
    },
  };
}

/** One byte a character. */
export function asciiBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
