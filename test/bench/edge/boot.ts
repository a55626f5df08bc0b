/** Workers in a workerd of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, Response as MiniflareResponse } from 'miniflare';
import { rulesetKey } from '#edgekv/cloudflare/ruleset-key';
import { buildWorker } from '../../../scripts/planet/build-worker.ts';
import { childrenOf } from './cpu.ts';
import { ENVIRONMENT } from './rulesets.ts';

export interface WorkerSpec {
  readonly name: string;
  /** Its entry, from the repository's root. */
  readonly entry: string;
  readonly bindings: Readonly<Record<string, string>>;
}

export interface Booted {
  /** Of the workerd process. */
  readonly pid: number;
  /** Where Miniflare's proxy Worker listens, which hands all to the first Worker. */
  readonly frontPort: number;
  /** Where a Worker listens itself. */
  ownPort(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the Workers around one KV namespace, in which the ruleset lies. */
export async function boot(specs: readonly WorkerSpec[], ruleset: string): Promise<Booted> {
  const storage = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  const scripts = new Map<string, string>();
  for (const { entry } of specs) if (!scripts.has(entry)) scripts.set(entry, await buildWorker(entry));
  // The bundler is a child too, and is there by now.
  const before = new Set(childrenOf(process.pid));
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      host: '127.0.0.1',
      log: new Log(LogLevel.NONE),
      cf: false,
      workers: specs.map((spec) => optionsOf(spec, scripts.get(spec.entry) as string)),
    }),
    resourcePersistencePath: storage,
  });
  const front = await miniflare.ready;
  const [pid] = childrenOf(process.pid).filter((child) => !before.has(child));
  if (pid === undefined) throw new Error('workerd was not found among the children of this process');
  const kv = await miniflare.getKVNamespace('RULESETS', specs[0]?.name ?? '');
  await kv.put(rulesetKey(ENVIRONMENT), ruleset);
  return {
    pid,
    frontPort: Number(front.port),
    ownPort: async (name) => Number((await miniflare.unsafeGetDirectURL(name)).port),
    async stop() {
      await miniflare.dispose();
      rmSync(storage, { recursive: true, force: true });
    },
  };
}

const optionsOf = ({ name, bindings }: WorkerSpec, script: string) => ({
  name,
  modules: true,
  script,
  compatibilityDate: '2026-11-02',
  bindings,
  kvNamespaces: { RULESETS: 'rulesets' },
  serviceBindings: { INGEST: acknowledge },
  unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
});

/** Ingest, in the driver's process: what it costs is not the edge's. */
const acknowledge = (): MiniflareResponse =>
  MiniflareResponse.json({ accepted: 0, quarantined: 0, rejected: [] }, { status: 202 });
