/** Lockstep's own evaluator, through the functions that its SDK and its edge call. */
import { type Context, createContext } from '#core/context';
import { evaluate, evaluateAll } from '#core/evaluate';
import { readLines } from '#ruleset/reader';
import type { Engine, Runner, Subject, Value } from '../subject.ts';
import { VERSION } from '../workload/flags.ts';
import type { User } from '../workload/users.ts';
import { linesOf } from './lockstep-lines.ts';

interface Attributes extends Omit<User, 'key'> {
  readonly targetingKey: string;
}

const attributesOf = ({ key, ...rest }: User): Attributes => ({ targetingKey: key, ...rest });

/** What a caller has: OpenFeature's context as a plain object, parsed from a request. */
const attributesOfAll = (users: readonly User[]): Attributes[] =>
  JSON.parse(JSON.stringify(users.map(attributesOf))) as Attributes[];

export const lockstep: Subject = { name: 'lockstep', payload: linesOf, open, contexts };

function open(payload: string): Engine {
  const reader = readLines(payload, VERSION);
  return {
    fresh: (key, users, wanted) => fresh(reader, key, attributesOfAll(users), wanted),
    steady: (key, user, wanted) => steady(reader, key, attributesOf(user), wanted),
    reused: (key, users, wanted) => reused(reader, key, attributesOfAll(users), wanted),
    all: (_keys, users) => all(reader, attributesOfAll(users)),
    value: (key, user) => evaluate(reader, key, createContext(attributesOf(user))).value,
    values: (_keys, user) => {
      const decisions = evaluateAll(reader, createContext(attributesOf(user)));
      return Object.fromEntries(reader.flagKeys().map((key, index) => [key, decisions[index]?.value]));
    },
  };
}

type Reader = ReturnType<typeof readLines>;

function fresh(reader: Reader, key: string, users: readonly Attributes[], wanted: Value): Runner {
  let at = 0;
  return (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) {
      if (evaluate(reader, key, createContext(users[at])).value === wanted) hits++;
      if (++at === users.length) at = 0;
    }
    return hits;
  };
}

function steady(reader: Reader, key: string, user: Attributes, wanted: Value): Runner {
  const context = createContext(user);
  return (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) if (evaluate(reader, key, context).value === wanted) hits++;
    return hits;
  };
}

function reused(reader: Reader, key: string, users: readonly Attributes[], wanted: Value): Runner {
  const made = users.map((user) => createContext(user));
  for (const context of made) evaluate(reader, key, context);
  let at = 0;
  return (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) {
      if (evaluate(reader, key, made[at] as Context).value === wanted) hits++;
      if (++at === made.length) at = 0;
    }
    return hits;
  };
}

function all(reader: Reader, users: readonly Attributes[]): Runner {
  let at = 0;
  return (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) {
      const decisions = evaluateAll(reader, createContext(users[at]));
      if (decisions[run % decisions.length]?.value === true) hits++;
      if (++at === users.length) at = 0;
    }
    return hits;
  };
}

function contexts(users: readonly User[]): Runner {
  const all = attributesOfAll(users);
  // Kept, so that the compiler cannot leave the allocation out.
  const kept: Context[] = new Array(1_024);
  return (count) => {
    for (let run = 0; run < count; run++) kept[run & 1_023] = createContext(all[run % all.length]);
    return kept.length;
  };
}
