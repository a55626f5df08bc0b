/** The header line of a ruleset: a compact JWS (RFC 7515) whose claims are checked by hand, as `shared/schema/claims.ts` says. */
import { BUCKET_ALGORITHM } from '#core/bucket';
import type { Claims } from '#schema/claims';
import { EPOCH, MAX_HEADER, MAX_NAME, RULESET_FORMAT } from '#schema/limits';
import { decodeBase64url } from './base64url.ts';
import { type Fields, fieldsOf, integer, refuse, text } from './expect.ts';

export interface Header {
  readonly kid: string;
  readonly claims: Claims;
  /** What the signature is over: `protected.payload`, ASCII. */
  readonly signed: string;
  /** r and s, 64 bytes. */
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** Splits a ruleset into its header line and the lines behind it. Throws `Refusal`. */
export function splitHeader(ruleset: string): { readonly header: string; readonly lines: string } {
  const end = ruleset.slice(0, MAX_HEADER + 1).indexOf('\n');
  if (end < 0) return refuse('header', ruleset.slice(0, 40));
  return { header: ruleset.slice(0, end), lines: ruleset.slice(end + 1) };
}

/** Throws `Refusal`. Nothing in the result is trusted before the signature is verified. */
export function parseHeader(header: string): Header {
  const [head, payload, signature, ...more] = header.split('.');
  if (head === undefined || payload === undefined || signature === undefined || more.length > 0) {
    return refuse('header', header.slice(0, 40));
  }
  const bytes = decodeBase64url(signature);
  if (bytes?.length !== 64) return refuse('signature', signature);
  const fields = json(head, 'protected header');
  if (fields['alg'] !== 'ES256') refuse('alg', fields['alg']);
  if (fields['crit'] !== undefined) refuse('crit', fields['crit']);
  const kid = text(fields['kid'], 'kid', MAX_NAME);
  return { kid, claims: checkClaims(json(payload, 'claims')), signed: `${head}.${payload}`, signature: bytes };
}

function json(part: string, what: string): Fields {
  const bytes = decodeBase64url(part) ?? refuse(what, part);
  try {
    // Claims are ASCII; other bytes would come out as other characters, and nothing here reads those.
    return fieldsOf(JSON.parse(String.fromCharCode(...bytes)));
  } catch {
    return refuse(what, part);
  }
}

function checkClaims(fields: Fields): Claims {
  const { format, hash, env, version, iat, exp, sha256, emptied, takeover } = fields;
  integer(format, 'format', RULESET_FORMAT, RULESET_FORMAT);
  integer(hash, 'hash', BUCKET_ALGORITHM, BUCKET_ALGORITHM);
  text(env, 'env', MAX_NAME);
  integer(version, 'version', 1, Number.MAX_SAFE_INTEGER);
  integer(iat, 'iat', 0, Number.MAX_SAFE_INTEGER);
  integer(exp, 'exp', 0, Number.MAX_SAFE_INTEGER);
  text(sha256, 'sha256', 43, /^[\w-]{43}$/);
  if (emptied !== undefined && emptied !== true) refuse('emptied', emptied);
  if (takeover !== undefined) integer(takeover, 'takeover', 1, Math.floor(Number.MAX_SAFE_INTEGER / EPOCH));
  return fields as Claims;
}
