/** GrowthBook's SDK: `GrowthBookClient.evalFeature` with a user context, its way for servers. No tracking. */
import { GrowthBookClient } from '@growthbook/growthbook';
import type { Engine, Subject } from '../subject.ts';
import type { User } from '../workload/users.ts';
import { growthbookPayload } from './growthbook-features.ts';
import { looped, loopedAll, parsed } from './loops.ts';

interface Attributes extends Omit<User, 'key'> {
  readonly id: string;
}

export const growthbook: Subject = { name: 'growthbook', payload: growthbookPayload, open };

const attributesOf = ({ key, ...rest }: User): Attributes => ({ id: key, ...rest });

function open(payload: string): Engine {
  const client = new GrowthBookClient().initSync({ payload: JSON.parse(payload) });
  const attributesOfAll = (users: readonly User[]): Attributes[] => parsed(users.map(attributesOf));
  const contexts = (users: readonly User[]) => attributesOfAll(users).map((attributes) => ({ attributes }));
  const value = (key: string, user: User) => client.evalFeature(key, { attributes: attributesOf(user) }).value;
  return {
    fresh: (key, users, wanted) =>
      looped(attributesOfAll(users), (attributes) => client.evalFeature(key, { attributes }).value, wanted),
    reused: (key, users, wanted) => looped(contexts(users), (user) => client.evalFeature(key, user).value, wanted),
    steady: (key, user, wanted) => looped(contexts([user]), (one) => client.evalFeature(key, one).value, wanted),
    all: (keys, users) =>
      loopedAll(attributesOfAll(users), (attributes) => {
        const user = { attributes };
        return keys.map((key) => client.evalFeature(key, user)).length;
      }),
    value,
    values: (keys, user) => Object.fromEntries(keys.map((key) => [key, value(key, user)])),
    close: () => client.destroy(),
  };
}
