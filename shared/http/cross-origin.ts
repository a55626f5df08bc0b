/** Cross-origin requests (fetch.spec.whatwg.org, "CORS protocol"): pages may ask with client keys, which are no secret. */

const ALLOWED = 'authorization, x-api-key, content-type, if-none-match';
const EXPOSED = 'etag, lockstep-version, retry-after, server-timing';
/** How long a browser may remember the answer to a preflight (seconds). */
const MAX_AGE = '7200';

export interface CrossOrigin {
  /** Headers of the answer to a preflight. */
  preflight(origin: string): Readonly<Record<string, string>>;
  /** Headers that an answer has beside its own. `isServerKey` tells whether it was asked for with a key that no page should have. */
  answered(origin: string, isServerKey: boolean): Readonly<Record<string, string>>;
}

/** `*` among the origins stands for any. */
export function createCrossOrigin(allowedOrigins: readonly string[]): CrossOrigin {
  const isForAll = allowedOrigins.includes('*');
  const allowedOf = (origin: string): string | undefined =>
    isForAll ? '*' : allowedOrigins.includes(origin) ? origin : undefined;
  return {
    preflight: (origin) => preflightHeaders(allowedOf(origin)),
    answered(origin, isServerKey) {
      const allowed = allowedOf(origin);
      return {
        ...(!isForAll && { vary: 'origin' }),
        ...(allowed !== undefined &&
          !isServerKey && { 'access-control-allow-origin': allowed, 'access-control-expose-headers': EXPOSED }),
      };
    },
  };
}

const preflightHeaders = (allowed: string | undefined): Readonly<Record<string, string>> => ({
  vary: 'origin',
  ...(allowed !== undefined && {
    'access-control-allow-origin': allowed,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': ALLOWED,
    'access-control-max-age': MAX_AGE,
  }),
});
