/** Writes a ruleset: joins the lines, digests and signs them. For the publisher and the CLI; readers do not import this. */

import { CompactSign, type CryptoKey, type JWK } from 'jose';
import { NOT_ASCII } from '#ruleset/verify';
import type { Claims } from '#schema/claims';
import { RULESET_FORMAT } from '#schema/limits';
import { digestOfText } from './digest.ts';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey | JWK;
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
  const claims: Claims = { format: RULESET_FORMAT, hash: 1, ...issue, sha256: digestOfText(lines) };
  const header = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', kid: key.kid })
    .sign(key.privateKey);
  return `${header}\n${lines}`;
}
