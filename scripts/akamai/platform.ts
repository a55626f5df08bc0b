/** What ours gives the platform to call, and how large it may be. */
import type { Part } from './bundle.ts';

/** What `main.js` exports, and nothing else: the platform runs, and bills, each handler that there is. */
export const HANDLERS: Readonly<Record<Part, readonly string[]>> = {
  pages: ['onClientRequest', 'onClientResponse'],
  ofrep: ['responseProvider'],
};

/** Our own bound, gzipped: an instance compiles all of it before its first event. `scripts/check-bundles.ts` holds it. */
export const MAX_MAIN = 15 * 1_024;
