/**
 * What was exposed lately: who asks for a flag all the time is exposed once in a while. Whatever it calls a repeat is one, for it
 * compares keys, not hashes; what it forgets for lack of room is sent again, and counted once.
 */

/** A variation of a revision of a flag: one object for all who are served it. */
export interface Serving {
  readonly flag: string;
  readonly revision: number;
  readonly variation: string;
  /** Sets the places of a unit's servings apart. */
  readonly mix: number;
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
/** A power of two. With keys of up to `MAX_KEPT_KEY` at most a few megabytes. */
const PLACES = 16_384;
const MAX_KEPT_KEY = 128;
/** Servings of one flag that are told apart at the same time: two revisions of all variations that a flag can have. */
const MAX_SERVINGS = 128;
const GOLDEN = 0x9e3779b1 | 0;
const SHIFT = 32 - Math.log2(PLACES);

export function createRecentExposures(): RecentExposures {
  const servings = new Map<string, Serving[]>();
  const units: (string | undefined)[] = new Array(PLACES).fill(undefined);
  const served: (Serving | undefined)[] = new Array(PLACES).fill(undefined);
  const times = new Float64Array(PLACES).fill(Number.NEGATIVE_INFINITY);
  let made = 0;

  function make(known: Serving[], flag: string, revision: number, variation: string): Serving {
    // What is forgotten here is another object next time: it is news then.
    if (known.length >= MAX_SERVINGS) known.length = 0;
    const serving = { flag, revision, variation, mix: Math.imul(++made, GOLDEN) };
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
      const place = Math.imul(unitHash ^ serving.mix, GOLDEN) >>> SHIFT;
      const age = now - (times[place] as number);
      if (served[place] === serving && age >= 0 && age < REPEAT_MS && units[place] === unitKey) return false;
      if (unitKey.length > MAX_KEPT_KEY) return true;
      served[place] = serving;
      units[place] = unitKey;
      times[place] = now;
      return true;
    },
    forget() {
      served.fill(undefined);
      units.fill(undefined);
    },
  };
}
