/** The emitter of a page, with the browser's own parts. */
import { browserPlatform } from './browser-platform.ts';
import { createItemStash } from './item-stash.ts';
import { createItemStore } from './item-store.ts';
import { createPageEmitter as createEmitter, type PageEmitter } from './page-emitter.ts';

export const createPageEmitter = (url: string): PageEmitter =>
  createEmitter({
    url,
    store: createItemStore('lockstep-exposures'),
    // Reading the name alone throws where a page may keep nothing.
    stash: createItemStash(() => localStorage),
    platform: browserPlatform,
  });
