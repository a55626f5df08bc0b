/**
 * What one event keeps alive, told from what the whole process does. Others run between its turns: what came and went meanwhile is not its.
 */
import type { Measured, Meter } from './meter.ts';

export interface MemoryAccount {
  add(turn: Pick<Measured<unknown>, 'before' | 'after' | 'peak'>): void;
  /** The most at once so far: at the end of a turn, or far above the limit underway. */
  peakBytes(): number;
  /** Whether it is more than that. What looks so is looked at again after a collection of everything. */
  exceeds(bytes: number): boolean;
}

/** The young generation, both halves and its large objects: as much of what is there underway may be dead. What is beyond has lived. */
const YOUNG = 3 * 1_048_576;

export function createMemoryAccount(meter: Meter): MemoryAccount {
  /** What would be there without the event. */
  let base: number | undefined;
  let last = 0;
  let now = 0;
  let peak = 0;
  let underway = 0;
  return {
    add(turn) {
      base = base === undefined ? turn.before : base + turn.before - last;
      last = turn.after;
      now = turn.after - base;
      peak = Math.max(peak, now);
      underway = Math.max(underway, turn.peak - base);
    },
    peakBytes: () => peak,
    exceeds(bytes) {
      if (underway > bytes + YOUNG) {
        peak = underway;
        return true;
      }
      if (peak <= bytes) return false;
      const isPast = now < peak;
      if (isPast || base === undefined) return true;
      last = meter.usedFully();
      now = last - base;
      peak = now;
      return peak > bytes;
    },
  };
}
