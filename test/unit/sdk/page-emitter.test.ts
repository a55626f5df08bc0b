import { describe, expect, it } from 'vitest';
import type { Beacon } from '#exposure/exposure';
import type { Item, PageExposure } from '#sdk/browser/item';
import { createItemStash } from '#sdk/browser/item-stash';
import { createPageEmitter, type PageEmitter } from '#sdk/browser/page-emitter';
import { createTurnedClock, type TurnedClock } from './fixtures/turned-clock.ts';

/** What outlives pages. */
interface Origin {
  readonly clock: TurnedClock;
  readonly items: Map<string, Item>;
  readonly stashed: Map<string, string>;
  readonly posts: Beacon[];
  readonly beacons: Beacon[];
  answer(beacon: Beacon): Response | Promise<Response>;
  isQuotaFull: boolean;
  /** Bytes that the browser takes behind a page. */
  budget: number;
}

interface OpenPage {
  readonly emitter: PageEmitter;
  hide(): void;
}

const yes = (rejected: readonly object[] = []): Response => Response.json({ rejected }, { status: 202 });

const createOrigin = (): Origin => ({
  ...{ clock: createTurnedClock(), items: new Map(), stashed: new Map(), posts: [], beacons: [] },
  ...{ answer: () => yes(), isQuotaFull: false, budget: 64 * 1024 },
});

function openPage(origin: Origin): OpenPage {
  const { clock, items, stashed } = origin;
  let hide = (): void => {};
  const storage = new Proxy({} as Storage, {
    ownKeys: () => [...stashed.keys()],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get: (_, method) =>
      ({
        getItem: (name: string) => stashed.get(name) ?? null,
        setItem: (name: string, text: string) => void stashed.set(name, text),
        removeItem: (name: string) => void stashed.delete(name),
      })[method as string],
  });
  const emitter = createPageEmitter({
    url: '/exposures',
    store: {
      async add(added) {
        if (origin.isQuotaFull) throw new DOMException('full', 'QuotaExceededError');
        for (const item of added) items.set(item.id, item);
      },
      oldest: async (count) => [...items.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, count),
      remove: async (ids) => ids.forEach((id) => void items.delete(id)),
    },
    stash: createItemStash(() => storage),
    platform: {
      ...{ now: clock.now, after: clock.after, random: () => 0.5 },
      async fetch(_, { body }) {
        const beacon = JSON.parse(body as string) as Beacon;
        origin.posts.push(beacon);
        return origin.answer(beacon);
      },
      sendBeacon(_, body) {
        if (body.size > origin.budget) return false;
        origin.budget -= body.size;
        void body.text().then((text) => origin.beacons.push(JSON.parse(text) as Beacon));
        return true;
      },
      onHidden(run) {
        hide = run;
      },
    },
  });
  return { emitter, hide: () => hide() };
}

const seen = (unit: string, fields: Partial<PageExposure> = {}): PageExposure => ({
  ...{ flag: 'pricing.fareBundlingV2', revision: 7, variation: 'v2', reason: 'SPLIT', version: 9, time: 1 },
  ...{ unit, token: 'signed' },
  ...fields,
});

const tell = ({ emitter }: OpenPage, count: number, fields?: Partial<PageExposure>): void => {
  for (let at = 0; at < count; at++) emitter.exposed(seen(`unit-${at}`.padEnd(22, '-'), fields));
};

const unitsIn = (beacons: readonly Beacon[]): Set<string> =>
  new Set(beacons.flatMap(({ events }) => events.map(({ unit }) => unit)));

