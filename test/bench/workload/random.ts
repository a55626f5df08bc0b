/** Numbers that look random and are the same in every run and on every machine. */
export interface Random {
  /** An integer, 0 up to and not including `below`. */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
  /** Text of `length` characters of `alphabet`. */
  text(length: number, alphabet: string): string;
}

export const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A xorshift generator: good enough to spread users and flags, and short. */
export function createRandom(seed: number): Random {
  let state = seed | 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const text = (length: number, alphabet: string): string =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]).join('');
  return { below, pick, text };
}
