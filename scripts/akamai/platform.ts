/** What the platform gives an EdgeWorker to import, and what ours gives the platform to call. */
import type { Part } from './bundle.ts';

/** Source: techdocs.akamai.com/edgeworkers/docs, "Built-in modules". */
export const BUILT_IN: readonly string[] = [
  'cookies',
  'create-response',
  'crypto',
  'encoding',
  'html-rewriter',
  'http-request',
  'log',
  'lru-cache',
  'streams',
  'text-encode-transform',
  'url-search-params',
];

/** What `main.js` exports, and nothing else: the platform runs, and bills, each handler that there is. */
export const HANDLERS: Readonly<Record<Part, readonly string[]>> = {
  pages: ['onClientRequest', 'onClientResponse'],
  ofrep: ['responseProvider'],
};

/** Our own bound, gzipped: an instance compiles all of it before its first event. `scripts/check-bundles.ts` holds it. */
export const MAX_MAIN = 15 * 1_024;
