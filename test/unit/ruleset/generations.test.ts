import { beforeAll, expect, it } from 'vitest';
import { createGenerations, type Generations, type GenerationsOptions } from '#ruleset/generations';
import { type Clock, cacheOf, createClock, verdictOf } from '../fixtures/caches.ts';
import { rawLines } from '../fixtures/lines.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

const lines = (version: number): string => rawLines([{ k: 'a.flag', r: version, f: version % 2 }]);

interface Subject {
  readonly generations: Generations;
  readonly clock: Clock;
  take(version: number): Promise<string>;
}

function subject(options: Omit<GenerationsOptions, 'now'> = {}): Subject {
  const clock = createClock();
  const generations = createGenerations({ now: clock.now, ...options });
  const cache = cacheOf(signer, { clock, generations });
  return {
    generations,
    clock,
    take: async (version) => verdictOf(await cache.offer(await signer.sign(lines(version), { version }))),
  };
}

const versions = ({ known }: Generations): number[] => known().map(({ ruleset }) => ruleset.claims.version);

it('a ruleset is known to be good once it has served for a minute, and not before', async () => {
  const { generations, clock, take } = subject();
  await take(1);
  clock.forward(59_999);
  expect(versions(generations)).toEqual([]);
  clock.forward(1);
  expect(versions(generations)).toEqual([1]);
});

it('a ruleset that is replaced before its minute is over never counts as good', async () => {
  const { generations, clock, take } = subject();
  await take(1);
  clock.forward(60_000);
  await take(2);
  clock.forward(59_999);
  await take(3);
  clock.forward(60_000);
  expect(versions(generations)).toEqual([3, 1]);
});

it('a ruleset that soaked counts as good although nobody looked before it was replaced', async () => {
  const { generations, clock, take } = subject();
  await take(1);
  clock.forward(60_000);
  await take(2);
  expect(versions(generations)).toEqual([1]);
  expect(generations.known()[0]?.ruleset.reader.lines).toBe(lines(1));
});

it('keeps the three newest, each with when it came into force', async () => {
  const { generations, clock, take } = subject();
  const started = clock.now();
  for (const version of [1, 2, 3, 4, 5]) {
    await take(version);
    clock.forward(60_000);
  }
  expect(versions(generations)).toEqual([5, 4, 3]);
  expect(generations.known().map(({ since }) => since - started)).toEqual([240_000, 180_000, 120_000]);
});

it('signing again does not start the minute anew, nor make a second generation', async () => {
  const { generations, clock, take } = subject();
  await take(1);
  clock.forward(40_000);
  expect(await take(1)).toBe('same');
  clock.forward(20_000);
  expect(versions(generations)).toEqual([1]);
  expect(await take(1)).toBe('same');
  clock.forward(60_000);
  expect(versions(generations)).toEqual([1]);
});

it('refused rulesets neither soak nor disturb the one that does', async () => {
  const { generations, clock, take } = subject();
  await take(5);
  clock.forward(30_000);
  expect(await take(4)).toBe('older');
  clock.forward(30_000);
  expect(versions(generations)).toEqual([5]);
});

it('soak and number of generations are settings; none are kept where there is no place to step back to', async () => {
  const short = subject({ soakMs: 1_000, keep: 1 });
  for (const version of [1, 2]) {
    await short.take(version);
    short.clock.forward(1_000);
  }
  expect(versions(short.generations)).toEqual([2]);
  const none = subject({ soakMs: 0, keep: 0 });
  await none.take(1);
  await none.take(2);
  expect(versions(none.generations)).toEqual([]);
});
