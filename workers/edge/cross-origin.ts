/** Cross-origin requests (fetch.spec.whatwg.org, "CORS protocol"): pages may ask with client keys, which are no secret. */
import type { MiddlewareHandler } from 'hono';

const ALLOWED = 'authorization, x-api-key, content-type, if-none-match';
const EXPOSED = 'etag, lockstep-version, retry-after, server-timing';
/** How long a browser may remember the answer to a preflight (seconds). */
const MAX_AGE = '7200';

/** `isServerKey` tells, once the request was answered, whether it came with a key that no page should have. */
export function crossOrigin<Env extends object>(
  allowedOrigins: readonly string[],
  isServerKey: (c: Parameters<MiddlewareHandler<Env>>[0]) => boolean,
): MiddlewareHandler<Env> {
  const isForAll = allowedOrigins.includes('*');

  return async (c, next) => {
    const origin = c.req.raw.headers.get('origin');
    if (origin === null) return next();
    const allowed = isForAll ? '*' : allowedOrigins.includes(origin) ? origin : undefined;
    if (c.req.method === 'OPTIONS' && c.req.raw.headers.has('access-control-request-method')) {
      return new Response(null, { status: 204, headers: preflightHeaders(allowed) });
    }
    await next();
    if (!isForAll) c.res.headers.append('vary', 'origin');
    if (allowed === undefined || isServerKey(c)) return;
    c.res.headers.set('access-control-allow-origin', allowed);
    c.res.headers.set('access-control-expose-headers', EXPOSED);
  };
}

const preflightHeaders = (allowed: string | undefined): Record<string, string> => ({
  vary: 'origin',
  ...(allowed !== undefined && {
    'access-control-allow-origin': allowed,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': ALLOWED,
    'access-control-max-age': MAX_AGE,
  }),
});
