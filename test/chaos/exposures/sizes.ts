/** How large a run is. */
import type { ExposuresOptions } from './run-exposures.ts';

type Size = Omit<ExposuresOptions, 'seed' | 'progress'>;

export const WHOLE: Size = {
  ...{ exposures: 1_000_000, outcomes: 100_000, pageViews: 30_000 },
  ...{ kills: 12, aborts: 30, bombs: 20, awayMs: 20_000 },
};

export const QUICK: Size = {
  ...{ exposures: 20_000, outcomes: 2_000, pageViews: 600 },
  ...{ kills: 5, aborts: 5, bombs: 2, awayMs: 1_000 },
};
