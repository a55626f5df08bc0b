/**
 * What is wrong with an entry of `edgekv_tokens.js`, as far as it tells: a reference tells nothing, a value is a JWT. Its claims: `exp`, and
 * one `namespace-<name>` for each that it is for, with its permissions. Source: akamai/cli-edgeworkers, "list tokens".
 */
import { parseObject } from '../edgeworkers/edgekv/parse-object.ts';

/** Undefined where nothing is. `now` in milliseconds since 1970. */
export function tokenFault(token: unknown, namespace: string, now: number): string | undefined {
  const { value, reference } = (token ?? {}) as Readonly<Record<string, unknown>>;
  if (isText(reference)) return undefined;
  if (!isText(value)) return `none for the namespace of the settings, ${namespace}`;
  const claims = claimsOf(value);
  if (claims === undefined) return `its value for namespace ${namespace} is no JWT`;
  const { exp } = claims;
  if (typeof exp === 'number' && exp * 1_000 <= now) return `expired at ${textOf(exp)}`;
  const permissions = Object.entries(claims).filter(([name]) => name.startsWith(PREFIX));
  const own = permissions.find(([name]) => name === PREFIX + namespace)?.[1];
  if (permissions.length === 0 || (Array.isArray(own) && own.includes('r'))) return undefined;
  return `lets nobody read namespace ${namespace}: ${permissions.map(([name, may]) => `${name}=${may}`).join(' ')}`;
}

/** A text of a stranger's may have an end that no date has. */
const textOf = (seconds: number): string =>
  Math.abs(seconds) <= 8.64e12 ? new Date(seconds * 1_000).toISOString() : String(seconds);

const PREFIX = 'namespace-';

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function claimsOf(jwt: string): Readonly<Record<string, unknown>> | undefined {
  const [, claims, signature] = jwt.split('.');
  return claims === undefined || signature === undefined
    ? undefined
    : parseObject(Buffer.from(claims, 'base64url').toString());
}
