/** What `wrangler.toml` says of a Worker, as Miniflare takes it: its bindings, its Durable Objects, its compatibility date. */
import { relative } from 'node:path';
import type { V4WorkerOptions } from 'miniflare';
import { keptBuild } from '../build-cache.ts';

export interface DeployedWorker {
  /** The path of its entry, from the root. */
  readonly main: string;
  readonly options: Pick<V4WorkerOptions, 'kvNamespaces' | 'r2Buckets' | 'durableObjects' | 'serviceBindings'> & {
    readonly bindings?: Readonly<Record<string, string>>;
    readonly compatibilityDate?: string;
  };
}

/** Wrangler takes longer to load than all else of a planet: it is asked once for as long as the file stays as it is. */
export async function deployedWorker(env: string): Promise<DeployedWorker> {
  const files = [
    'scripts/planet/deployed-worker.ts',
    'wrangler.toml',
    ...SECRETS.flatMap((path) => [path, `${path}.${env}`]),
  ];
  const text = await keptBuild({ wrangler: env }, async () => ({ text: await read(env), inputs: files }));
  return JSON.parse(text) as DeployedWorker;
}

/** Where wrangler looks for settings of a developer's own. */
const SECRETS = ['.dev.vars', '.env', '.env.local'];

async function read(env: string): Promise<string> {
  const { unstable_getMiniflareWorkerOptions: workerOptionsOf } = await import('wrangler');
  const { main = '', workerOptions } = workerOptionsOf('wrangler.toml', env);
  const { modulesRules: _rules, ...options } = workerOptions;
  return JSON.stringify({ main: relative('', main), options });
}
