/** The publisher and the stream as they are deployed, each in a workerd of its own, the one bound to the other. */
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from 'miniflare';
import { deployedOptions } from '../../e2e/fixtures/killable-workers.ts';
import { bindingsOf, ENVIRONMENT, KEY } from '../../e2e/fixtures/publisher.ts';
import type { Signer } from '../../unit/fixtures/signing.ts';
import { hashOf } from '../../unit/relay/fixtures/held.ts';

export interface Home {
  /** Where relays find the stream. */
  readonly url: string;
  /** Rejects where the publisher refuses; `changes` are those that it must come to. */
  publish(body: object): Promise<Ordered>;
  giveBack(flag: string): Promise<Ordered>;
  stop(): Promise<void>;
}

export interface Ordered {
  readonly version: number;
  readonly journalId?: number;
  readonly changes: Readonly<Record<string, string>>;
}

/** Each is named as its kind. */
export const SDK_KEYS = JSON.stringify(
  ['relay', 'server', 'publisher'].map((kind) => ({ sha256: hashOf(kind), kind })),
);

const boot = (worker: V4WorkerOptions): Miniflare =>
  new Miniflare(
    convertV4MiniflareOptions({
      ...{ host: '127.0.0.1', port: 0, cf: false, log: new Log(LogLevel.NONE), handleStructuredLogs: () => {} },
      workers: [worker],
    }),
  );

export async function startHome(signer: Signer): Promise<Home> {
  const { PUBLIC_KEYS = '', ...secrets } = await bindingsOf(signer);
  const stream = boot(await deployedOptions('stream', { ENVIRONMENT, PUBLIC_KEYS, SDK_KEYS, REGIONS: '[]' }));
  const { host, origin } = await stream.ready;
  const press = boot({
    ...(await deployedOptions('publisher', { ...secrets, PUBLIC_KEYS, STREAM_KEY: 'publisher' })),
    serviceBindings: { STREAM: { external: { address: host, http: {} } } },
  });
  const publisher = (await press.ready).origin;

  async function order(path: string, body: object): Promise<Ordered> {
    const headers = { authorization: `Bearer ${KEY}` };
    const response = await fetch(publisher + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as Ordered;
    if (response.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  return {
    url: origin,
    publish: (body) => order('/v1/ruleset', body),
    giveBack: (flag) => order('/v1/ruleset/return', { flags: [flag], reason: 'measured' }),
    async stop() {
      await Promise.all([press.dispose(), stream.dispose()]);
    },
  };
}
