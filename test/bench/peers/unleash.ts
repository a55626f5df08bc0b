/** Unleash's Node SDK from a bootstrap, without metrics: `isEnabled`, and `getVariant` where there are variants. */
import { InMemStorageProvider, Unleash } from 'unleash-client';
import type { Engine, Subject, Value } from '../subject.ts';
import type { User } from '../workload/users.ts';
import { looped, loopedAll, parsed } from './loops.ts';
import { unleashPayload } from './unleash-features.ts';

type UnleashContext = {
  readonly userId: string;
  readonly properties: { readonly [name: string]: string | number };
};

export const unleash: Subject = { name: 'unleash', payload: unleashPayload, open };

const contextOf = ({ key, ...properties }: User): UnleashContext => ({ userId: key, properties });

async function open(payload: string): Promise<Engine> {
  const client = await started(payload);
  const hasVariants = (key: string): boolean =>
    client.getFeatureToggleDefinition(key)?.strategies?.some(({ variants }) => variants !== undefined) === true;
  const decide = (wanted: Value, key: string): ((context: UnleashContext) => unknown) =>
    typeof wanted === 'boolean'
      ? (context) => client.isEnabled(key, context)
      : (context) => client.getVariant(key, context).name;
  const value = (key: string, user: User): unknown => decide(hasVariants(key) ? '' : true, key)(contextOf(user));
  const contexts = (users: readonly User[]): UnleashContext[] => parsed(users.map(contextOf));
  return {
    fresh(key, users, wanted) {
      const once = decide(wanted, key);
      return looped(contexts(users), ({ userId, properties }) => once({ userId, properties }), wanted);
    },
    reused: (key, users, wanted) => looped(contexts(users), decide(wanted, key), wanted),
    steady: (key, user, wanted) => looped(contexts([user]), decide(wanted, key), wanted),
    all(keys, users) {
      const variants = keys.map(hasVariants);
      return loopedAll(contexts(users), ({ userId, properties }) => {
        const context = { userId, properties };
        return keys.map((key, at) => (variants[at] ? client.getVariant(key, context) : client.isEnabled(key, context)))
          .length;
      });
    },
    value,
    values: (keys, user) => Object.fromEntries(keys.map((key) => [key, value(key, user)])),
    close: () => client.destroy(),
  };
}

function started(payload: string): Promise<Unleash> {
  const client = new Unleash({
    appName: 'bench',
    // Never asked: an interval of 0 turns fetching off.
    url: 'http://localhost/',
    refreshInterval: 0,
    disableMetrics: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: { data: JSON.parse(payload).features },
    skipInstanceCountWarning: true,
  });
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.once('error', reject);
  });
}
