import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Beacon, Exposure } from '#exposure/exposure';
import { createPseudonymiser } from '#exposure/pseudonym';
import { createBeacons } from '#sdk/edge/beacons';
import type { IngestService } from '#sdk/edge/post-beacon';
import { rawLines } from '../unit/fixtures/lines.ts';
import { createSigner, type Signer } from '../unit/fixtures/signing.ts';
import { BULK, bodyOf, CLIENT_KEY, createEdge, createStore, type Edge, STALE_MS } from './fixtures/edge.ts';

const UNIT_KEY = new Uint8Array(32).fill(7);
const LINES = rawLines([
  {
    k: 'a.split',
    r: 3,
    s: 'salt-1',
    n: 1,
    u: [['gold', [['in', 'plan', ['gold']]], 0]],
    f: [0, [1, 50_000, 0, 100_000]],
  },
  { k: 'a.static', r: 5, n: 1, f: 1 },
  { k: 'b.disabled', r: 5, e: 0, f: 1 },
  { k: 'b.broken', r: 5, o: 0, d: 0, u: [['a', [['segment', ['no-such']]], 1]], f: 1 },
  { k: 'b.nothing', r: 5, v: 'no variations', f: 1 },
]);

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

interface Pop extends Edge {
  readonly beacons: readonly Beacon[];
  readonly exposures: () => readonly Exposure[];
}

/** A POP in front of an ingest that answers so; it takes everything where nothing is said. */
async function serving(answer?: IngestService['fetch'], vars: object = {}, text?: string): Promise<Pop> {
  const beacons: Beacon[] = [];
  const service: IngestService = {
    async fetch(url, init) {
      if (answer !== undefined) return answer(url, init);
      beacons.push(JSON.parse(init.body as string) as Beacon);
      return Response.json({ accepted: 1, quarantined: 0, rejected: [] }, { status: 202 });
    },
  };
  const store = createStore(text ?? (await signer.sign(LINES, { version: 7 })));
  const emitter = createBeacons({ service, ingestKey: 'ls_server_edge', unitKey: UNIT_KEY });
  const edge = await createEdge(signer, store, vars, emitter);
  return { ...edge, beacons, exposures: () => beacons.flatMap(({ events }) => events) };
}

const one = (pop: Edge, key: string, context?: object, asking = {}) =>
  pop.ask(`${BULK}/${key}`, { ...bodyOf(context), ...asking });

describe('I8: an evaluation of one flag', () => {
  it('is an exposure of whoever asked, under a pseudonym', async () => {
    const pop = await serving();
    const { json } = await one(pop, 'a.split', { targetingKey: 'anna@marketplace.example' });
    await pop.settle();
    const time = expect.any(Number);
    const unit = createPseudonymiser(UNIT_KEY)('user', 'anna@marketplace.example');
    const { variant } = json as { variant: string };
    const place = { region: 'us-east', cloud: 'cloudflare' };
    expect(pop.exposures()).toEqual([
      { flag: 'a.split', revision: 3, variation: variant, unit, reason: 'SPLIT', version: 7, ...place, time },
    ]);
    expect(JSON.stringify(pop.beacons)).not.toMatch(/anna|marketplace/);
  });

  it('tells the rule that decided, and the POP', async () => {
    const pop = await serving();
    await one(pop, 'a.split', { targetingKey: 42, plan: 'gold' }, { cf: { colo: 'SIN' } });
    await pop.settle();
    expect(pop.exposures()).toMatchObject([{ reason: 'TARGETING_MATCH', rule: 'gold', variation: 'off', pop: 'sin' }]);
    expect(pop.exposures()[0]?.unit).toBe(createPseudonymiser(UNIT_KEY)('user', '42'));
  });

  it('by a page is one too, and one that is stale has its fresh reason', async () => {
    const pop = await serving();
    await one(pop, 'a.static', undefined, { key: CLIENT_KEY });
    pop.store.fault = 'rejects';
    pop.clock.forward(STALE_MS + 1);
    expect((await one(pop, 'a.static')).json).toMatchObject({ reason: 'STALE' });
    await pop.settle();
    expect(pop.exposures().map(({ reason, variation }) => [reason, variation])).toEqual([
      ['STATIC', 'on'],
      ['STATIC', 'on'],
    ]);
  });

  it.each<[string, string, object]>([
    ['of nobody', 'a.split', {}],
    ['of an empty key', 'a.split', { targetingKey: '' }],
    ['of a key that is no key', 'a.static', { targetingKey: { id: 1 } }],
    ['of a key that is too long', 'a.static', { targetingKey: 'x'.repeat(2_049) }],
    ['of a flag with nothing to serve', 'b.disabled', { targetingKey: 'user-1' }],
    ['of a flag that cannot be evaluated', 'b.nothing', { targetingKey: 'user-1' }],
  ])('%s is counted, and exposes nobody', async (_, key, context) => {
    const pop = await serving();
    await one(pop, key, context);
    await pop.settle();
    expect(pop.beacons).toEqual([]);
    expect((await pop.status()).exposures).toEqual({ evaluated: 1, exposed: 0, sent: 0, dropped: 0 });
  });

  it('of an offline default that is served for an error exposes nobody', async () => {
    const pop = await serving();
    const { json } = await one(pop, 'b.broken');
    expect(json).toMatchObject({ variant: 'off', metadata: { errorCode: 'PARSE_ERROR' } });
    await pop.settle();
    expect((await pop.status()).exposures).toMatchObject({ evaluated: 1, exposed: 0 });
  });

  it('of a flag that there is not, or of a request that is none, is no evaluation', async () => {
    const pop = await serving();
    await one(pop, 'no.such');
    await one(pop, 'b.disabled', undefined, { key: CLIENT_KEY });
    await one(pop, 'a.static', undefined, { body: '{' });
    await pop.settle();
    expect((await pop.status()).exposures).toEqual({ evaluated: 0, exposed: 0, sent: 0, dropped: 0 });
  });

  it('of what is served before any ruleset exposes nobody', async () => {
    const OFFLINE_DEFAULTS = JSON.stringify({ 'a.static': { variation: 'on', value: true, visibility: 'client' } });
    const pop = await serving(undefined, { OFFLINE_DEFAULTS }, 'garbage');
    expect((await one(pop, 'a.static')).json).toMatchObject({ variant: 'on', reason: 'DEFAULT' });
    await pop.ask(BULK, bodyOf());
    await pop.settle();
    expect((await pop.status()).exposures).toEqual({ evaluated: 2, exposed: 0, sent: 0, dropped: 0 });
  });
});

