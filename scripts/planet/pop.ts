/** A Cloudflare POP on Miniflare: the edge Worker with the bindings that `wrangler.toml` gives it. */
import { resolve } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from 'wrangler';
import { buildWorker } from './build-worker.ts';
import { onFreePort } from './free-port.ts';
import { keyRecords, type PlanetKeys } from './keys.ts';
import { statePath } from './state.ts';

export interface PopOptions {
  /** `iad` */
  readonly name: string;
  readonly region: string;
  readonly environment: string;
  readonly keys: PlanetKeys;
  /** The port that it would like to have; where it is taken, any that is free. */
  readonly port: number;
  /** Settings of the Worker other than its defaults. */
  readonly vars?: Readonly<Record<string, string>>;
}

export interface Pop {
  readonly name: string;
  readonly url: string;
  /** The store that this POP reads. */
  readonly kv: Awaited<ReturnType<Miniflare['getKVNamespace']>>;
  stop(): Promise<void>;
}

export async function startPop({ name, region, environment, keys, port, vars }: PopOptions): Promise<Pop> {
  const { workerOptions } = workerOptionsOf('wrangler.toml', 'edge');
  const bindings = {
    ...(workerOptions['bindings'] as Record<string, string> | undefined),
    ENVIRONMENT: environment,
    REGION: region,
    POP: name,
    PUBLIC_KEYS: JSON.stringify([keys.signing.publicJwk]),
    SDK_KEYS: JSON.stringify(keyRecords(keys)),
    ...vars,
  };
  const { modulesRules: _rules, ...options } = workerOptions;
  const script = await buildWorker('workers/edge/index.ts');
  const boot = async (on: number): Promise<{ miniflare: Miniflare; url: URL }> => {
    const miniflare = new Miniflare({
      ...convertV4MiniflareOptions({
        host: '127.0.0.1',
        port: on,
        log: new Log(LogLevel.NONE),
        cf: false,
        workers: [{ ...options, name: `edge-${name}`, modules: true, script, bindings }],
      }),
      resourcePersistencePath: resolve(statePath('storage'), `edge-${name}`),
    });
    return { miniflare, url: await miniflare.ready };
  };
  const { miniflare, url } = await onFreePort(port, boot);
  return {
    name,
    url: url.origin,
    kv: await miniflare.getKVNamespace('RULESETS', `edge-${name}`),
    stop: () => miniflare.dispose(),
  };
}
