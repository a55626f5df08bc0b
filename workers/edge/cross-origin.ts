/** Cross-origin requests at the edge Worker: `#http/cross-origin` says what of them is allowed. */
import type { MiddlewareHandler } from 'hono';
import { createCrossOrigin } from '#http/cross-origin';

/** `isServerKey` tells, once the request was answered, whether it came with a key that no page should have. */
export function crossOrigin<Env extends object>(
  allowedOrigins: readonly string[],
  isServerKey: (c: Parameters<MiddlewareHandler<Env>>[0]) => boolean,
): MiddlewareHandler<Env> {
  const { preflight, answered } = createCrossOrigin(allowedOrigins);

  return async (c, next) => {
    const origin = c.req.raw.headers.get('origin');
    if (origin === null) return next();
    if (c.req.method === 'OPTIONS' && c.req.raw.headers.has('access-control-request-method')) {
      return new Response(null, { status: 204, headers: preflight(origin) });
    }
    await next();
    for (const [name, value] of Object.entries(answered(origin, isServerKey(c)))) c.res.headers.append(name, value);
  };
}
