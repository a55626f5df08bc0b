import { describe, expect, it } from 'vitest';
import {
  attempted,
  dueAt,
  EARLY_LOOK_MS,
  expedited,
  held,
  LOOK_INTERVAL_MS,
  NEVER_ATTEMPTED,
  notHeld,
  sent,
  statusOf,
  type TargetState,
  type Trouble,
  unfit,
  WRITE_INTERVAL_MS,
} from '../../../workers/publisher/target-schedule.ts';

const NOW = 1_000_000;
const FAILING: Trouble = { kind: 'failing', message: 'out of reach' };
const CONFLICT: Trouble = { kind: 'conflict', message: 'newer' };

/** Attempted so often in vain, the last time now, with jitter at its longest. */
function failedTimes(times: number, random = 0.999_999): TargetState {
  let state = NEVER_ATTEMPTED;
  for (let at = 0; at < times; at++) state = notHeld(attempted(state, NOW), FAILING, NOW, random);
  return state;
}

const waitOf = (state: TargetState, edition = 1): number => dueAt(state, edition, NOW) - NOW;

describe('a target', () => {
  it('that was never attempted is due at once', () => {
    expect(waitOf(NEVER_ATTEMPTED)).toBeLessThanOrEqual(0);
  });

  it('is written at most once a second', () => {
    const state = held(attempted(NEVER_ATTEMPTED, NOW), 1, 1, NOW);
    expect(waitOf(state, 2)).toBe(WRITE_INTERVAL_MS);
    expect(waitOf(attempted(NEVER_ATTEMPTED, NOW), 2)).toBe(WRITE_INTERVAL_MS);
    expect(waitOf(failedTimes(1, 0))).toBe(WRITE_INTERVAL_MS);
  });

  it('is looked at once a minute while it holds what it should', () => {
    const state = held(attempted(NEVER_ATTEMPTED, NOW), 1, 1, NOW);
    expect([waitOf(state), statusOf(state, 1)]).toEqual([LOOK_INTERVAL_MS, 'written']);
  });

  it('R12: is looked at early after attempts in vain: one of them may land late', () => {
    const state = held(failedTimes(1), 1, 1, NOW);
    expect([waitOf(state), state.attempts, state.trouble]).toEqual([EARLY_LOOK_MS, 0, undefined]);
  });

  it('is pending where it holds what was in force before, or nothing is in force', () => {
    const state = held(attempted(NEVER_ATTEMPTED, NOW), 1, 1, NOW);
    expect([statusOf(state, 2), statusOf(NEVER_ATTEMPTED, 0), statusOf(NEVER_ATTEMPTED, 1)]).toEqual(
      new Array(3).fill('pending'),
    );
  });
});

describe('attempts in vain', () => {
  it('are repeated after 1 s, 2 s, 4 s … up to 15 s, by chance earlier', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 20, 2_000].map((times) => waitOf(failedTimes(times)));
    expect(waits).toEqual([1, 2, 4, 8, 15, 15, 15, 15, 15].map((seconds) => seconds * 1_000));
    expect(waitOf(failedTimes(6, 0.5))).toBe(7_500);
    expect([statusOf(failedTimes(1), 1), failedTimes(3).attempts]).toEqual(['failing', 3]);
  });

  it('are repeated at once for a return, within the second between writes', () => {
    expect(waitOf(expedited(failedTimes(9)))).toBe(WRITE_INTERVAL_MS);
    expect(expedited(failedTimes(9)).attempts).toBe(9);
  });

  it('for a store that asks for patience leave it pending', () => {
    const state = notHeld(attempted(NEVER_ATTEMPTED, NOW), { kind: 'busy', message: '' }, NOW, 0.5);
    expect([statusOf(state, 1), state.attempts]).toEqual(['pending', 1]);
  });

  it('for a conflict are repeated once a minute', () => {
    const state = notHeld(attempted(NEVER_ATTEMPTED, NOW), CONFLICT, NOW, 0);
    expect([waitOf(state), statusOf(state, 1)]).toEqual([LOOK_INTERVAL_MS, 'conflict']);
  });

  it('hold up what is newer as long as they would themselves', () => {
    expect(waitOf(failedTimes(5), 7)).toBe(15_000);
  });

  it('for a store that says how long wait that long, a minute at most', () => {
    const busy = (retryAfterMs: number): TargetState =>
      notHeld(attempted(NEVER_ATTEMPTED, NOW), { kind: 'busy', message: '', retryAfterMs }, NOW, 0);
    expect([waitOf(busy(7_000)), waitOf(busy(0)), waitOf(busy(3_600_000))]).toEqual([7_000, 1_000, 60_000]);
  });

  it('at what it held already are told, until a look finds it again', () => {
    const state = notHeld(held(attempted(NEVER_ATTEMPTED, NOW), 1, 1, NOW), FAILING, NOW, 0.5);
    expect([statusOf(state, 1), state.version]).toEqual(['failing', 1]);
    expect(statusOf(held(state, 1, 1, NOW), 1)).toBe('written');
  });
});

