/** How often each flag was evaluated, and how often that exposed somebody: the part of a ledger that tells flags apart. */
import { MAX_LEDGER_FLAGS } from '#schema/exposure-limits';
import { isSafePart, KEY_PATTERN, MAX_KEY } from '#schema/limits';
import type { FlagLedger } from './exposure.ts';

export interface FlagCounts {
  evaluated(flag: string): void;
  /** The same list for everybody who asks for the same: it is counted as one. */
  evaluatedAll(flags: readonly string[]): void;
  /** It was counted as evaluated already. */
  exposed(flag: string): void;
  /** Goes on from where an earlier process of the same name was. */
  resume(before: FlagLedger): void;
  all(): FlagLedger;
  /** The same once in a while: it is large beside a beacon of few exposures, and only grows. */
  due(now: number): FlagLedger | undefined;
}

/** How long between one and the next (milliseconds). */
export const FLAGS_TOLD_MS = 2_000;
/** Lists that are told apart before they are added up. */
const MAX_LISTS = 16;

/** Whoever asks may make up any key: one that no flag can have would have the whole ledger refused. */
const isFlagKey = (flag: string): boolean =>
  flag.length <= MAX_KEY && KEY_PATTERN.test(flag) && flag.split('.').every(isSafePart);

export function createFlagCounts(): FlagCounts {
  const counts = new Map<string, [evaluated: number, exposed: number]>();
  const lists = new Map<readonly string[], number>();
  let toldAt = Number.NEGATIVE_INFINITY;

  /** Flags above the bound are not told apart, and what there is of the others stays exact. */
  function add(flag: string, evaluated: number, exposed: number): void {
    const found = counts.get(flag);
    if (found !== undefined) {
      found[0] += evaluated;
      found[1] += exposed;
    } else if (counts.size < MAX_LEDGER_FLAGS && isFlagKey(flag)) counts.set(flag, [evaluated, exposed]);
  }

  function addUp(): void {
    for (const [flags, times] of lists) for (const flag of flags) add(flag, times, 0);
    lists.clear();
  }

  function all(): FlagLedger {
    addUp();
    return Object.fromEntries([...counts].map(([flag, [evaluated, exposed]]) => [flag, [evaluated, exposed]]));
  }

  return {
    evaluated: (flag) => add(flag, 1, 0),
    evaluatedAll(flags) {
      const [only] = flags;
      if (only !== undefined && flags.length === 1) return add(only, 1, 0);
      lists.set(flags, (lists.get(flags) ?? 0) + 1);
      if (lists.size > MAX_LISTS) addUp();
    },
    exposed: (flag) => add(flag, 0, 1),
    resume(before) {
      for (const [flag, [evaluated, exposed]] of Object.entries(before)) add(flag, evaluated, exposed);
    },
    all,
    due(now) {
      // A clock that was set back puts nothing off.
      if (now >= toldAt && now - toldAt < FLAGS_TOLD_MS) return undefined;
      toldAt = now;
      return all();
    },
  };
}
