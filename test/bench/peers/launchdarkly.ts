/**
 * LaunchDarkly's server SDK: `LDClient.variationDetail`, and `allFlagsState` with reasons for bulk. No events: the
 * flags come from an update processor of our own, which does what the streaming one does with a message.
 */
import { init, type LDClient, type LDEvaluationDetail, reviveFullPayload } from '@launchdarkly/node-server-sdk';
import type { Engine, Runner, Subject, Value } from '../subject.ts';
import type { User } from '../workload/users.ts';
import { launchdarklyPayload } from './launchdarkly-flags.ts';
import { parsed } from './loops.ts';

type LdContext = User & { readonly kind: 'user' };

export const launchdarkly: Subject = { name: 'launchdarkly', payload: launchdarklyPayload, open };

/** Evaluations between two waits that let the client's promises settle. */
const BATCH = 64;

const quiet = (): void => {};
const LOGGER = { error: quiet, warn: quiet, info: quiet, debug: quiet };

const contextOf = (user: User): LdContext => ({ kind: 'user', ...user });

/** What an update processor is given of the SDK, as far as it is needed here. */
interface Updates {
  init(data: Record<string, unknown>, callback: () => void): void;
}

async function open(payload: string): Promise<Engine> {
  const client = init('sdk-key', { sendEvents: false, logger: LOGGER, updateProcessor: sourceOf(payload) });
  await client.waitForInitialization({ timeout: 10 });
  // The plain object is all that a caller can make: the client converts it anew for every evaluation.
  const single = (key: string, users: readonly User[], wanted: Value): Runner =>
    details(client, key, parsed(users.map(contextOf)), wanted);
  return {
    fresh: single,
    reused: single,
    steady: (key, user, wanted) => single(key, [user], wanted),
    all: (_keys, users) => all(client, parsed(users.map(contextOf))),
    value: async (key, user) => (await client.variationDetail(key, contextOf(user), undefined)).value,
    values: async (_keys, user) => (await client.allFlagsState(contextOf(user), { withReasons: true })).allValues(),
    close: () => client.close(),
  };
}

function sourceOf(payload: string) {
  return (_context: unknown, updates: Updates, initialized: () => void) => ({
    start(): void {
      const { flags, segments } = JSON.parse(payload);
      reviveFullPayload({ flags, segments });
      updates.init({ features: flags, segments }, initialized);
    },
    stop: quiet,
    close: quiet,
  });
}

/** Takes the detail through the callback, which comes before the promise and spares the loop an `await` each. */
function details(client: LDClient, key: string, contexts: readonly LdContext[], wanted: Value): Runner {
  let at = 0;
  let hits = 0;
  const onDetail = (_error: unknown, detail: LDEvaluationDetail): void => {
    if (detail.value === wanted) hits++;
  };
  return async (count) => {
    hits = 0;
    for (let run = 1; run <= count; run++) {
      const settled = client.variationDetail(key, contexts[at] as LdContext, undefined, onDetail);
      if (run % BATCH === 0 || run === count) await settled;
      if (++at === contexts.length) at = 0;
    }
    return hits;
  };
}

function all(client: LDClient, contexts: readonly LdContext[]): Runner {
  let at = 0;
  return async (count) => {
    let valid = 0;
    for (let run = 0; run < count; run++) {
      const state = await client.allFlagsState(contexts[at] as LdContext, { withReasons: true });
      if (state.valid) valid++;
      if (++at === contexts.length) at = 0;
    }
    return valid;
  };
}
