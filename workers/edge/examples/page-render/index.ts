/**
 * Example: a Worker in front of an origin. The origin's page is cached once for each variation that it depends on; the visitor's
 * decisions are put into it on the way out, for the page's own code.
 */
import { Hono } from 'hono/tiny';
import { createKvReader } from '#edgekv/cloudflare/kv-reader';
import { problemResponse } from '#http/problem';
import { type LockstepEnv, lockstep } from '#sdk/edge/middleware';
import { pageExposures } from '#sdk/edge/page-exposures';
import { visitorOf } from '../visitor.ts';

interface PageBindings {
  readonly RULESETS: KVNamespace;
  readonly INGEST: Fetcher;
  readonly ENVIRONMENT: string;
  /** `https://www.example.com` */
  readonly ORIGIN: string;
}

/** The header by which the origin is told what to render. */
const TOLD = 'lockstep-variations';
/** What the origin renders differently. */
const RENDERED_BY = ['pricing.fareBundlingV2', 'checkout.newAddressForm'];

const app = new Hono<LockstepEnv<PageBindings>>();

/** Pages alone depend on flags: images, scripts and what forms send go through as they are, and expose nobody. */
const isPage = (request: Request): boolean =>
  ['GET', 'HEAD'].includes(request.method) && (request.headers.get('accept') ?? '').includes('text/html');

/** Where the code of pages tells what it shows (docs/exposures.md). */
app.all('/lockstep/exposures', pageExposures<PageBindings>());
app.use(async (c, next) => (isPage(c.req.raw) ? next() : fromOrigin(c.req.raw, c.env.ORIGIN)));
app.use(
  lockstep<PageBindings>({
    store: ({ RULESETS, ENVIRONMENT }) => createKvReader(RULESETS, ENVIRONMENT),
    context: (c) => ({ targetingKey: visitorOf(c) }),
    inject: true,
  }),
);

app.all('*', (c) => {
  const flags = c.get('flags');
  const variations = RENDERED_BY.map((key) => [key, flags.decision(key).variation]);
  return fromOrigin(c.req.raw, c.env.ORIGIN, {
    told: JSON.stringify(Object.fromEntries(variations)),
    cachedBy: flags.variationKey(...RENDERED_BY),
  });
});

export default app;

/** What a page depends on: what the origin is told, and what its copies in the cache are told apart by (Enterprise zones alone). */
interface Dependence {
  readonly told: string;
  readonly cachedBy: string;
}

async function fromOrigin(request: Request, origin: string, on?: Dependence): Promise<Response> {
  const url = atOrigin(new URL(request.url), origin);
  const headers = new Headers(request.headers);
  // The header is this Worker's to write: what a visitor sends under its name goes no further.
  headers.delete(TOLD);
  if (on !== undefined) headers.set(TOLD, on.told);
  const { method, body } = request;
  try {
    return await fetch(url, {
      method,
      headers,
      body,
      redirect: 'manual',
      ...(on && { cf: { cacheKey: `${url}#${on.cachedBy}` } }),
    });
  } catch {
    const detail = 'the origin cannot be reached';
    return problemResponse({ status: 502, title: 'Bad Gateway', detail }, { 'cache-control': 'no-store' });
  }
}

/** Path and query alone are the visitor's: not even `//elsewhere.example/` leads anywhere else. */
function atOrigin({ pathname, search }: URL, origin: string): URL {
  const url = new URL(origin);
  url.pathname = pathname;
  url.search = search;
  return url;
}
