/**
 * The floor: what a decision costs where nothing is general. A `Map.get`, the hashes that the split needs, and the
 * plain comparisons of `floor-decide.ts`. Each loop knows its flag's shape, so nobody could use it for anything else.
 */
import { xxh32 } from '#core/xxh32';
import type { Engine, Runner, Subject, Value } from '../subject.ts';
import type { Flag, RulesFlag, SplitFlag, SwitchFlag } from '../workload/flags.ts';
import type { User } from '../workload/users.ts';
import {
  byColours,
  byRules,
  bySplit,
  type Decision,
  type Entry,
  entryOf,
  type Rules,
  rulesOf,
  type Split,
  servedOf,
  splitOf,
} from './floor-decide.ts';

/** A unit with its hash at hand. */
interface Unit {
  readonly hash: number;
}

/** Decoding has another floor: `JSON.parse` of the flags, which `decode.ts` measures. */
export const floor: Subject = { name: 'floor', payload: (flags) => JSON.stringify(flags), open };

function open(payload: string): Engine {
  const flags = JSON.parse(payload) as Flag[];
  const entries = new Map(flags.map((flag) => [flag.key, entryOf(flag)] as const));
  const flagOf = (key: string): Flag => flags.find((flag) => flag.key === key) as Flag;
  /** A map as large as the ruleset, of values of one shape, with the asker's own key, as a cache of first uses has. */
  const filled = <T>(asked: string, value: T): Map<string, T> =>
    new Map(flags.map(({ key }) => [key === asked ? asked : key, value]));
  const decide = (key: string, user: User, hash: number): Decision =>
    decideEntry(entries.get(key) as Entry, user, hash);
  return {
    steady: (key, _user, wanted) => steady(filled(key, servedOf((flagOf(key) as SwitchFlag).on)), key, wanted),
    fresh(key, users, wanted) {
      const flag = flagOf(key);
      if (flag.shape === 'rules') return freshRules(filled(key, rulesOf(flag as RulesFlag)), key, users, wanted);
      return freshSplit(filled(key, splitOf(flag as SplitFlag)), key, users, wanted);
    },
    reused: (key, users, wanted) => reused(filled(key, splitOf(flagOf(key) as SplitFlag)), key, users, wanted),
    all: (keys, users) => all(new Map(keys.map((key) => [key, entries.get(key) as Entry])), keys, users),
    value: (key, user) => decide(key, user, xxh32(user.key, 0)).value,
    values: (keys, user) => Object.fromEntries(keys.map((key) => [key, decide(key, user, xxh32(user.key, 0)).value])),
  };
}

function decideEntry(entry: Entry, user: User, hash: number): Decision {
  if (entry.shape === 'switch') return entry.served;
  if (entry.shape === 'split') return bySplit(entry.split, hash);
  return byRules(entry.rules, user) ?? byColours(entry.rules, hash);
}

function steady(served: ReadonlyMap<string, Decision>, key: string, wanted: Value): Runner {
  return (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) if (served.get(key)?.value === wanted) hits++;
    return hits;
  };
}

function freshSplit(splits: ReadonlyMap<string, Split>, key: string, users: readonly User[], wanted: Value): Runner {
  let at = 0;
  return (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) {
      const hash = xxh32((users[at] as User).key, 0);
      if (bySplit(splits.get(key) as Split, hash).value === wanted) hits++;
      if (++at === users.length) at = 0;
    }
    return hits;
  };
}

function reused(splits: ReadonlyMap<string, Split>, key: string, users: readonly User[], wanted: Value): Runner {
  const units: Unit[] = users.map((user) => ({ hash: xxh32(user.key, 0) }));
  let at = 0;
  return (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) {
      if (bySplit(splits.get(key) as Split, (units[at] as Unit).hash).value === wanted) hits++;
      if (++at === units.length) at = 0;
    }
    return hits;
  };
}

function freshRules(all: ReadonlyMap<string, Rules>, key: string, users: readonly User[], wanted: Value): Runner {
  let at = 0;
  return (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) {
      const user = users[at] as User;
      const rules = all.get(key) as Rules;
      const decision = byRules(rules, user) ?? byColours(rules, xxh32(user.key, 0));
      if (decision.value === wanted) hits++;
      if (++at === users.length) at = 0;
    }
    return hits;
  };
}

function all(entries: ReadonlyMap<string, Entry>, keys: readonly string[], users: readonly User[]): Runner {
  let at = 0;
  return (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) {
      const user = users[at] as User;
      const hash = xxh32(user.key, 0);
      const decisions = new Array<Decision>(keys.length);
      for (let index = 0; index < keys.length; index++) {
        decisions[index] = decideEntry(entries.get(keys[index] as string) as Entry, user, hash);
      }
      if (decisions[run % decisions.length]?.value === true) hits++;
      if (++at === users.length) at = 0;
    }
    return hits;
  };
}
