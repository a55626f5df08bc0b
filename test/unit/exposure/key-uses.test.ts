import { describe, expect, it } from 'vitest';
import { createKeyUses } from '#exposure/key-uses';
import { MAX_KEY_USES } from '#schema/exposure-limits';
import { MAX_KEY_LINES } from '#schema/limits';

const MINUTE = 60_000;

describe('uses of keys', () => {
  it('are told to the minute, each until it was heard', () => {
    const uses = createKeyUses();
    expect(uses.note('a', 5 * MINUTE + 1)).toBe(true);
    uses.note('b', 5 * MINUTE + 2);
    uses.note('a', 6 * MINUTE + 59_999);
    const told = uses.pending();
    expect(told).toEqual([
      ['a', 6 * MINUTE],
      ['b', 5 * MINUTE],
    ]);
    uses.note('b', 7 * MINUTE);
    uses.settle(told);
    expect(uses.pending()).toEqual([['b', 7 * MINUTE]]);
    uses.settle(uses.pending());
    expect(uses.pending()).toEqual([]);
  });

  it('are news once in a minute', () => {
    const uses = createKeyUses();
    uses.note('a', MINUTE);
    uses.settle(uses.pending());
    expect([uses.note('a', MINUTE + 59_999), uses.pending()]).toEqual([false, []]);
    expect(uses.note('a', 2 * MINUTE)).toBe(true);
  });

  it('go on being told where the clock was set back', () => {
    const uses = createKeyUses();
    uses.note('a', 1_000 * MINUTE);
    uses.settle(uses.pending());
    expect([uses.note('a', MINUTE), uses.pending()]).toEqual([true, [['a', MINUTE]]]);
  });

  it('are bounded: those that were idle for longest go', () => {
    const uses = createKeyUses();
    for (let at = 0; at < MAX_KEY_USES; at++) uses.note(`key-${at}`, MINUTE);
    uses.note('key-0', 2 * MINUTE);
    uses.note('one more', 2 * MINUTE);
    const keys = uses.pending().map(([sha256]) => sha256);
    expect(keys).toHaveLength(MAX_KEY_USES);
    expect([keys.includes('key-0'), keys.includes('key-1'), keys.includes('one more')]).toEqual([true, false, true]);
  });

  it('have room for a whole keys document', () => {
    const shortest = `{"k":"${'x'.repeat(43)}","t":"relay","s":"a","n":["*"]}\n`;
    expect(MAX_KEY_USES).toBeGreaterThan(MAX_KEY_LINES / shortest.length);
  });
});
