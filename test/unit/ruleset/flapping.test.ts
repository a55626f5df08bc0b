import { beforeAll, expect, it } from 'vitest';
import type { RulesetCache } from '#ruleset/cache';
import { cacheOf, createClock, verdictOf } from '../fixtures/caches.ts';
import { rawLines } from '../fixtures/lines.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';

const good = (version: number): string => rawLines([{ k: 'a.flag', r: version, f: version % 2 }]);
const BAD = rawLines([{ k: 'a.flag', r: 1, f: 9 }]);

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

async function offer(cache: RulesetCache, version: number, isGood: boolean): Promise<string> {
  return verdictOf(await cache.offer(await signer.sign(isGood ? good(version) : BAD, { version })));
}

it('R6: of good, bad, good, bad the newest good one serves, and the turns are told', async () => {
  const cache = cacheOf(signer);
  expect([await offer(cache, 1, true), await offer(cache, 2, false)]).toEqual(['newer', 'bad-entries']);
  expect(cache.status().flapping).toBe(false);
  expect([await offer(cache, 3, true), await offer(cache, 4, false)]).toEqual(['newer', 'bad-entries']);
  expect(cache.status()).toMatchObject({ version: 3, refusals: 2, flapping: true });
  expect(cache.current()?.reader.lines).toBe(good(3));
});

it('R6: a good one after a bad one of the same version is taken: what was refused was never in force', async () => {
  const cache = cacheOf(signer);
  await offer(cache, 1, true);
  expect(await offer(cache, 2, false)).toBe('bad-entries');
  expect(await offer(cache, 2, true)).toBe('newer');
});

it('R6: one bad one after another is no flapping', async () => {
  const cache = cacheOf(signer);
  await offer(cache, 1, true);
  for (const version of [2, 3, 4, 5, 6]) await offer(cache, version, false);
  expect(cache.status()).toMatchObject({ version: 1, refusals: 5, flapping: false });
});

it('R6: an older one that comes late is no turn', async () => {
  const cache = cacheOf(signer);
  for (const version of [5, 4, 6, 3, 7, 2, 8]) await offer(cache, version, true);
  expect(cache.status()).toMatchObject({ version: 8, refusals: 3, flapping: false });
});

it('R6: flapping is over ten minutes after the first of the last three turns', async () => {
  const clock = createClock();
  const cache = cacheOf(signer, { clock });
  await offer(cache, 1, true);
  await offer(cache, 2, false);
  await offer(cache, 3, true);
  await offer(cache, 4, false);
  clock.forward(600_000);
  expect(cache.status().flapping).toBe(true);
  clock.forward(1);
  expect(cache.status().flapping).toBe(false);
});

it('R6: turns that lie far apart are no flapping', async () => {
  const clock = createClock();
  const cache = cacheOf(signer, { clock });
  for (let version = 1; version <= 8; version++) {
    await offer(cache, version, version % 2 === 1);
    clock.forward(400_000);
    expect(cache.status().flapping).toBe(false);
  }
});
