/**
 * Bearer tokens: `ls_<organisation>.<name>.<secret>`. The organisation can be read from the text, so that no object is woken for a token
 * of none; what counts is the digest of all of it.
 */
import { encodeBase64url } from '#core/base64url';
import { digestOfText } from '#ruleset/write/digest';

export interface AccessToken {
  readonly organisation: string;
  /** Of a service token: its key. */
  readonly name: string;
  /** SHA-256 of the whole token, base64url: all that anybody keeps of it. */
  readonly sha256: string;
}

const SECRET_BYTES = 32;
/** RFC 6750, 2.1; the scheme in any case (RFC 9110, 11.1). */
const BEARER = /^Bearer +([!-~]{1,512}) *$/i;
const TOKEN = /^ls_([a-z0-9][a-z0-9-]{0,62})\.([A-Za-z0-9][\w.-]{0,255})\.([\w-]{43})$/;

/** Undefined where a request carries none of this form. Never from the query string: that ends in logs. */
export function accessToken(headers: Headers): AccessToken | undefined {
  const [, text = ''] = BEARER.exec(headers.get('authorization') ?? '') ?? [];
  const [, organisation, name] = TOKEN.exec(text) ?? [];
  if (organisation === undefined || name === undefined) return undefined;
  return { organisation, name, sha256: digestOfText(text) };
}

export interface NewToken {
  /** Shown once. */
  readonly text: string;
  readonly sha256: string;
}

export function newToken(organisation: string, name: string, randomBytes: (count: number) => Uint8Array): NewToken {
  const text = `ls_${organisation}.${name}.${encodeBase64url(randomBytes(SECRET_BYTES))}`;
  return { text, sha256: digestOfText(text) };
}
