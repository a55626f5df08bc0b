/** Writes a ruleset: joins the lines, digests and signs them. For the publisher and the CLI; readers do not import this. */

import type { CryptoKey, JWK } from 'jose';
import { encodeBase64url } from '#core/base64url';
import { NOT_ASCII } from '#ruleset/verify';
import { asciiBytes } from '#ruleset/web-crypto';
import type { Claims } from '#schema/claims';
import { RULESET_FORMAT } from '#schema/limits';

/** As much of WebCrypto as signs. */
export interface SigningSubtle {
  digest(algorithm: 'SHA-256', data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  importKey(
    format: 'jwk',
    // biome-ignore lint/suspicious/noExplicitAny: JsonWebKey differs between the runtimes' own types
    key: any,
    algorithm: { name: 'ECDSA'; namedCurve: 'P-256' },
    extractable: boolean,
    usages: ['sign'],
  ): Promise<unknown>;
  sign(
    algorithm: { name: 'ECDSA'; hash: 'SHA-256' },
    // biome-ignore lint/suspicious/noExplicitAny: CryptoKey is a type of the DOM
    key: any,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<ArrayBuffer>;
}

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey | JWK;
  /** What signs with it. */
  readonly subtle: SigningSubtle;
}

export interface Issue {
  readonly env: string;
  readonly version: number;
  /** Seconds since 1970. */
  readonly iat: number;
  /** Seconds since 1970; readers go on serving afterwards, and say that they are STALE. */
  readonly exp: number;
  readonly emptied?: true;
  readonly takeover?: number;
}

/** The text of a ruleset: header line and `lines`, which end with a line feed each. */
export async function signRuleset(lines: string, issue: Issue, key: SigningKey): Promise<string> {
  if (NOT_ASCII.test(lines)) throw new TypeError('lines are not ASCII');
  // By the platform: for megabytes of lines it takes a tenth of the time.
  const digest = await key.subtle.digest('SHA-256', new TextEncoder().encode(lines) as Uint8Array<ArrayBuffer>);
  const sha256 = encodeBase64url(new Uint8Array(digest));
  const claims: Claims = { format: RULESET_FORMAT, hash: 1, ...issue, sha256 };
  const header = await signedHeader(JSON.stringify(claims), key);
  return `${header}\n${lines}`;
}

/**
 * A JWS in its compact form (RFC 7515, 7.1) by ES256 (RFC 7518, 3.4), whose signature WebCrypto gives as JWS has it. It is one
 * algorithm in one form: a library for all of them would be a tenth of the publisher.
 */
async function signedHeader(claims: string, { kid, privateKey, subtle }: SigningKey): Promise<string> {
  const encoder = new TextEncoder();
  const parts = [JSON.stringify({ alg: 'ES256', kid }), claims];
  const signed = parts.map((part) => encodeBase64url(encoder.encode(part))).join('.');
  const key = 'kty' in privateKey ? await imported(privateKey, subtle) : privateKey;
  const signature = await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, asciiBytes(signed));
  return `${signed}.${encodeBase64url(new Uint8Array(signature))}`;
}

const imported = ({ kty, crv, x, y, d }: JWK, subtle: SigningSubtle): Promise<unknown> =>
  subtle.importKey('jwk', { kty, crv, x, y, d }, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
