/**
 * What was exposed lately: who asks for a flag all the time is exposed once in a while. A unit is known by 64 bits of hashes, half of
 * them under a seed that nobody can guess: that two share them in the same place has a chance of about 10^-19, and keeping the keys
 * themselves costs an evaluation twice its time. What it forgets for lack of room is sent again, and counted once.
 */
import { xxh32 } from '#core/xxh32';

/** A variation of a revision of a flag: one object for all who are served it. */
export interface Serving {
  readonly flag: string;
  readonly revision: number;
  readonly variation: string;
  /** 1, 2, 3 ...: tells servings apart. */
  readonly id: number;
}

export interface RecentExposures {
  serving(flag: string, revision: number, variation: string): Serving;
  /** Whether the unit was not exposed to it lately; from now on it was. */
  isNews(serving: Serving, unitKey: string, unitHash: number, now: number): boolean;
  /** Everything is news again: exposures became counts, which do not say whose they were. */
  forget(): void;
}

/** How long a repeat is none of anybody's business: an ingest that lost the first has the next. */
export const REPEAT_MS = 10 * 60_000;
/** A power of two; 20 bytes each. */
const PLACES = 16_384;
/** Servings of one flag that are told apart at the same time: two revisions of all variations that a flag can have. */
const MAX_SERVINGS = 128;
const GOLDEN = 0x9e3779b1 | 0;
const SHIFT = 32 - Math.log2(PLACES);

/** `random`: from 0 up to 1. */
export function createRecentExposures(random: () => number): RecentExposures {
  const servings = new Map<string, Serving[]>();
  const seed = Math.floor(random() * 2 ** 32) | 0;
  const served = new Int32Array(PLACES);
  const hashes = new Int32Array(PLACES);
  const others = new Int32Array(PLACES);
  const times = new Float64Array(PLACES);
  let made = 0;

  function make(known: Serving[], flag: string, revision: number, variation: string): Serving {
    // What is forgotten here is another object next time: it is news then.
    if (known.length >= MAX_SERVINGS) known.length = 0;
    const serving = { flag, revision, variation, id: ++made };
    known.push(serving);
    return serving;
  }

  return {
    serving(flag, revision, variation) {
      let known = servings.get(flag);
      if (known === undefined) {
        known = [];
        servings.set(flag, known);
      }
      for (const one of known) if (one.revision === revision && one.variation === variation) return one;
      return make(known, flag, revision, variation);
    },
    isNews(serving, unitKey, unitHash, now) {
      const place = Math.imul(unitHash ^ Math.imul(serving.id, GOLDEN), GOLDEN) >>> SHIFT;
      const other = xxh32(unitKey, seed);
      const age = now - (times[place] as number);
      const isKnown = served[place] === serving.id && hashes[place] === unitHash && others[place] === other;
      if (isKnown && age >= 0 && age < REPEAT_MS) return false;
      served[place] = serving.id;
      hashes[place] = unitHash;
      others[place] = other;
      times[place] = now;
      return true;
    },
    forget() {
      served.fill(0);
    },
  };
}
