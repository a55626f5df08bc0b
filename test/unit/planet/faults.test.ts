import { describe, expect, it } from 'vitest';
import { parseFaultOrder } from '../../../scripts/planet/fault-order.ts';
import { createFaults } from '../../../scripts/planet/faults.ts';
import { LINK_NAMES, linksOf, PROCESS_NAMES } from '../../../scripts/planet/layout.ts';
import { createLink } from '../../../scripts/planet/link.ts';
import { FAILURE_HEADER } from '../../../scripts/planet/wire.ts';

const LINK = 'edge-dub/kv';

/** A clock, a source of chance and a far end that a test moves by hand. */
function setUp() {
  const world = { now: 0, chances: [] as number[], slept: [] as number[], reached: 0 };
  const faults = createFaults(() => world.now);
  const link = createLink(
    LINK,
    async () => {
      world.reached++;
      return new Response('the far end');
    },
    {
      faults,
      random: () => world.chances.shift() ?? 0.5,
      sleep: async (milliseconds) => void world.slept.push(milliseconds),
    },
  );
  const pass = async (): Promise<string> => {
    const response = await link.pass(new Request('http://kv/'));
    return response.headers.get(FAILURE_HEADER) ?? response.text();
  };
  return { world, faults, link, pass };
}

describe('a link', () => {
  it('is whole at first', async () => {
    const { pass, link } = setUp();
    expect(await pass()).toBe('the far end');
    expect(link.counts()).toEqual({ calls: 1, failed: 0 });
  });

  it('fails at once where it is cut, and the far end hears nothing', async () => {
    const { faults, pass, link, world } = setUp();
    faults.set([LINK], { fault: 'cut' });
    expect(await pass()).toBe('cut');
    expect([world.reached, link.counts()]).toEqual([0, { calls: 1, failed: 1 }]);
    faults.heal([LINK]);
    expect(await pass()).toBe('the far end');
  });

  it('takes as long as its delay says, a fifth more or less', async () => {
    const { faults, pass, world } = setUp();
    faults.set([LINK], { fault: 'delay', ms: 1_000 });
    for (const chance of [0, 0.5, 0.999_999]) {
      world.chances = [chance];
      await pass();
    }
    expect(world.slept.map(Math.round)).toEqual([800, 1_000, 1_200]);
  });

  it('fails the call that is under way when it is cut', async () => {
    const { faults } = setUp();
    const link = createLink(LINK, async () => new Response('the far end'), {
      faults,
      random: () => 0,
      sleep: async () => faults.set([LINK], { fault: 'cut' }),
    });
    faults.set([LINK], { fault: 'delay', ms: 1 });
    const response = await link.pass(new Request('http://kv/'));
    expect(response.headers.get(FAILURE_HEADER)).toBe('cut');
  });

  it('drops a share of the calls: half of them before, half after the far end has done its work', async () => {
    const { faults, pass, world } = setUp();
    faults.set([LINK], { fault: 'drop', share: 0.3 });
    world.chances = [0.3];
    expect([await pass(), world.reached]).toEqual(['the far end', 1]);
    world.chances = [0.29, 0.49];
    expect([await pass(), world.reached]).toEqual(['dropped', 1]);
    world.chances = [0.29, 0.5];
    expect([await pass(), world.reached]).toEqual(['dropped', 2]);
  });

  it('says that the far end is unreachable where it is', async () => {
    const { faults } = setUp();
    const link = createLink(LINK, () => Promise.reject(new Error('ECONNREFUSED')), {
      faults,
      random: () => 0.5,
      sleep: async () => {},
    });
    const response = await link.pass(new Request('http://kv/'));
    expect([response.headers.get(FAILURE_HEADER), link.counts().failed]).toEqual(['unreachable', 1]);
  });
});

describe('faults', () => {
  it('end by themselves where they have an end', () => {
    const { faults, world } = setUp();
    faults.set([LINK], { fault: 'cut', until: 100 });
    world.now = 99;
    expect(faults.of(LINK)).toHaveLength(1);
    world.now = 100;
    expect(faults.of(LINK)).toEqual([]);
  });

  it('are one of a kind on a link, and of several kinds beside one another', () => {
    const { faults } = setUp();
    faults.set(LINK_NAMES, { fault: 'delay', ms: 1 });
    faults.set([LINK], { fault: 'delay', ms: 2 });
    faults.set([LINK], { fault: 'drop', share: 0.5 });
    expect(faults.of(LINK)).toEqual([
      { fault: 'delay', ms: 2 },
      { fault: 'drop', share: 0.5 },
    ]);
    faults.heal([LINK]);
    expect([faults.of(LINK), faults.of('publisher/kv')]).toEqual([[], [{ fault: 'delay', ms: 1 }]]);
  });
});

describe('an order', () => {
  it('to a process is one to all of its links, and no link belongs to nobody', () => {
    expect(linksOf('kv')).toEqual([
      'edge-iad/kv',
      'edge-dub/kv',
      'edge-sin/kv',
      'ingest/kv',
      'stream/kv',
      'publisher/kv',
    ]);
    expect(linksOf('edge-dub')).toEqual(['edge-dub/stream', 'edge-dub/kv', 'edge-dub/ingest']);
    const networks = ['publisher/edgekv-staging', 'publisher/edgekv-production'];
    expect(linksOf('edgekv')).toEqual(['edge-ams/edgekv', 'edge-nrt/edgekv', ...networks]);
    expect(linksOf('publisher')).toEqual(['control/publisher', 'publisher/stream', 'publisher/kv', ...networks]);
    expect(linksOf('control')).toEqual(['control/publisher', 'control/ingest']);
    expect(new Set(PROCESS_NAMES.flatMap(linksOf))).toEqual(new Set(LINK_NAMES));
    expect(linksOf('planet')).toEqual([]);
  });

  it.each([
    { link: 'kv', fault: 'cut' },
    { link: 'edge-dub/kv', fault: 'delay', ms: 60_000 },
    { link: 'edge-dub', fault: 'lag', ms: 90_000, forMs: 1_000 },
    { link: 'edge-nrt/edgekv', fault: 'lag', ms: 90_000 },
    { link: 'publisher/edgekv-staging', fault: 'cut' },
    { link: 'edgekv', fault: 'kill' },
    { link: 'ingest', fault: 'drop', share: 1 },
    { link: 'ingest', fault: 'restart', forMs: 5_000 },
    { link: 'ingest', fault: 'kill' },
    { link: 'publisher', fault: 'heal' },
  ])('is taken: $link $fault', (order) => {
    expect(parseFaultOrder(order)).toEqual({ ok: true, value: order });
  });

  it.each([
    null,
    7,
    [],
    { link: 'kv' },
    { link: 7, fault: 'cut' },
    { link: 'kv', fault: 'kill', forMs: 5 },
    { link: 'kv', fault: 'delay', ms: 60_001 },
    { link: 'kv', fault: 'delay', ms: Number.NaN },
    { link: 'publisher', fault: 'lag', ms: 5 },
    { link: 'publisher/edgekv-production', fault: 'lag', ms: 5 },
    { link: 'publisher/edgekv-staging', fault: 'restart' },
    { link: 'publisher/kv', fault: 'kill' },
    { link: 'toString', fault: 'restart' },
  ])('is refused in words: %j', (order) => {
    expect(parseFaultOrder(order)).toEqual({ ok: false, error: expect.stringMatching(/\w/) });
  });
});
