import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Beacon, Exposure, Ledger } from '#exposure/exposure';
import { createPseudonymiser } from '#exposure/pseudonym';
import type { HeldExposure } from '#sdk/edge/beacons';
import { createEmitter, UNIT_KEY } from './fixtures/emitter.ts';
import { exposure } from './fixtures/ingest.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => {
  expect(vi.getTimerCount(), 'no timer is left behind').toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `flag-${at}`);
const many = (count: number): HeldExposure[] =>
  Array.from({ length: count }, (_, at) => exposure({ unitKey: `user-${at}@marketplace.example` }));

describe('a beacon', () => {
  it('goes to ingest with the key of the edge, and says who sends and when', async () => {
    const { ingest, expose } = createEmitter();
    await expose([exposure()]);
    await expose([exposure({ variation: 'control' })]);
    const [first, second] = ingest.posts;
    expect(first?.url).toBe('https://ingest/v1/exposures');
    expect(first?.headers.get('authorization')).toBe('Bearer ls_server_edge');
    expect(first?.headers.get('content-type')).toBe('application/json');
    expect(first?.beacon.emitter).toBe(second?.beacon.emitter);
    expect(first?.beacon.emitter).not.toBe('');
    expect((second?.beacon.sentAt ?? 0) - (first?.beacon.sentAt ?? 0)).toBeGreaterThanOrEqual(250);
  });

  it('tells pseudonyms, of the environment’s key, and never who it was', async () => {
    const { ingest, expose } = createEmitter();
    const keys = ['anna@marketplace.example', '4711', 'Zoë', 'user-\ud800', 'x'.repeat(2_000)];
    await expose(keys.flatMap((unitKey) => [exposure({ unitKey }), exposure({ unitKey, flag: 'checkout.guest' })]));
    const pseudonym = createPseudonymiser(UNIT_KEY);
    expect(ingest.taken.map(({ unit }) => unit)).toEqual(
      keys.flatMap((key) => [pseudonym('user', key), pseudonym('user', key)]),
    );
    const [post] = ingest.posts;
    for (const key of [...keys.map((one) => JSON.stringify(one).slice(1, -1)), 'unitKey']) {
      expect(post?.text).not.toContain(key);
      expect(post?.bytes.includes(key)).toBe(false);
    }
    expect(post?.beacon.events[0]).toEqual({
      ...exposure(),
      unitKey: undefined,
      unit: pseudonym('user', keys[0] ?? ''),
    });
  });

  it('is gzipped where that is worth it', async () => {
    const { ingest, expose } = createEmitter();
    await expose(many(1));
    await expose(many(200));
    const [small, large] = ingest.posts;
    expect([small?.headers.get('content-encoding'), large?.headers.get('content-encoding')]).toEqual([null, 'gzip']);
    expect(large?.bytes.length).toBeLessThan((large?.text.length ?? 0) / 4);
    expect(large?.beacon.events).toHaveLength(200);
  });

  it('is one for all that were exposed at about the same time', async () => {
    const { ingest, expose } = createEmitter();
    await expose(many(300));
    expect(ingest.posts).toHaveLength(1);
    expect(ingest.taken).toHaveLength(300);
  });
});

