import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawEntry } from '../unit/fixtures/lines.ts';
import { type Example, startExample, type Visited, visitorIn } from './fixtures/example.ts';
import { until } from './fixtures/poll.ts';

const TEXTS = [
  ['control', 'control', 'aaaaaaaa'],
  ['v2', 'v2', 'bbbbbbbb'],
];
/** Bundles for that share of visitors, in buckets of 100,000. */
const bundling = (to: number): RawEntry => ({
  k: 'pricing.fareBundlingV2',
  r: 1,
  n: 1,
  s: 'x7Kq2mPd',
  v: TEXTS,
  i: [[1, ['qa-fares-1']]],
  f: to === 0 ? 0 : to === 100_000 ? 1 : [0, [1, to, 0, 100_000]],
});
const ROUNDING: RawEntry = {
  k: 'pricing.currencyRounding',
  r: 1,
  n: 1,
  u: [['no-cents', [['in', 'currency', ['JPY']]], 1]],
  f: 0,
};
const TAXES: RawEntry = {
  k: 'pricing.taxDisplay',
  r: 1,
  n: 1,
  v: [
    ['gross', { includeTaxes: true }, 'cccccccc'],
    ['net', { includeTaxes: false }, 'dddddddd'],
  ],
  f: 0,
};
const FARE = '/price?currency=EUR&base=120&taxes=31.505&bag=30&seat=12';
const BUNDLED = [{ label: 'Flight, bag and seat', amount: 193.51 }];

let shop: Example;
beforeAll(async () => {
  shop = await startExample('example-price');
});
afterAll(() => shop.stop());

const inForce = (...entries: RawEntry[]): Promise<void> => shop.publish(entries);

const linesOf = (visited: Visited): unknown[] => (visited.json() as { lines: unknown[] }).lines;

describe('the price Worker', () => {
  it('R17: shows the code’s own price before it has any ruleset', async () => {
    const { status, headers, json } = await shop.visit(FARE);
    expect([status, headers.get('lockstep-version')]).toEqual([200, '0']);
    expect(json()).toEqual({
      currency: 'EUR',
      total: 193.51,
      lines: [
        { label: 'Flight, taxes included', amount: 151.51 },
        { label: 'Bag', amount: 30 },
        { label: 'Seat', amount: 12 },
      ],
    });
  });

  it('follows the flags as they change', async () => {
    await inForce(bundling(0), ROUNDING, TAXES);
    expect(linesOf(await shop.visit(FARE))).toHaveLength(3);
    await inForce(bundling(100_000), ROUNDING, { ...TAXES, f: 1 });
    expect((await shop.visit(FARE)).json()).toEqual({
      currency: 'EUR',
      total: 162,
      lines: [{ label: 'Flight, bag and seat', amount: 162 }],
    });
    const yen = await shop.visit('/price?currency=JPY&base=12000.4&taxes=3000&bag=0&seat=0.2');
    expect(yen.json()).toMatchObject({ currency: 'JPY', total: 12_001 });
    await inForce(bundling(100_000), ROUNDING, TAXES);
    expect(linesOf(await shop.visit(FARE))).toEqual(BUNDLED);
  });

  it('gives a visitor the same price at every visit, and visitors their own', async () => {
    await inForce(bundling(50_000), ROUNDING, TAXES);
    const seen = new Set<string>();
    for (let visitor = 0; visitor < 24; visitor++) {
      const first = await shop.visit(FARE);
      const cookie = visitorIn(first) as string;
      expect(cookie).toMatch(/^visitor=[0-9a-f-]{36}$/);
      for (let visit = 0; visit < 3; visit++) {
        const again = await shop.visit(FARE, { headers: { cookie: `other=1; ${cookie}` } });
        expect([again.text, visitorIn(again)]).toEqual([first.text, undefined]);
      }
      seen.add(first.text);
    }
    expect(seen.size).toBe(2);
  });

  it('B23: takes no name of a visitor’s own choice, such as one that a flag targets', async () => {
    await inForce(bundling(0), ROUNDING, TAXES);
    for (const name of ['qa-fares-1', '', '../x', 'x'.repeat(5_000), '%00']) {
      const visited = await shop.visit(`${FARE}&visitor=qa-fares-1`, { headers: { cookie: `visitor=${name}` } });
      expect([name, linesOf(visited).length]).toEqual([name, 3]);
      expect(visitorIn(visited)).toMatch(/^visitor=[0-9a-f-]{36}$/);
    }
  });

  it('keeps its answers out of caches that others share', async () => {
    for (const target of [FARE, '/price', '/no/such/route']) {
      expect((await shop.visit(target)).headers.get('cache-control')).toBe('private, no-cache');
    }
  });

  it.each([
    '/price',
    '/price?currency=eur&base=1&taxes=1&bag=1&seat=1',
    '/price?currency=EUR&base=-1&taxes=1&bag=1&seat=1',
    '/price?currency=EUR&base=1e9&taxes=1&bag=1&seat=1',
    '/price?currency=EUR&base=Infinity&taxes=1&bag=1&seat=1',
    '/price?currency=EUR&base=x&taxes=1&bag=1&seat=1',
    '/price?currency=EUR&base=&taxes=1&bag=1&seat=1',
    `/price?currency=EUR&base=${'9'.repeat(5_000)}&taxes=1&bag=1&seat=1`,
  ])('says what is wrong with %s', async (target) => {
    const { status, headers, json } = await shop.visit(target);
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    expect(json()).toMatchObject({ status: 400, detail: expect.stringContaining('currency') });
  });
});

describe('I8: the exposures of its visitors', () => {
  const visitAll = async (count: number): Promise<string[]> => {
    const visits = await Promise.all(Array.from({ length: count }, () => shop.visit(FARE)));
    expect(visits.map(({ status }) => status)).toEqual(new Array(count).fill(200));
    return visits.map((visited) => (visitorIn(visited) as string).slice('visitor='.length));
  };
  const units = (): Set<string> => new Set(shop.exposures().map(({ unit }) => unit));

  it('arrive at ingest, many requests in one beacon, and nobody’s name with them', async () => {
    await inForce(bundling(50_000), ROUNDING, TAXES);
    const [before, beaconsBefore] = [units().size, shop.beacons.length];
    const visitors = await visitAll(60);
    await until('all of them are counted', () => units().size >= before + 60);
    expect(shop.beacons.length - beaconsBefore).toBeLessThan(60);
    const sent = JSON.stringify(shop.beacons);
    expect(visitors.filter((visitor) => sent.includes(visitor))).toEqual([]);
    const [last] = shop.exposures().slice(-1);
    expect(last).toMatchObject({ region: 'us-east', cloud: 'cloudflare', unit: expect.stringMatching(/^[\w-]{22}$/) });
  });

  it('B35: wait for an ingest that is out of order, and none is lost', async () => {
    const before = units().size;
    shop.answer(503);
    const visitors = await visitAll(40);
    await until('some of them were sent in vain', () => shop.refusals() > 0);
    shop.answer('takes');
    await until('all of them are counted', () => units().size >= before + visitors.length, 30_000);
    const flags = shop.exposures().map(({ flag }) => flag);
    for (const { k } of [bundling(0), ROUNDING, TAXES]) {
      expect(flags.filter((flag) => flag === k).length).toBe(units().size);
    }
  });
});
