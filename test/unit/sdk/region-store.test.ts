import { describe, expect, it } from 'vitest';
import { createDecisionCounts } from '#sdk/edge/decision-counts';
import { createRegionStore, type Revalidation } from '#sdk/edge/region-store';
import { UNCHANGED } from '#sdk/edge/ruleset-source';

const KNOWN = { version: 7, sha256: 'seven', exp: 100 };

function setUp(answer: () => Promise<string | 'unchanged' | null>, kvText = 'of kv') {
  const clock = { now: 0 };
  const asked: Revalidation[] = [];
  const decisions = createDecisionCounts();
  const reads = { kv: 0 };
  const store = createRegionStore({
    region: () => ({
      revalidate(question) {
        asked.push(question);
        return answer();
      },
    }),
    kv: {
      async read() {
        reads.kv++;
        return kvText;
      },
    },
    decisions,
    now: () => clock.now,
  });
  return { store, asked, decisions, reads, clock };
}

describe('a POP and its region', () => {
  it('begins with what KV has', async () => {
    const { store, asked, reads } = setUp(async () => 'of the region');
    expect(await store.read()).toBe('of kv');
    expect(asked).toEqual([]);
    expect(reads.kv).toBe(1);
  });

  it('asks the region from then on, with what it has and what it has answered since', async () => {
    const { store, asked, decisions, reads } = setUp(async () => 'of the region');
    decisions.count(6);
    decisions.count(7);
    decisions.count(7);
    expect(await store.read(KNOWN)).toBe('of the region');
    expect(await store.read(KNOWN)).toBe('of the region');
    expect(asked.map((one) => one.decisions)).toEqual([
      [
        [7, 2],
        [6, 1],
      ],
      [],
    ]);
    expect(asked[0]?.known).toEqual(KNOWN);
    expect(reads.kv).toBe(0);
  });

  it('is told that nothing is newer, and looks into KV once in ten seconds all the same', async () => {
    const { store, reads, clock } = setUp(async () => 'unchanged');
    expect(await store.read(KNOWN)).toBe(UNCHANGED);
    clock.now = 9_999;
    expect(await store.read(KNOWN)).toBe(UNCHANGED);
    expect(reads.kv).toBe(1);
    clock.now = 10_000;
    expect(await store.read(KNOWN)).toBe(UNCHANGED);
    expect(reads.kv).toBe(2);
  });

  it('I10: takes from KV what is newer than what its region knows, and nothing else', async () => {
    const textOf = (version: number): string => `e30.${btoa(JSON.stringify({ version }))}.c2ln\n`;
    const newer = setUp(async () => 'unchanged', textOf(8));
    expect(await newer.store.read(KNOWN)).toBe(textOf(8));
    for (const text of [textOf(7), textOf(6), 'e30.garbage.c2ln\n', '']) {
      expect(await setUp(async () => 'unchanged', text).store.read(KNOWN)).toBe(UNCHANGED);
    }
  });

  it('goes on with KV where the region has nothing, or cannot be reached', async () => {
    const none = setUp(async () => null);
    expect(await none.store.read(KNOWN)).toBe('of kv');
    const dark = setUp(() => Promise.reject(new Error('Network connection lost.')));
    expect(await dark.store.read(KNOWN)).toBe('of kv');
  });
});

describe('counts of decisions', () => {
  it('keeps eight versions apart; what is beyond counts as the oldest', () => {
    const decisions = createDecisionCounts();
    for (let version = 1; version <= 10; version++) decisions.count(version);
    const taken = decisions.take();
    expect(taken).toHaveLength(8);
    expect(taken.reduce((sum, [, count]) => sum + count, 0)).toBe(10);
    expect(taken.at(-1)).toEqual([1, 3]);
    expect(decisions.take()).toEqual([]);
  });
});