describe('B36: an event that ingest will never take', () => {
  const poison = exposure({ flag: 'poison' });

  it('is counted as dropped, and the others as sent', async () => {
    const isGood = ({ flag }: Exposure): boolean => flag !== 'poison';
    const { ingest, beacons, expose } = createEmitter(() => isGood);
    await expose([...many(9), poison, ...many(9)]);
    expect([ingest.posts.length, ingest.taken.length]).toEqual([1, 18]);
    expect(beacons.ledger()).toEqual({ evaluated: 19, exposed: 19, sent: 18, dropped: 1 });
  });

  it.each([400, 413])('is found by halving a beacon that is refused as a whole with %i', async (status) => {
    const { ingest, beacons, expose } = createEmitter(({ events }) =>
      events.some(({ flag }) => flag === 'poison') ? new Response(null, { status }) : 'takes',
    );
    await expose([...many(77), poison, ...many(50)]);
    expect(ingest.taken).toHaveLength(127);
    expect(ingest.posts.length).toBeLessThanOrEqual(1 + 2 * Math.log2(128));
    expect(beacons.ledger()).toEqual({ evaluated: 128, exposed: 128, sent: 127, dropped: 1 });
  });

  it('needs no halving where ingest has judged each event, though it took none', async () => {
    const { ingest, beacons, expose } = createEmitter(({ events }) =>
      Response.json({ status: 400, rejected: events.map((_, index) => ({ index, status: 400 })) }, { status: 400 }),
    );
    await expose(many(200));
    expect(ingest.posts).toHaveLength(1);
    expect(beacons.ledger()).toEqual({ evaluated: 200, exposed: 200, sent: 0, dropped: 200 });
  });

  it('beacons that are too large are halved until they are small enough, and nothing is dropped', async () => {
    const { ingest, beacons, expose } = createEmitter(({ events }) =>
      events.length > 30 ? new Response(null, { status: 413 }) : 'takes',
    );
    await expose(many(200));
    expect(new Set(ingest.taken.map(({ unit }) => unit)).size).toBe(200);
    expect(beacons.ledger()).toMatchObject({ sent: 200, dropped: 0 });
  });

  it('halves are tried again alone where ingest falls over between them', async () => {
    const { ingest, beacons, expose } = createEmitter((_, post) => {
      if (post === 0) return new Response(null, { status: 413 });
      return post === 2 ? new Response(null, { status: 503, headers: { 'retry-after': '2' } }) : 'takes';
    });
    await expose(many(100));
    expect(ingest.posts.map(({ beacon }) => beacon.events.length)).toEqual([100, 50, 50, 50]);
    expect(new Set(ingest.taken).size).toBe(100);
    expect(beacons.ledger()).toMatchObject({ sent: 100, dropped: 0 });
  });
});

describe('B35: an ingest that', () => {
  const problem = (status: number, headers = {}): Response => new Response('{"title":"no"}', { status, headers });

  it.each<[string, () => Response]>([
    ['is out of order', () => problem(500)],
    ['is overloaded', () => problem(503, { 'retry-after': '1' })],
    ['has had enough', () => problem(429, { 'retry-after': '3' })],
    ['does not know the key any more', () => problem(401)],
    ['is not there', () => problem(404)],
    [
      'cannot be reached',
      () => {
        throw new Error('connection lost');
      },
    ],
    ['says yes and nothing else', () => new Response(null, { status: 202 })],
    ['says yes with a page', () => new Response('<html>', { status: 200 })],
    ['says yes with something else', () => Response.json({ ok: true })],
  ])('%s is asked again, and what it takes then is counted once', async (_, bad) => {
    const { ingest, beacons, expose } = createEmitter((_beacon, post) => (post < 3 ? bad() : 'takes'));
    await expose(many(5));
    expect(ingest.taken.length).toBeGreaterThanOrEqual(5);
    expect(beacons.ledger()).toEqual({ evaluated: 5, exposed: 5, sent: 5, dropped: 0 });
  });

  it('is down for an hour has every exposure waiting for it', async () => {
    let isDown = true;
    const { ingest, beacons, expose } = createEmitter(() => (isDown ? problem(503, { 'retry-after': '20' }) : 'takes'));
    for (let minute = 0; minute < 60; minute++) {
      await expose([exposure({ unitKey: `user-${minute}` })]);
      await vi.advanceTimersByTimeAsync(60_000);
    }
    expect(beacons.ledger()).toEqual({ evaluated: 60, exposed: 60, sent: 0, dropped: 0 });
    isDown = false;
    await expose([exposure({ unitKey: 'user-60' })]);
    expect(new Set(ingest.taken.map(({ unit }) => unit)).size).toBe(61);
    expect(beacons.ledger()).toEqual({ evaluated: 61, exposed: 61, sent: 61, dropped: 0 });
  });
});

