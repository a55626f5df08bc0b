import { beforeAll, describe, expect, it, vi } from 'vitest';
import { splitHeader } from '#ruleset/header';
import { type Position, positionOf } from '#ruleset/position';
import type { Ack } from '#schema/acks';
import type { Claims } from '#schema/claims';
import { createRecentDecisions } from '../../../workers/stream/recent-decisions.ts';
import { createRegionTeller } from '../../../workers/stream/region-teller.ts';
import { createRegionalRuleset } from '../../../workers/stream/regional-ruleset.ts';
import { cacheOf, createClock } from '../fixtures/caches.ts';
import { rawLines } from '../fixtures/lines.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../fixtures/signing.ts';
import { createChannel } from './fixtures/channel.ts';

const linesOf = (version: number): string => rawLines([{ k: 'a.flag', r: version, f: version % 2 }]);
const BEFORE_ALL = { version: 0, sha256: '', exp: 0 };

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

/** A region, and a home that has what it is given; without anything it cannot be reached. */
function setUp() {
  const clock = createClock();
  const cache = cacheOf(signer, { clock });
  const saved: string[] = [];
  const home = { text: undefined as string | undefined, isDark: false, asked: 0 };
  const parts = () => (home.text === undefined ? undefined : splitHeader(home.text));
  async function head(): Promise<(Position & { readonly header: string }) | undefined> {
    home.asked++;
    if (home.isDark) throw new Error('Network connection lost.');
    const found = parts();
    if (found === undefined) return undefined;
    const claims = JSON.parse(atob((found.header.split('.')[1] as string).replaceAll('-', '+').replaceAll('_', '/')));
    return { ...positionOf(claims as Claims), header: found.header };
  }
  const region = createRegionalRuleset({
    ...{ environment: ENVIRONMENT, region: 'eu', crypto: signer.crypto, cache, now: clock.now },
    home: { head, lines: async () => parts()?.lines },
    save: (text) => void saved.push(text),
    // Home answers, if only that it cannot be reached: a deadline of a machine's time would be one of its load.
    sleep: () => new Promise(() => {}),
  });
  const ask = (known = BEFORE_ALL) => region.revalidate({ known, decisions: [] });
  const claims = () => cache.current()?.claims as Claims;
  return { clock, home, saved, region, ask, claims };
}

const text = (version: number): Promise<string> => signer.sign(linesOf(version), { version });

