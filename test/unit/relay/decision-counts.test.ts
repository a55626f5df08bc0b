import { describe, expect, it } from 'vitest';
import { createDecisionCounter } from '../../../workers/relay/decision-counts.ts';
import { createClock } from '../fixtures/caches.ts';

describe('the decisions of the last ten seconds', () => {
  it('are told by the version that made them, the newest first', () => {
    const clock = createClock(0);
    const counter = createDecisionCounter(clock.now);
    counter.made(3, 7);
    clock.forward(4_000);
    counter.made(1, 7);
    counter.made(500, 8);
    expect(counter.counts()).toEqual({
      total: 504,
      byVersion: [
        [8, 500],
        [7, 4],
      ],
    });
    clock.forward(6_000);
    expect(counter.counts()).toEqual({
      total: 501,
      byVersion: [
        [8, 500],
        [7, 1],
      ],
    });
    clock.forward(10_000);
    expect(counter.counts()).toEqual({ total: 0, byVersion: [] });
  });

  it('name eight versions at most, and count all', () => {
    const counter = createDecisionCounter(() => 0);
    for (let version = 1; version <= 10; version++) counter.made(1, version);
    expect(counter.counts()).toMatchObject({ total: 10, byVersion: { length: 8, 0: [10, 1] } });
  });

  it('outlive no clock that was set back', () => {
    const clock = createClock(1_000_000);
    const counter = createDecisionCounter(clock.now);
    counter.made(5, 7);
    clock.forward(-600_000);
    expect(counter.counts()).toEqual({ total: 0, byVersion: [] });
  });
});
