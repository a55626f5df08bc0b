/** Vercel's flags core: its exported `evaluate`, a pure function, which its client wraps in promises and metrics. */
import { type DatafileInput, evaluate } from '@vercel/flags-core';
import type { Engine, Subject } from '../subject.ts';
import type { User } from '../workload/users.ts';
import { looped, loopedAll, parsed } from './loops.ts';
import { ENVIRONMENT, vercelPayload } from './vercel-definitions.ts';

interface Entities extends Record<string, unknown> {
  readonly user: User;
}

export const vercelFlagsCore: Subject = { name: 'vercel-flags-core', payload: vercelPayload, open };

function open(payload: string): Engine {
  const { definitions } = JSON.parse(payload) as DatafileInput;
  const decide = (key: string, entities: Entities) => {
    const definition = definitions[key];
    if (definition === undefined) throw new Error(`no flag ${key}`);
    return evaluate<unknown>({ definition, environment: ENVIRONMENT, entities });
  };
  const value = (key: string, user: User): unknown => decide(key, { user }).value;
  const entities = (users: readonly User[]): Entities[] => parsed(users).map((user) => ({ user }));
  return {
    fresh: (key, users, wanted) => looped(parsed(users), (user) => decide(key, { user }).value, wanted),
    reused: (key, users, wanted) => looped(entities(users), (made) => decide(key, made).value, wanted),
    steady: (key, user, wanted) => looped(entities([user]), (made) => decide(key, made).value, wanted),
    all: (keys, users) =>
      loopedAll(parsed(users), (user) => {
        const made = { user };
        return keys.map((key) => decide(key, made)).length;
      }),
    value,
    values: (keys, user) => Object.fromEntries(keys.map((key) => [key, value(key, user)])),
  };
}
