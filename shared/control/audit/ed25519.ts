/** Signing and verifying notes by WebCrypto's Ed25519 (RFC 8032), which Workers and Node both have. */
import { decodeBase64url } from '#core/base64url';
import { type NoteKey, noteKey } from './note-key.ts';
import type { NoteSigner, NoteVerifier } from './signed-note.ts';

/** As much of `SubtleCrypto` as is used: the pure layers compile without the DOM's types. */
export interface Ed25519Subtle {
  importKey(
    format: 'jwk',
    // biome-ignore lint/suspicious/noExplicitAny: JsonWebKey differs between the runtimes' own types
    key: any,
    algorithm: 'Ed25519',
    extractable: boolean,
    usages: ['sign'],
  ): Promise<unknown>;
  importKey(
    format: 'raw',
    key: Uint8Array<ArrayBuffer>,
    algorithm: 'Ed25519',
    extractable: boolean,
    usages: ['verify'],
  ): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: CryptoKey is a type of the DOM
  sign(algorithm: 'Ed25519', key: any, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  verify(
    algorithm: 'Ed25519',
    // biome-ignore lint/suspicious/noExplicitAny: CryptoKey is a type of the DOM
    key: any,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

/** A private Ed25519 key (RFC 8037). */
export interface Ed25519Jwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly d: string;
}

export function ed25519Signer(subtle: Ed25519Subtle, name: string, { kty, crv, x, d }: Ed25519Jwk): NoteSigner {
  const key = noteKey(name, decodeBase64url(x) ?? new Uint8Array());
  let imported: Promise<unknown> | undefined;
  return {
    key,
    async sign(text) {
      imported ??= subtle.importKey('jwk', { kty, crv, x, d }, 'Ed25519', false, ['sign']);
      return new Uint8Array(await subtle.sign('Ed25519', await imported, text));
    },
  };
}

export function ed25519Verifier(subtle: Ed25519Subtle, key: NoteKey): NoteVerifier {
  let imported: Promise<unknown> | undefined;
  return {
    key,
    async verify(text, signature) {
      // No point of the curve: nothing is signed by it, so nothing verifies.
      imported ??= subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify']).catch(() => undefined);
      const found = await imported;
      return found !== undefined && subtle.verify('Ed25519', found, signature, text);
    },
  };
}
