/** A publisher that takes what it is sent and answers when the benchmark lets it: what it takes itself is nobody's figure. */
import { hash } from 'node:crypto';
import { keyAt } from '#ruleset/lines';
import type { PublisherPort, PublishOutcome, PublishRequest } from '../../../workers/control/publisher-port.ts';

export interface InstantPublisher extends PublisherPort {
  /** Answers what it was asked; throws where it was asked nothing. */
  answer(): void;
}

/** `onCall` is called first of all when it is asked. */
export function createInstantPublisher(onCall: () => void): InstantPublisher {
  const lines = new Map<string, string>();
  let version = 0;
  let waiting: { readonly request: PublishRequest; readonly resolve: (outcome: PublishOutcome) => void } | undefined;

  function take({ changed, lines: all }: PublishRequest): PublishOutcome {
    version += 1;
    if (changed === undefined) lines.clear();
    for (const line of (changed?.changes ?? all()).split('\n')) {
      const key = keyAt(line, 0);
      if (key === undefined) continue;
      if (line === `{"k":"${key}"}`) lines.delete(key);
      else lines.set(key, `${line.replace('"r":0', `"r":${version}`)}\n`);
    }
    const text = [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
    return { kind: 'in-force', version, digest: hash('sha256', text.join(''), 'base64url') };
  }

  return {
    publish(_environment, request) {
      onCall();
      return new Promise((resolve) => {
        waiting = { request, resolve };
      });
    },
    news: async () => ({ kind: 'dark', message: 'has nothing to tell' }),
    putKeys: async () => ({ kind: 'dark', message: 'takes no keys' }),
    answer() {
      if (waiting === undefined) throw new Error('the outbox has not called the publisher');
      const { request, resolve } = waiting;
      waiting = undefined;
      resolve(take(request));
    },
  };
}
