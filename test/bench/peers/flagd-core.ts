/** flagd's in-process evaluator: `resolveBooleanEvaluation`, `resolveStringEvaluation`, and `resolveAll` for bulk. */
import { FlagdCore } from '@openfeature/flagd-core';
import type { Engine, Subject, Value } from '../subject.ts';
import type { User } from '../workload/users.ts';
import { flagdPayload } from './flagd-flags.ts';
import { looped, loopedAll, parsed } from './loops.ts';

type Attributes = Omit<User, 'key'> & { readonly targetingKey: string };

export const flagdCore: Subject = { name: 'flagd-core', payload: flagdPayload, open };

const quiet = (): void => {};
const LOGGER = { error: quiet, warn: quiet, info: quiet, debug: quiet };

const attributesOf = ({ key, ...rest }: User): Attributes => ({ targetingKey: key, ...rest });

function open(payload: string): Engine {
  const core = new FlagdCore(undefined, LOGGER);
  core.setConfigurations(payload);
  // The context is the caller's own object: flagd copies it for every evaluation.
  const decide = (wanted: Value, key: string): ((user: Attributes) => unknown) =>
    typeof wanted === 'boolean'
      ? (user) => core.resolveBooleanEvaluation(key, false, user).value
      : (user) => core.resolveStringEvaluation(key, '', user).value;
  const attributesOfAll = (users: readonly User[]): Attributes[] => parsed(users.map(attributesOf));
  const isBoolean = (key: string): boolean => core.getFlag(key)?.variants.has('on') === true;
  return {
    fresh: (key, users, wanted) => looped(attributesOfAll(users), decide(wanted, key), wanted),
    reused: (key, users, wanted) => looped(attributesOfAll(users), decide(wanted, key), wanted),
    steady: (key, user, wanted) => looped(attributesOfAll([user]), decide(wanted, key), wanted),
    all: (_keys, users) => loopedAll(attributesOfAll(users), (user) => core.resolveAll(user).length),
    value: (key, user) => decide(isBoolean(key) ? true : '', key)(attributesOf(user)),
    values(keys, user) {
      // `resolveAll` leaves out what is disabled; the caller's default is then false.
      const found = new Map(core.resolveAll(attributesOf(user)).map((one) => [one.flagKey, one.value]));
      return Object.fromEntries(keys.map((key) => [key, found.get(key) ?? false]));
    },
  };
}
