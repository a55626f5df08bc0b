/**
 * Example: a price decided at the POP. `GET /price?currency=EUR&base=120&taxes=31.5&bag=30&seat=12` answers with what this visitor is
 * shown, by the flags `pricing.fareBundlingV2`, `pricing.currencyRounding` and `pricing.taxDisplay`.
 */
import { Hono } from 'hono';
import { createKvReader } from '#edgekv/cloudflare/kv-reader';
import { problemResponse } from '#http/problem';
import { type LockstepEnv, lockstep } from '#sdk/edge/middleware';
import { visitorOf } from '../visitor.ts';
import { type Fare, showFare } from './fare.ts';

interface PriceBindings {
  readonly RULESETS: KVNamespace;
  readonly INGEST: Fetcher;
  readonly ENVIRONMENT: string;
}

const app = new Hono<LockstepEnv<PriceBindings>>();

app.use(
  lockstep<PriceBindings>({
    store: ({ RULESETS, ENVIRONMENT }) => createKvReader(RULESETS, ENVIRONMENT),
    context: (c) => ({
      targetingKey: visitorOf(c),
      currency: c.req.query('currency'),
      // The platform's word; a header of that name would be the visitor's.
      country: (c.req.raw.cf as { readonly country?: string } | undefined)?.country,
    }),
  }),
);

app.get('/price', (c) => {
  const fare = readFare((name) => c.req.query(name));
  if (fare === undefined) return problemResponse(BAD_FARE);
  const flags = c.get('flags');
  const tax = flags.value('pricing.taxDisplay', { includeTaxes: true }) as { readonly includeTaxes?: unknown };
  const shown = showFare(fare, {
    bundled: flags.value('pricing.fareBundlingV2', 'control') === 'v2',
    rounded: flags.value('pricing.currencyRounding', false),
    includeTaxes: tax.includeTaxes !== false,
  });
  return c.json(shown);
});

export default app;

function readFare(query: (name: string) => string | undefined): Fare | undefined {
  const currency = query('currency') ?? '';
  const [base, taxes, bag, seat] = ['base', 'taxes', 'bag', 'seat'].map((name) => Number(query(name) || Number.NaN));
  const fare = { currency, base, taxes, bag, seat } as Fare;
  const isSound = [base, taxes, bag, seat].every((amount) => amount !== undefined && amount >= 0 && amount < 1e7);
  return isSound && /^[A-Z]{3}$/.test(currency) ? fare : undefined;
}

const BAD_FARE = {
  status: 400,
  title: 'Bad Request',
  detail: 'send currency (three capital letters) and base, taxes, bag, seat (amounts from 0 to 10,000,000)',
};
