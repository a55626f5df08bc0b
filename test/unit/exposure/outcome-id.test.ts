import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomeId } from '#exposure/outcome-id';
import { PSEUDONYM_PATTERN } from '#schema/exposure-limits';

const OUTCOME = { name: 'checkout.error', unit: 'AAAAAAAAAAAAAAAAAAAAAA', time: 1_795_420_800_000 };

describe('the id of an outcome', () => {
  it('B35: is made of metric, unit, time and value, and of the environment, where the caller has none', () => {
    const id = outcomeId('production', OUTCOME);
    expect(id).toMatch(PSEUDONYM_PATTERN);
    expect(outcomeId('production', { ...OUTCOME })).toBe(id);
    const others = [{ name: 'checkout' }, { unit: 'BBBBBBBBBBBBBBBBBBBBBA' }, { time: 0 }, { value: 0 }, { value: 1 }];
    const ids = others.map((other) => outcomeId('production', { ...OUTCOME, ...other }));
    expect(new Set([id, outcomeId('staging', OUTCOME), ...ids]).size).toBe(7);
  });

  it('B35: with one of the caller’s own has nothing to do with time and value, but with metric and unit', () => {
    const own = { ...OUTCOME, id: 'order-1' };
    const id = outcomeId('production', own);
    expect(outcomeId('production', { ...own, time: 1, value: 7 })).toBe(id);
    const others = [{ name: 'latency' }, { unit: 'BBBBBBBBBBBBBBBBBBBBBA' }, { id: 'order-2' }];
    expect(new Set([id, ...others.map((other) => outcomeId('production', { ...own, ...other }))]).size).toBe(4);
  });

  it('of a caller that writes what ingest would hash is another one all the same', () => {
    fc.assert(
      fc.property(fc.nat(), fc.option(fc.nat(), { nil: undefined }), (time, value) => {
        const without = outcomeId('production', { ...OUTCOME, time, ...(value !== undefined && { value }) });
        const forged = [`${time}`, `${time},${value ?? null}`].map((id) => outcomeId('production', { ...OUTCOME, id }));
        expect(forged).not.toContain(without);
      }),
    );
  });
});