describe('I8: the ledger', () => {
  it('counts evaluations that exposed nobody, and travels with each beacon as it was before', async () => {
    const { ingest, beacons, expose } = createEmitter();
    beacons.evaluated(names(35));
    await expose(many(2));
    beacons.evaluated(names(1));
    await expose(many(1));
    expect(ingest.posts.map(({ beacon }) => beacon.ledger)).toMatchObject([
      { evaluated: 37, exposed: 2, sent: 0, dropped: 0 },
      { evaluated: 39, exposed: 3, sent: 2, dropped: 0 },
    ]);
    expect(beacons.ledger()).toEqual({ evaluated: 39, exposed: 3, sent: 3, dropped: 0 });
  });

  it('adds up in each beacon, and no counter goes back, whatever ingest answers', async () => {
    const answer = fc.constantFrom<number>(202, 202, 400, 413, 500, 503);
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { maxLength: 30 }), fc.integer({ min: 1, max: 12 }), async (script, count) => {
        const { ingest, beacons, expose } = createEmitter((_, post) => {
          const status = script[post] ?? 202;
          return status === 202 ? ({ unit }) => unit.charCodeAt(0) % 3 > 0 : new Response(null, { status });
        });
        await expose(many(count));
        const ledgers = [...ingest.posts.map(({ beacon }) => beacon.ledger as Ledger), beacons.ledger()];
        let before = { evaluated: 0, exposed: 0, sent: 0, dropped: 0 };
        for (const ledger of ledgers) {
          for (const name of ['evaluated', 'exposed', 'sent', 'dropped'] as const) {
            expect(ledger[name]).toBeGreaterThanOrEqual(before[name]);
          }
          expect(ledger.sent + ledger.dropped).toBeLessThanOrEqual(ledger.exposed);
          before = ledger;
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('I8: the ledger’s flags', () => {
  it('tell how often each was evaluated and exposed, with where the isolate is', async () => {
    const { ingest, beacons, expose } = createEmitter(undefined, { region: 'us-east' });
    const all = names(2);
    beacons.evaluated(all);
    beacons.evaluated(all);
    beacons.evaluated(['flag-1']);
    await expose([exposure({ flag: 'flag-1' }), exposure({ flag: 'flag-2' })]);
    expect(ingest.posts.map(({ beacon }) => [beacon.region, beacon.ledger?.flags])).toEqual([
      ['us-east', { 'flag-0': [2, 0], 'flag-1': [4, 1], 'flag-2': [1, 1] }],
    ]);
  });

  it('travel once in a while, and have grown by then', async () => {
    const { ingest, expose } = createEmitter();
    for (let second = 0; second < 12; second++) {
      await expose([exposure({ flag: 'flag-1' })]);
      await vi.advanceTimersByTimeAsync(750);
    }
    const told = ingest.posts.flatMap(({ beacon }) => beacon.ledger?.flags?.['flag-1']?.[1] ?? []);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.length).toBeGreaterThan(1);
    expect(told.length).toBeLessThan(12);
  });
});

describe('I8: the numbers of an isolate’s batches', () => {
  const numbersOf = ({ posts }: { readonly posts: readonly { readonly beacon: Beacon }[] }) =>
    posts.map(({ beacon }) => beacon.sequence);

  it('are 1, 2, 3 ..., and the halves of one share its number', async () => {
    const { ingest, expose } = createEmitter(({ events }) =>
      events.length > 2 ? new Response(null, { status: 413 }) : 'takes',
    );
    await expose(many(1));
    await expose(many(4));
    await expose(many(1));
    expect(numbersOf(ingest)).toEqual([1, 2, 2, 2, 3]);
  });

  it('leave no gap where one failed, or was of what ingest never takes: it is the next one’s', async () => {
    const { ingest, expose } = createEmitter(({ events }, post) => {
      if (events.some(({ flag }) => flag === 'poison')) return new Response(null, { status: 400 });
      return post === 0 ? new Response(null, { status: 503 }) : 'takes';
    });
    await expose(many(1));
    await expose([exposure({ flag: 'poison' })]);
    await expose(many(1));
    expect(numbersOf(ingest)).toEqual([1, 1, 2, 2]);
  });
});