describe('an evaluation of all flags', () => {
  it('is counted flag by flag, and exposes nobody: the client knows which of them anybody sees', async () => {
    const pop = await serving();
    const all = await pop.ask(BULK, bodyOf());
    const ofClient = await pop.ask(BULK, { ...bodyOf(), key: CLIENT_KEY });
    const count = [all, ofClient].reduce((sum, { json }) => sum + (json['flags'] as unknown[]).length, 0);
    await pop.settle();
    expect([count, pop.beacons]).toEqual([7, []]);
    expect((await pop.status()).exposures).toEqual({ evaluated: 7, exposed: 0, sent: 0, dropped: 0 });
  });

  it('that was answered already is none', async () => {
    const pop = await serving();
    const etag = (await pop.ask(BULK, bodyOf())).headers.get('etag') as string;
    await pop.ask(BULK, { ...bodyOf(), headers: { 'if-none-match': etag } });
    expect((await pop.status()).exposures).toMatchObject({ evaluated: 5 });
  });
});

describe('R19, R20, B35: with an ingest that', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each<[string, () => Promise<Response>]>([
    ['cannot be reached', () => Promise.reject(new Error('connection lost'))],
    ['never answers', () => new Promise(() => {})],
    ['is out of order', async () => new Response('no', { status: 500 })],
    ['has had enough', async () => new Response('no', { status: 429, headers: { 'retry-after': '60' } })],
    ['does not know the key', async () => new Response('no', { status: 401 })],
    ['finds fault with everything', async () => new Response('no', { status: 400 })],
    ['talks nonsense', async () => new Response('<html>', { status: 202 })],
  ])('%s every answer is what it is without', async (_, answer) => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    const [pop, sound] = [await serving(answer), await serving()];
    for (let user = 0; user < 30; user++) {
      const context = { targetingKey: `user-${user}` };
      const [asked, wanted] = [await one(pop, 'a.split', context), await one(sound, 'a.split', context)];
      expect([asked.status, asked.text]).toEqual([wanted.status, wanted.text]);
    }
    expect(await pop.status()).toMatchObject({ version: 7, stale: false, exposures: { evaluated: 30, exposed: 30 } });
    expect([pop.store.reads, fetched.mock.calls]).toEqual([1, []]);
  });

  it('comes back, what it missed is sent with the next beacon', async () => {
    let isDown = true;
    const taken: Exposure[] = [];
    const pop = await serving(async (_, { body }) => {
      if (isDown) return new Response('no', { status: 503, headers: { 'retry-after': '60' } });
      taken.push(...(JSON.parse(body as string) as Beacon).events);
      return Response.json({ accepted: 1, quarantined: 0, rejected: [] }, { status: 202 });
    });
    await one(pop, 'a.split');
    await pop.settle();
    isDown = false;
    await one(pop, 'a.static');
    await pop.settle();
    expect(taken.map(({ flag }) => flag)).toEqual(['a.split', 'a.static']);
    expect((await pop.status()).exposures).toEqual({ evaluated: 2, exposed: 2, sent: 2, dropped: 0 });
  });
});
