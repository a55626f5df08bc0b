import { beforeAll, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import type { RulesetCache } from '#ruleset/cache';
import { type Clock, cacheOf, createClock, verdictOf } from '../fixtures/caches.ts';
import { rawLines } from '../fixtures/lines.ts';
import { createSigner, NOW, type Signer } from '../fixtures/signing.ts';

const ON = rawLines([{ k: 'a.flag', r: 1, f: 1 }]);
const OFF = rawLines([{ k: 'a.flag', r: 1, f: 0 }]);
const DAY_MS = 86_400_000;

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

async function started(): Promise<{ readonly cache: RulesetCache; readonly clock: Clock }> {
  const clock = createClock();
  const cache = cacheOf(signer, { clock });
  await cache.offer(await signer.sign(ON));
  return { cache, clock };
}

const served = (cache: RulesetCache): unknown => {
  const reader = cache.current()?.reader;
  return reader === undefined ? undefined : evaluate(reader, 'a.flag', createContext({})).value;
};

it('is neither stale nor of any age before it has anything', () => {
  const cache = cacheOf(signer);
  expect(cache.current()).toBeUndefined();
  expect(cache.status()).toEqual({
    version: undefined,
    digest: undefined,
    ageMs: undefined,
    stale: false,
    expired: false,
    refusals: 0,
    lastRefusal: undefined,
    flapping: false,
  });
});

it('is stale once its source has been silent for longer than is allowed, and serves on', async () => {
  const { cache, clock } = await started();
  clock.forward(60_000);
  expect(cache.status()).toMatchObject({ ageMs: 60_000, stale: false });
  clock.forward(1);
  expect(cache.status()).toMatchObject({ ageMs: 60_001, stale: true, expired: false });
  expect(served(cache)).toBe(true);
});

it('is young again where the source confirms its version, not where it confirms another', async () => {
  const { cache, clock } = await started();
  clock.forward(50_000);
  cache.confirm(2);
  cache.confirm(0);
  expect(cache.status().ageMs).toBe(50_000);
  cache.confirm(1);
  expect(cache.status().ageMs).toBe(0);
});

it('is as old as the word that its source passes on, however late that comes', async () => {
  const { cache, clock } = await started();
  cache.confirm(1, 45_000);
  expect(cache.status()).toMatchObject({ ageMs: 45_000, stale: false });
  clock.forward(15_001);
  expect(cache.status()).toMatchObject({ ageMs: 60_001, stale: true });
});

it('is young again where the same comes once more, and stays old where something is refused', async () => {
  const { cache, clock } = await started();
  clock.forward(70_000);
  expect(verdictOf(await cache.offer(await signer.sign(OFF, { version: 1 })))).toBe('conflict');
  expect(cache.status()).toMatchObject({ ageMs: 70_000, stale: true });
  expect(verdictOf(await cache.offer(await signer.sign(ON)))).toBe('same');
  expect(cache.status()).toMatchObject({ ageMs: 0, stale: false });
});

it('B11: past its expiry it is STALE, however young, and serves on without end', async () => {
  const { cache, clock } = await started();
  clock.forward(DAY_MS - 1);
  cache.confirm(1);
  expect(cache.status()).toMatchObject({ expired: false, stale: false });
  clock.forward(1);
  cache.confirm(1);
  expect(cache.status()).toMatchObject({ expired: true, stale: true, ageMs: 0 });
  clock.forward(3_650 * DAY_MS);
  expect(served(cache)).toBe(true);
});

it('B11: a ruleset that has expired already is taken, and is STALE', async () => {
  const cache = cacheOf(signer);
  expect(verdictOf(await cache.offer(await signer.sign(ON, { exp: NOW - 1 })))).toBe('newer');
  expect(cache.status()).toMatchObject({ expired: true, stale: true });
  expect(served(cache)).toBe(true);
  expect(verdictOf(await cache.offer(await signer.sign(OFF, { version: 2 })))).toBe('newer');
  expect(cache.status()).toMatchObject({ expired: false, stale: false });
});

it('B11: signing again before expiry keeps version, digest and what was decoded', async () => {
  const { cache } = await started();
  const before = cache.status();
  const reader = cache.current()?.reader;
  expect(verdictOf(await cache.offer(await signer.sign(ON, { exp: NOW + 999_999 })))).toBe('same');
  expect(cache.status()).toMatchObject({ version: before.version, digest: before.digest });
  expect(cache.current()?.reader).toBe(reader);
});

it('a clock that goes back makes nothing stale and breaks nothing', async () => {
  const { cache, clock } = await started();
  clock.forward(-2 * DAY_MS);
  expect(cache.status()).toMatchObject({ stale: false, expired: false });
  expect(verdictOf(await cache.offer(await signer.sign(OFF, { version: 2 })))).toBe('newer');
  expect(served(cache)).toBe(false);
});