describe('a store that shows what it took some time later', () => {
  const taken = sent(attempted(held(NEVER_ATTEMPTED, 1, 1, NOW), NOW), 2, NOW);

  it('has nothing written until a look shows it, and what it was last seen to hold is told', () => {
    expect([statusOf(taken, 2), waitOf(taken, 2), taken.version, taken.trouble]).toEqual([
      'pending',
      EARLY_LOOK_MS,
      1,
      undefined,
    ]);
    const shown = held(taken, 2, 2, NOW);
    expect([statusOf(shown, 2), waitOf(shown, 2), shown.version]).toEqual(['written', LOOK_INTERVAL_MS, 2]);
  });

  it('gets what is newer within the second', () => {
    expect(waitOf(taken, 3)).toBe(WRITE_INTERVAL_MS);
    const again = sent(taken, 2, NOW);
    expect(waitOf(again, 3)).toBe(WRITE_INTERVAL_MS);
  });

  it('is told of where it does not, time after time, and goes on being written', () => {
    const again = sent(sent(taken, 2, NOW), 2, NOW);
    expect([statusOf(again, 2), again.attempts, again.trouble?.kind, waitOf(again, 2)]).toEqual([
      'pending',
      2,
      'unseen',
      EARLY_LOOK_MS,
    ]);
    expect(held(again, 2, 2, NOW)).not.toHaveProperty('trouble');
  });

  it('that lost what it had shown holds nothing that is known', () => {
    const wiped = sent(attempted(held(NEVER_ATTEMPTED, 1, 1, NOW), NOW), 1, NOW);
    expect([statusOf(wiped, 1), wiped.trouble]).toEqual(['pending', undefined]);
  });
});

describe('an edition of which there is nothing to write', () => {
  const state = unfit(attempted(held(NEVER_ATTEMPTED, 1, 1, NOW), NOW), 2, 'view a is too large', NOW);

  it('is told, and tried again once a minute', () => {
    expect([statusOf(state, 2), waitOf(state, 2), state.trouble?.message]).toEqual([
      'failing',
      LOOK_INTERVAL_MS,
      'view a is too large',
    ]);
  });

  it('holds up no other', () => {
    expect(waitOf(state, 3)).toBe(WRITE_INTERVAL_MS);
  });
});

describe('B13: a clock that was set back', () => {
  it('puts off no attempt for long', () => {
    const day = 86_400_000;
    const ahead = notHeld(attempted(NEVER_ATTEMPTED, NOW + day), FAILING, NOW + day, 0.5);
    expect(waitOf(ahead)).toBeLessThanOrEqual(LOOK_INTERVAL_MS);
    expect(waitOf(held(ahead, 1, 1, NOW + day), 2)).toBe(WRITE_INTERVAL_MS);
  });
});
