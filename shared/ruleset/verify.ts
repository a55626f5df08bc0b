/**
 * Whether a ruleset's text is what it claims to be: signed by a key that the reader trusts, for this environment, and unchanged.
 * Whether it may replace the one in force is decided by `succession.ts`.
 */
import type { Claims } from '#schema/claims';
import { MAX_RULESET } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import { decodeBase64url } from './base64url.ts';
import { Refusal } from './expect.ts';
import { parseHeader, splitHeader } from './header.ts';
import { type RulesetReader, readLines } from './reader.ts';

/** What the reader needs of WebCrypto; `shared/ruleset/web-crypto.ts` provides it where `crypto.subtle` is. */
export interface RulesetCrypto {
  sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /** False also where the key is unknown or withdrawn. */
  verifyEs256(kid: string, signature: Uint8Array<ArrayBuffer>, signed: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

export type RefusalCode =
  | 'too-large'
  | 'malformed'
  | 'bad-signature'
  | 'wrong-environment'
  | 'wrong-digest'
  | 'bad-lines'
  | 'bad-entries'
  | 'wrong-base'
  | 'older'
  | 'conflict'
  | 'version-jump'
  | 'unsigned-takeover'
  | 'unannounced-empty';

export interface RulesetRefusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export interface VerifiedRuleset {
  readonly claims: Claims;
  readonly kid: string;
  /** The header line, without its line feed. */
  readonly header: string;
  readonly reader: RulesetReader;
}

export const refusal = (code: RefusalCode, message: string): { readonly ok: false; readonly error: RulesetRefusal } =>
  refused({ code, message });

/** Checks size, header, signature, environment, digest, and the form and order of the lines. */
export async function verifyRuleset(
  ruleset: string,
  environment: string,
  crypto: RulesetCrypto,
): Promise<Result<VerifiedRuleset, RulesetRefusal>> {
  if (ruleset.length > MAX_RULESET) return refusal('too-large', `${ruleset.length} characters, at most ${MAX_RULESET}`);
  const parts = checked('malformed', () => splitHeader(ruleset));
  return parts.ok ? verifyParts(parts.value.header, parts.value.lines, environment, crypto) : parts;
}

/** The same for a header line and the lines that it is about, as a delta brings them together. */
export async function verifyParts(
  header: string,
  lines: string,
  environment: string,
  crypto: RulesetCrypto,
): Promise<Result<VerifiedRuleset, RulesetRefusal>> {
  const parsed = checked('malformed', () => parseHeader(header));
  if (!parsed.ok) return parsed;
  const { claims, kid, signed, signature } = parsed.value;
  const signedBytes = asciiBytes(signed);
  if (signedBytes === undefined || !(await crypto.verifyEs256(kid, signature, signedBytes))) {
    return refusal('bad-signature', `not signed by a trusted key (kid ${JSON.stringify(kid)})`);
  }
  if (claims.env !== environment) {
    return refusal('wrong-environment', `for ${JSON.stringify(claims.env)}, this is ${JSON.stringify(environment)}`);
  }
  const bytes = asciiBytes(lines);
  const digest = bytes === undefined ? bytes : await crypto.sha256(bytes);
  const signedDigest = decodeBase64url(claims.sha256);
  if (digest === undefined || !signedDigest?.every((byte, at) => byte === digest[at])) {
    return refusal('wrong-digest', 'the lines are not those that were signed');
  }
  const reader = checked('bad-lines', () => readLines(lines, claims.version));
  return reader.ok ? ok({ claims, kid, header, reader: reader.value }) : reader;
}

/** The border of the decoder: what it throws as a `Refusal` is a value from here on. */
export function checked<T>(code: RefusalCode, read: () => T): Result<T, RulesetRefusal> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof Refusal) return refusal(code, error.message);
    throw error;
  }
}

/** One byte a character; undefined where one is outside printable ASCII and no line feed. */
export function asciiBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if ((unit < 0x20 && unit !== 0x0a) || unit > 0x7e) return undefined;
    bytes[at] = unit;
  }
  return bytes;
}
