/**
 * Whether a ruleset's text is what it claims to be: signed by a key that the reader trusts, for this environment, and unchanged.
 * Whether it may replace the one in force is decided by `succession.ts`.
 */
import type { Claims } from '#schema/claims';
import { MAX_RULESET } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import { Refusal } from './expect.ts';
import { parseHeader, splitHeader } from './header.ts';
import { type RulesetReader, readLines } from './reader.ts';

/** What the reader needs of its platform; `web-crypto.ts` provides it where `crypto.subtle` is. */
export interface RulesetCrypto {
  /** SHA-256 of an ASCII text, base64url. */
  sha256(ascii: string): Promise<string>;
  /** The same of one in pieces, for platforms that need not put them together. */
  sha256Of?(pieces: readonly string[]): Promise<string>;
  /** Whether `signature` (base64url of r and s) over an ASCII text is by that key. False also where the key is unknown or withdrawn. */
  verifyEs256(kid: string, signature: string, ascii: string): Promise<boolean>;
  /** The text, a character a byte, that base64url stands for; undefined where it is none. */
  decodeBase64url(encoded: string): string | undefined;
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
  /** What it came as, where that was the difference to what was in force before: others who have that can be told the same. */
  readonly delta?: BasedDelta;
}

/** A delta as text, and the digest of the lines that it is on. */
export interface BasedDelta {
  readonly base: string;
  readonly text: string;
}

export const refusal = (code: RefusalCode, message: string): { readonly ok: false; readonly error: RulesetRefusal } =>
  refused({ code, message });

/** Checks size, header, signature, environment, digest, and the form and order of the lines. */
export async function verifyRuleset(
  ruleset: string,
  environment: string,
  crypto: RulesetCrypto,
): Promise<Result<VerifiedRuleset, RulesetRefusal>> {
  if (ruleset.length > MAX_RULESET) return refusal('too-large', `${ruleset.length} long`);
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
  const parsed = checked('malformed', () => parseHeader(header, crypto));
  if (!parsed.ok) return parsed;
  const { claims, kid, signed, signature } = parsed.value;
  if (!(await crypto.verifyEs256(kid, signature, signed))) {
    return refusal('bad-signature', `no trusted key ${kid}`);
  }
  if (claims.env !== environment) {
    return refusal('wrong-environment', `${claims.env}, not ${environment}`);
  }
  if (NOT_ASCII.test(lines) || (await crypto.sha256(lines)) !== claims.sha256) {
    return refusal('wrong-digest', 'not the signed lines');
  }
  const reader = checked('bad-lines', () => readLines(lines, claims.version));
  return reader.ok ? ok({ claims, kid, header, reader: reader.value }) : reader;
}

/** Whether a text is what a ruleset was read from. A truncated one has the header of the whole, too. */
export const isTextOf = (text: string, { header, reader }: VerifiedRuleset): boolean =>
  text.length === header.length + 1 + reader.lines.length &&
  text.startsWith(`${header}\n`) &&
  text.endsWith(reader.lines);

/** The border of the decoder: what it throws as a `Refusal` is a value from here on. */
export function checked<T>(code: RefusalCode, read: () => T): Result<T, RulesetRefusal> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof Refusal) return refusal(code, error.message);
    throw error;
  }
}

/** Anything but printable ASCII and line feeds. */
export const NOT_ASCII = /[^\n -~]/;
