/** What there is no time left to put into the store: a port that is done at once, and `localStorage` behind it. */
import type { Item } from './item.ts';

export interface ItemStash {
  /** In the place of what the same page put there before. False where it is not kept. */
  put(page: string, items: readonly Item[]): boolean;
  /** What all pages put there, each taken out once. */
  takeAll(): readonly Item[];
}

const PREFIX = 'lockstep-exposures:';
/** In UTF-16 code units: of some five million. */
const MAX_TEXT = 200_000;

export const createItemStash = (storage: () => Storage): ItemStash => ({
  put(page, items) {
    try {
      const text = JSON.stringify(items);
      if (items.length === 0) storage().removeItem(PREFIX + page);
      else if (text.length > MAX_TEXT) return false;
      else storage().setItem(PREFIX + page, text);
      return true;
    } catch {
      return false;
    }
  },
  takeAll() {
    try {
      const kept = storage();
      const names = Object.keys(kept).filter((name) => name.startsWith(PREFIX));
      return names.flatMap((name) => {
        const text = kept.getItem(name) ?? '[]';
        kept.removeItem(name);
        return itemsIn(text);
      });
    } catch {
      return [];
    }
  },
});

/** None where it is not of the form: other scripts of the page may write there too. */
function itemsIn(text: string): Item[] {
  try {
    const items: unknown = JSON.parse(text);
    return Array.isArray(items) ? items.filter(isItem) : [];
  } catch {
    return [];
  }
}

const isItem = (one: Item | null): one is Item =>
  typeof one?.id === 'string' && (one.of === 'events' || one.of === 'outcomes') && typeof one.what === 'object';
