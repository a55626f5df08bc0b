/** How much an isolate takes on: what is above it is to come again. */
export interface RateBound {
  /** False where it is too much. */
  take(): boolean;
}

/** So many a second, and as many at once where it was quiet before. `now`: milliseconds. */
export function createRateBound(perSecond: number, atOnce: number, now: () => number): RateBound {
  let left = atOnce;
  let before = now();
  return {
    take() {
      const at = now();
      // A clock that is set back gives nothing.
      left = Math.min(atOnce, left + (Math.max(0, at - before) * perSecond) / 1_000);
      before = at;
      if (left < 1) return false;
      left--;
      return true;
    },
  };
}
