/** How many requests a second an account has. */

export interface HitLimit {
  /** The hits of the last second where they are too many, this one among them. */
  exceeded(): number | undefined;
}

export function createHitLimit(clock: () => number, hitsPerSecond: number): HitLimit {
  let hits: number[] = [];
  return {
    exceeded() {
      const now = clock();
      hits = [...hits.filter((at) => at > now - 1_000), now];
      return hits.length > hitsPerSecond ? hits.length : undefined;
    },
  };
}
