/** Exposures for which there is no room any more become exact counts: how many, of what, and when, but not whose. */
import type { CollapsedCount, Exposure } from './exposure.ts';

type Counted = Pick<Exposure, 'flag' | 'revision' | 'variation' | 'version' | 'time'>;

export interface Collapse {
  /** False where there is no room even for that. */
  add(exposure: Counted): boolean;
  /** Takes out counts of windows that ended by then, at most so many. */
  take(by: number, most: number): readonly CollapsedCount[];
  /** Puts back what was taken out and could not be kept. How many exposures there was no room for. */
  putBack(counts: readonly CollapsedCount[]): number;
  isEmpty(): boolean;
}

export const WINDOW_MS = 10_000;
/** About 200 bytes each. */
export const MAX_WINDOWS = 5_000;

interface Tally extends CollapsedCount {
  count: number;
  from: number;
  until: number;
}

export function createCollapse(maxWindows = MAX_WINDOWS): Collapse {
  /** By flag, revision, variation, version and window. */
  const narrow = new Map<string, Tally>();
  /** The same without the window, where there are too many of them: exact still, but for the time. */
  const wide = new Map<string, Tally>();

  function count(one: CollapsedCount): boolean {
    const { flag, revision, variation, version, from, until } = one;
    const what = `${flag}\n${revision}\n${variation}\n${version}`;
    const key = `${what}\n${from}\n${until}`;
    const tally = narrow.get(key) ?? (narrow.size < maxWindows ? undefined : wide.get(what));
    if (tally !== undefined) {
      tally.count += one.count;
      tally.from = Math.min(tally.from, from);
      tally.until = Math.max(tally.until, until);
    } else if (narrow.size < maxWindows) narrow.set(key, { ...one });
    else if (wide.size < maxWindows) wide.set(what, { ...one });
    else return false;
    return true;
  }

  return {
    add({ flag, revision, variation, version, time }) {
      const from = time - (time % WINDOW_MS);
      return count({ flag, revision, variation, version, from, until: from + WINDOW_MS, count: 1 });
    },
    take(by, most) {
      const taken: CollapsedCount[] = [];
      for (const tallies of [narrow, wide]) {
        for (const [key, tally] of tallies) {
          if (taken.length >= most) return taken;
          if (tally.until > by) continue;
          taken.push(tally);
          tallies.delete(key);
        }
      }
      return taken;
    },
    putBack: (counts) => counts.reduce((lost, one) => (count(one) ? lost : lost + one.count), 0),
    isEmpty: () => narrow.size + wide.size === 0,
  };
}
