import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStreamAdmission, LONGEST_AWAY } from '#http/stream-admission';
import { createClock } from '../fixtures/caches.ts';

/** Numbers that look random and are the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('admission', () => {
  it('R3: B18: a thousand relays that come at once, and come back as they are told, are in within a minute, at no more than the rate', () => {
    const clock = createClock();
    const random = seeded(7);
    const admission = createStreamAdmission({ perSecond: 50, most: 5_000, now: clock.now, random });
    let open = 0;
    /** When each comes again (seconds from the start). */
    let outside = Array.from({ length: 1_000 }, () => random());
    for (let second = 0; outside.length > 0; second++) {
      expect(second).toBeLessThan(60);
      const before = open;
      outside = outside.flatMap((at) => {
        if (at >= second + 1) return [at];
        const admitted = admission.admit(open);
        if (admitted.ok) open++;
        return admitted.ok ? [] : [second + admitted.error + random()];
      });
      expect(open - before).toBeLessThanOrEqual(50);
      clock.forward(1_000);
    }
    expect(open).toBe(1_000);
  });

  it('R18: sends nobody away for no time, or for longer than half a minute', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -500, max: 500 }), { maxLength: 200 }), fc.integer(), (steps, seed) => {
        const clock = createClock();
        const admission = createStreamAdmission({ perSecond: 3, most: 50, now: clock.now, random: seeded(seed >>> 0) });
        let open = 0;
        for (const step of steps) {
          clock.forward(step);
          const admitted = admission.admit(open);
          if (admitted.ok) open++;
          else expect(admitted.error).toSatisfy((away: number) => away >= 1 && away <= LONGEST_AWAY);
          expect(open).toBeLessThanOrEqual(50);
        }
      }),
      { seed: 1 },
    );
  });

  it('gives back what was not used, but no more than a second of it', () => {
    const clock = createClock();
    const admission = createStreamAdmission({ perSecond: 5, most: 100, now: clock.now, random: () => 0 });
    const admitted = (): number => Array.from({ length: 20 }, () => admission.admit(0)).filter(({ ok }) => ok).length;
    expect(admitted()).toBe(5);
    clock.forward(60_000);
    expect(admitted()).toBe(5);
    clock.forward(400);
    expect(admitted()).toBe(2);
  });
});
