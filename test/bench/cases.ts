/** The cases, and what each asks of a subject. */
import type { Engine, Runner } from './subject.ts';
import { type Flag, mixedFlags, SINGLES } from './workload/flags.ts';
import { someUsers, type User } from './workload/users.ts';

export const EVALUATION_CASES = ['a', 'b', 'b-warm', 'c', 'd'] as const;
export const DECODING_CASES = ['e-1000-lazy', 'e-1000-evaluated', 'e-5000-lazy', 'e-5000-evaluated'] as const;
export const CASES = [...EVALUATION_CASES, ...DECODING_CASES] as const;

export type EvaluationCase = (typeof EVALUATION_CASES)[number];
export type DecodingCase = (typeof DECODING_CASES)[number];
export type CaseName = (typeof CASES)[number];

export const TITLES: Readonly<Record<CaseName, string>> = {
  a: 'on/off flag, no targeting; ns per evaluation',
  b: '25 % split over 10,000 users, new context each time; ns per evaluation',
  'b-warm': '25 % split over 10,000 users, contexts made and used before; ns per evaluation',
  c: 'five rules, then a three-way split, 10,000 users, new context each time; ns per evaluation',
  d: '500 flags for one user in one new context, with reasons; ns per user (all 500)',
  'e-1000-lazy': 'opening 1,000 flags; ns per payload',
  'e-1000-evaluated': 'opening 1,000 flags and evaluating each once; ns per payload',
  'e-5000-lazy': 'opening 5,000 flags; ns per payload',
  'e-5000-evaluated': 'opening 5,000 flags and evaluating each once; ns per payload',
};

export const isDecoding = (name: CaseName): name is DecodingCase => name.startsWith('e-');

/** How many users a case goes round through. */
const USERS = 10_000;
/** Flags of the ruleset that a, b, b-warm and c pick one of; also the 500 of d. */
const FLAGS = 500;

export function flagsOf(name: CaseName): Flag[] {
  if (isDecoding(name)) return mixedFlags(Number(name.split('-')[1]));
  // `measured-…` sorts behind the keys of the mix.
  return name === 'd' ? mixedFlags(FLAGS) : [...mixedFlags(FLAGS - 3), SINGLES.rules, SINGLES.split, SINGLES.switch];
}

/** Flags that one run of a case evaluates. */
export const flagsPerRun = (name: CaseName): number => (name === 'd' ? FLAGS : 1);

export const usersOf = (name: CaseName): User[] => someUsers(name === 'd' || isDecoding(name) ? 100 : USERS);

/** The flag that a case evaluates; undefined where it is all of them. */
export function flagOf(name: CaseName): Flag | undefined {
  if (name === 'a') return SINGLES.switch;
  if (name === 'b' || name === 'b-warm') return SINGLES.split;
  return name === 'c' ? SINGLES.rules : undefined;
}

/** The loop of an evaluation case. */
export function runnerOf(name: EvaluationCase, engine: Engine, flags: readonly Flag[], users: readonly User[]): Runner {
  switch (name) {
    case 'a':
      return engine.steady(SINGLES.switch.key, users[0] as User, true);
    case 'b':
      return engine.fresh(SINGLES.split.key, users, true);
    case 'b-warm':
      return engine.reused(SINGLES.split.key, users, true);
    case 'c':
      return engine.fresh(SINGLES.rules.key, users, 'blue');
    case 'd':
      return engine.all(keysOf(flags), users);
  }
}

const keysOf = (flags: readonly Flag[]): string[] => flags.map(({ key }) => key);