describe('a region', () => {
  it('has what it is pushed at once, keeps it, and says so to whoever has less', async () => {
    const { region, saved, ask, claims, home } = setUp();
    const one = await text(1);
    expect(await region.push(one)).toMatchObject({ ok: true, value: { version: 1 } });
    expect(saved).toEqual([one]);
    expect(await ask()).toBe(one);
    expect(await ask(claims())).toBe('unchanged');
    expect(home.asked).toBe(0);
  });

  it('gives a later signature of the same version', async () => {
    const { region, ask, claims } = setUp();
    await region.push(await text(1));
    const earlier = { ...claims(), exp: claims().exp - 1 };
    expect(await ask(earlier)).toMatch(/^ey/);
  });

  it('R12, B09: never takes an older one, nor another of the same version', async () => {
    const { region, ask } = setUp();
    const seven = await text(7);
    await region.push(seven);
    expect(await region.push(await text(5))).toMatchObject({ ok: false, error: { code: 'older' } });
    const other = await signer.sign(linesOf(4), { version: 7 });
    expect(await region.push(other)).toMatchObject({ ok: false, error: { code: 'conflict' } });
    expect(await ask()).toBe(seven);
    expect(region.word()).toMatchObject({ version: 7, error: { code: 'conflict' } });
  });

  it('R6, B10: tells what is forged', async () => {
    const { region } = setUp();
    const forger = await createSigner();
    expect(await region.push(await forger.sign(linesOf(1)))).toMatchObject({ error: { code: 'bad-signature' } });
    expect(region.word()).toMatchObject({ version: 0, error: { code: 'bad-signature' } });
  });

  it('says unchanged to an isolate that is ahead of it', async () => {
    const { region, ask } = setUp();
    await region.push(await text(1));
    expect(await ask({ version: 2, sha256: 'two', exp: 1 })).toBe('unchanged');
  });

  it('asks home where it has heard nothing for five seconds, behind the answer', async () => {
    const { clock, home, region, ask, claims } = setUp();
    home.text = await text(1);
    await region.push(home.text);
    home.text = await text(2);
    clock.forward(5_001);
    expect(await ask(claims())).toBe('unchanged');
    await expect.poll(() => claims().version).toBe(2);
    expect(await ask()).toBe(home.text);
    expect(home.asked).toBe(1);
  });

  it('B17: speaks for nobody once it has not heard of home for fifteen, and heals', async () => {
    const { clock, home, region, ask, claims } = setUp();
    home.text = await text(1);
    await region.push(home.text);
    home.isDark = true;
    clock.forward(15_001);
    await expect(ask(claims())).rejects.toThrow('eu has not heard of home');
    expect(region.word()).toMatchObject({ version: 1, ageMs: 15_001 });
    home.isDark = false;
    home.text = await text(2);
    expect(await ask(claims())).toBe(home.text);
  });

  it('waits for home only so long', async () => {
    const { home, region, ask } = setUp();
    home.text = await text(1);
    const silent = new Promise<never>(() => {});
    const slow = createRegionalRuleset({
      ...{ environment: ENVIRONMENT, region: 'eu', crypto: signer.crypto, cache: cacheOf(signer), now: () => 0 },
      home: { head: () => silent, lines: () => silent },
      save: () => {},
      sleep: async () => {},
    });
    await expect(slow.revalidate({ known: BEFORE_ALL, decisions: [] })).rejects.toThrow('has not heard');
    expect(await ask()).toBe(home.text);
    expect(region.askedAt()).toBeGreaterThan(0);
  });

  it('serves what it kept once home has confirmed it', async () => {
    const { home, region, ask, claims } = setUp();
    home.text = await text(3);
    await region.restore(home.text);
    expect(claims().version).toBe(3);
    expect(await ask()).toBe(home.text);
    expect(home.asked).toBe(1);
  });

  it('has nothing where home has nothing', async () => {
    const { ask } = setUp();
    await expect(ask()).rejects.toThrow('has not heard');
  });
});

describe('regions', () => {
  it('are each told, whatever becomes of the others, and heard where anybody asks them', async () => {
    const told: string[] = [];
    const heard: Ack[] = [];
    const { region } = setUp();
    await region.push(await text(1));
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const tell = createRegionTeller({
      regions: ['eu', 'na', 'as'],
      regionOf: (name) => ({
        async push(given) {
          if (name === 'na') throw new Error('Network connection lost.');
          told.push(`${name} ${given}`);
          return name === 'eu' ? region.word() : undefined;
        },
      }),
      heard: (word) => void heard.push(word),
    });
    await tell('one');
    expect(told).toEqual(['eu one', 'as one']);
    expect(heard).toMatchObject([{ instance: 'pop-eu', kind: 'pop', version: 1 }]);
    expect(console.error).toHaveBeenCalledExactlyOnceWith('region na: Network connection lost.');
  });

  it('R2: are told of no edition before it is everybody’s', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    await channel.give(2, 'canary');
    await channel.give(2, 'region');
    expect(channel.published).toEqual([1]);
    await channel.give(2);
    expect(channel.published).toEqual([1, 2]);
  });
});

describe('recent decisions', () => {
  it('are those of five to ten seconds', () => {
    const clock = { now: 0 };
    const recent = createRecentDecisions(() => clock.now);
    recent.add([[2, 10]]);
    clock.now = 5_000;
    recent.add([
      [3, 1],
      [2, 4],
    ]);
    expect(recent.now()).toEqual({
      total: 15,
      byVersion: [
        [3, 1],
        [2, 14],
      ],
    });
    clock.now = 10_000;
    expect(recent.now()).toMatchObject({ total: 5 });
    clock.now = 30_000;
    expect(recent.now()).toEqual({ total: 0, byVersion: [] });
  });
});
