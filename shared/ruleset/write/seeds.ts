/**
 * The seeds of flags' splits. Compiled lines carry the seed in the place of the salt: it is shorter, and need not be hashed. Both say the
 * same, so whoever compares entries compares seeds.
 */
import { saltSeed } from '#core/bucket';
import type { Entry, FlagEntry } from '#schema/entry';

/** What people write, or the seed that comes of it. */
export type Salt = string | number;

/** As lines write it: unsigned. */
export const seedOf = (salt: Salt): number => (typeof salt === 'number' ? salt : saltSeed(salt) >>> 0);

/** What the entry of a flag says of its salt; undefined where it splits nobody. */
export const saltIn = ({ s, z }: Pick<FlagEntry, 's' | 'z'>): Salt | undefined => z ?? s;

export const isSameSalt = (one: Salt, other: Salt): boolean => seedOf(one) === seedOf(other);

/** The same entry with its salt written as a seed. */
export function withSeed(entry: Entry): Entry {
  const { s, ...rest } = entry as FlagEntry;
  return s === undefined ? entry : { ...rest, z: rest.z ?? seedOf(s) };
}

/** For messages: a seed does not tell which text it came from. */
export const saltInWords = (salt: Salt): string =>
  typeof salt === 'string' ? JSON.stringify(salt) : `one of seed ${salt}`;
