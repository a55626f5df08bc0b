/** The header line of a ruleset: a compact JWS (RFC 7515) whose claims are checked by hand, as `shared/schema/claims.ts` says. */
import { BUCKET_ALGORITHM } from '#core/bucket';
import type { Claims } from '#schema/claims';
import { EPOCH, MAX_HEADER, MAX_NAME, RULESET_FORMAT } from '#schema/limits';
import { type Fields, integer, parsedFields, refuse, text } from './expect.ts';
import type { RulesetCrypto } from './verify.ts';

export interface Header {
  readonly kid: string;
  readonly claims: Claims;
  /** What the signature is over: `protected.payload`. */
  readonly signed: string;
  /** base64url of r and s. */
  readonly signature: string;
}

/** Splits a ruleset into its header line and the lines behind it. Throws `Refusal`. */
export function splitHeader(ruleset: string): { readonly header: string; readonly lines: string } {
  const end = ruleset.slice(0, MAX_HEADER + 1).indexOf('\n');
  if (end < 0) return refuse('header', ruleset.slice(0, 60));
  return { header: ruleset.slice(0, end), lines: ruleset.slice(end + 1) };
}

/** Throws `Refusal`. Nothing in the result is trusted before the signature is verified. */
export function parseHeader(header: string, { decodeBase64url }: RulesetCrypto): Header {
  const [head = '', payload = '', signature = '', ...more] = header.split('.');
  if (more.length > 0 || header.length > MAX_HEADER) refuse('header', header);
  const { alg, crit, kid } = parsedFields(decodeBase64url(head), 'header');
  if (alg !== 'ES256') refuse('alg', alg);
  if (crit !== undefined) refuse('crit', crit);
  const claims = checkClaims(parsedFields(decodeBase64url(payload), 'header'));
  return { kid: text(kid, 'kid', MAX_NAME), claims, signed: `${head}.${payload}`, signature };
}

function checkClaims(fields: Fields): Claims {
  const { format, hash, env, sha256, emptied, takeover } = fields;
  integer(format, 'format', RULESET_FORMAT, RULESET_FORMAT);
  integer(hash, 'hash', BUCKET_ALGORITHM, BUCKET_ALGORITHM);
  text(env, 'env', MAX_NAME);
  integer(fields['version'], 'version', 1, Number.MAX_SAFE_INTEGER);
  for (const name of ['iat', 'exp']) integer(fields[name], name, 0, Number.MAX_SAFE_INTEGER);
  text(sha256, 'sha256', 43, /^[\w-]{43}$/);
  if (emptied !== undefined && emptied !== true) refuse('emptied', emptied);
  if (takeover !== undefined) integer(takeover, 'takeover', 1, EPOCH);
  return fields as Claims;
}
