/**
 * Example: a Worker in front of an origin. The origin's page is cached once for each variation that it depends on; the visitor's
 * decisions are put into it on the way out, for the page's own code.
 */
import { Hono } from 'hono';
import { createKvReader } from '#edgekv/cloudflare/kv-reader';
import { problemResponse } from '#http/problem';
import { type LockstepEnv, lockstep } from '#sdk/edge/middleware';
import { visitorOf } from '../visitor.ts';

interface PageBindings {
  readonly RULESETS: KVNamespace;
  readonly INGEST: Fetcher;
  readonly ENVIRONMENT: string;
  /** `https://www.example.com` */
  readonly ORIGIN: string;
}

/** What the origin renders differently; it is told by a header. */
const RENDERED_BY = ['pricing.fareBundlingV2', 'checkout.newAddressForm'];

const app = new Hono<LockstepEnv<PageBindings>>();

app.use(
  lockstep<PageBindings>({
    store: ({ RULESETS, ENVIRONMENT }) => createKvReader(RULESETS, ENVIRONMENT),
    context: (c) => ({ targetingKey: visitorOf(c) }),
    inject: true,
  }),
);

app.all('*', async (c) => {
  const flags = c.get('flags');
  const url = atOrigin(new URL(c.req.url), c.env.ORIGIN);
  const headers = new Headers(c.req.raw.headers);
  // The header is this Worker's to write: what a visitor sends under its name goes no further.
  const variations = RENDERED_BY.map((key) => [key, flags.decision(key).variation]);
  headers.set('lockstep-variations', JSON.stringify(Object.fromEntries(variations)));
  try {
    return await fetch(url, {
      method: c.req.method,
      headers,
      body: c.req.raw.body,
      redirect: 'manual',
      cf: { cacheKey: `${url}#${flags.variationKey(...RENDERED_BY)}` },
    });
  } catch {
    return problemResponse({ status: 502, title: 'Bad Gateway', detail: 'the origin cannot be reached' });
  }
});

export default app;

/** Path and query alone are the visitor's: not even `//elsewhere.example/` leads anywhere else. */
function atOrigin({ pathname, search }: URL, origin: string): URL {
  const url = new URL(origin);
  url.pathname = pathname;
  url.search = search;
  return url;
}