describe("a page's emitter", () => {
  it('keeps everything in the store until ingest has acknowledged it, and tells tokens and outcomes along', async () => {
    const origin = createOrigin();
    const page = openPage(origin);
    await origin.clock.forward(0);
    tell(page, 3);
    page.emitter.tracked({ name: 'booking', unit: 'unit-0', time: 2, source: 'client', token: 'signed' });
    await origin.clock.forward(999);
    expect([origin.items.size, origin.posts.length]).toEqual([4, 0]);
    await origin.clock.forward(1);
    expect(origin.posts).toHaveLength(1);
    expect(origin.posts[0]?.events[0]).toEqual(seen('unit-0'.padEnd(22, '-')));
    expect(origin.posts[0]?.outcomes).toMatchObject([{ name: 'booking', token: 'signed' }]);
    expect(origin.items.size).toBe(0);
    expect(page.emitter.counts()).toEqual({ told: 4, sent: 4, dropped: 0 });
    expect(origin.clock.running()).toBe(0);
  });

  it('B35: tries again with growing pauses, and not before it is asked to', async () => {
    const origin = createOrigin();
    let isDown = true;
    origin.answer = () => (isDown ? new Response(null, { status: 503, headers: { 'retry-after': '20' } }) : yes());
    const page = openPage(origin);
    tell(page, 1);
    await origin.clock.forward(600_000);
    expect(origin.posts.length).toBeLessThan(31);
    isDown = false;
    await origin.clock.forward(60_000);
    expect(page.emitter.counts()).toEqual({ told: 1, sent: 1, dropped: 0 });
  });

  it.each<[string, () => Response]>([
    ['a page', () => new Response('<html>')],
    ['another yes', () => Response.json({ ok: true })],
  ])('takes %s for no answer', async (_, answer) => {
    const origin = createOrigin();
    origin.answer = answer;
    const page = openPage(origin);
    tell(page, 1);
    await origin.clock.forward(10_000);
    expect(page.emitter.counts().sent).toBe(0);
    expect(origin.items.size).toBe(1);
  });

  it('B36: finds the one item that ingest will never take by halving, and counts it', async () => {
    const origin = createOrigin();
    origin.answer = ({ events }) =>
      events.some(({ flag }) => flag === 'poison') ? new Response(null, { status: 400 }) : yes();
    const page = openPage(origin);
    tell(page, 20);
    tell(page, 1, { flag: 'poison' });
    tell(page, 9, { flag: 'checkout.guest' });
    await origin.clock.forward(10_000);
    expect(page.emitter.counts()).toEqual({ told: 30, sent: 29, dropped: 1 });
    expect(origin.items.size).toBe(0);
  });

  it('counts what ingest refuses by itself', async () => {
    const origin = createOrigin();
    origin.answer = () => yes([{ index: 0, status: 400, detail: 'no' }]);
    const page = openPage(origin);
    tell(page, 3);
    await origin.clock.forward(1_000);
    expect(page.emitter.counts()).toEqual({ told: 3, sent: 2, dropped: 1 });
  });

  it('lets go of what another page has sent', async () => {
    const origin = createOrigin();
    origin.answer = () => new Response(null, { status: 503 });
    const page = openPage(origin);
    tell(page, 3);
    await origin.clock.forward(1_000);
    origin.items.clear();
    await origin.clock.forward(60_000);
    expect(origin.clock.running()).toBe(0);
  });
});

describe('a page that ends', () => {
  it('has the browser take its items in chunks, each once, as far as it takes any', async () => {
    const origin = createOrigin();
    origin.answer = () => new Promise(() => undefined);
    const page = openPage(origin);
    tell(page, 600);
    await origin.clock.forward(0);
    page.hide();
    page.hide();
    await origin.clock.forward(0);
    const told = origin.beacons.flatMap(({ events }) => events);
    expect(new Set(told).size).toBe(unitsIn(origin.beacons).size);
    expect(told.length).toBeGreaterThan(200);
    expect(told.length).toBeLessThan(600);
    for (const beacon of origin.beacons) expect(JSON.stringify(beacon).length).toBeLessThanOrEqual(16 * 1024);

    // The next one sends all of it: that the browser took it is no word of ingest's.
    origin.answer = () => yes();
    const next = openPage(origin);
    await origin.clock.forward(5_000);
    expect(unitsIn(origin.posts).size).toBe(600);
    expect(next.emitter.counts().sent).toBeGreaterThanOrEqual(600);
    expect(origin.items.size).toBe(0);
  });

  it('stashes what the store has not taken, and the next page sends that', async () => {
    const origin = createOrigin();
    origin.budget = 0;
    origin.isQuotaFull = true;
    const page = openPage(origin);
    tell(page, 50);
    await origin.clock.forward(0);
    tell(page, 50, { flag: 'checkout.guest' });
    page.hide();
    expect([origin.items.size, origin.stashed.size]).toEqual([0, 1]);
    const { posts } = origin;
    posts.length = 0;
    openPage(origin);
    await origin.clock.forward(5_000);
    expect(
      posts.flatMap(({ events }) => events.map(({ flag, unit }) => `${flag} ${unit}`)).length,
    ).toBeGreaterThanOrEqual(100);
    expect(origin.stashed.size).toBe(0);
  });

  it('passes over what others wrote into the stash', async () => {
    const origin = createOrigin();
    for (const [at, text] of ['', 'x', '{}', '[null, 1, {}, {"id":"a","of":"uses","what":{}}]'].entries()) {
      origin.stashed.set(`lockstep-exposures:${at}`, text);
    }
    origin.stashed.set('theirs', 'kept');
    openPage(origin);
    await origin.clock.forward(5_000);
    expect(origin.posts).toEqual([]);
    expect([...origin.stashed]).toEqual([['theirs', 'kept']]);
  });
});

it('a page that tells without end is bounded, and counts what it leaves out', async () => {
  const origin = createOrigin();
  origin.answer = () => new Response(null, { status: 503 });
  const page = openPage(origin);
  tell(page, 2_500);
  await origin.clock.forward(0);
  expect(page.emitter.counts()).toEqual({ told: 2_500, sent: 0, dropped: 500 });
});
