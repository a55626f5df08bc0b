/**
 * A process with many SDK clients: tells which versions all of them have, and since when. It reads as many bare streams beside them, of which
 * it tells the same.
 */
import type { PublicJwk } from '#ruleset/web-crypto';
import { createLockstepClient } from '#sdk/node/create-lockstep-client';
import { createSseDecoder } from '#sdk/stream/sse-decoder';
import { monotonicMs } from './monotonic-ms.ts';

export interface ClientsOrder {
  readonly name: string;
  readonly count: number;
  readonly environment: string;
  readonly publicKeys: readonly PublicJwk[];
  /** Of the relay, and of the bare server in its place. */
  readonly url: string;
  readonly bareUrl: string;
}

/** `number` is a version, or that of an echo. */
export interface Heard {
  readonly what: 'applied' | 'echoed' | 'failed';
  readonly number: number;
  readonly digest: string;
  /** When the last of them had it. */
  readonly at: number;
}

const { name, count, environment, publicKeys, url, bareUrl } = JSON.parse(process.argv[2] ?? '') as ClientsOrder;

/** Tells of a number once it was counted for all. */
function counting(what: Heard['what']): (number: number, digest?: string) => void {
  const counts = new Map<number, number>();
  return (number, digest = '') => {
    const counted = (counts.get(number) ?? 0) + 1;
    counts.set(number, counted);
    if (counted < count) return;
    counts.delete(number);
    process.send?.({ what, number, digest, at: monotonicMs() } satisfies Heard);
  };
}

const applied = counting('applied');
const echoed = counting('echoed');

const clients = Array.from({ length: count }, (_, at) => {
  const client = createLockstepClient({
    ...{
      url,
      environment,
      publicKeys,
      key: 'server',
      instance: `${name}-${at}`,
      place: { region: name, cloud: 'aws' },
    },
  });
  client.listen((event) => {
    if (event.type === 'changed') applied(event.ruleset.claims.version, event.ruleset.claims.sha256);
    if (event.type === 'refused')
      process.send?.({ what: 'failed', number: event.version, digest: event.refusal.code, at: 0 });
  });
  return client;
});

async function readBare(): Promise<void> {
  const { body } = await fetch(bareUrl);
  // 0: the stream is open.
  echoed(0);
  const decoder = createSseDecoder();
  for await (const bytes of body ?? []) {
    for (const { data } of decoder.feed(bytes) ?? []) echoed((JSON.parse(data) as { number: number }).number);
  }
}

for (let at = 0; at < count; at++) readBare().catch(() => process.exit(1));

process.once('SIGTERM', async () => {
  await Promise.all(clients.map((client) => client.close()));
  process.exit(0);
});
process.once('disconnect', () => process.exit(1));
