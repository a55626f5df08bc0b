/** A Worker with ingest's bindings, in a workerd of its own, with its objects' storage on the disk. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { buildWorker } from '../../../scripts/planet/build-worker.ts';
import type { IngestKeyKind } from '../../../workers/ingest/key-kinds.ts';
import { createSigner, ENVIRONMENT } from '../../unit/fixtures/signing.ts';
import { childrenOf } from '../edge/cpu.ts';

export interface Booted {
  /** Of the workerd process. */
  readonly pid: number;
  /** Where the Worker listens itself, without Miniflare's proxy before it. */
  readonly origin: string;
  /** Bytes of the files of a class's objects, the largest object's. */
  largestOf(className: string): number;
  stop(): Promise<void>;
}

export const KEYS = { server: 'ls_server_bench', rollout: 'ls_rollout_bench' } as const;

/** `entry` is a path from the root. `objects`: whether it has some. */
export async function boot(entry: string, objects: boolean): Promise<Booted> {
  const storage = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  const script = await buildWorker(entry);
  const { publicKey } = await createSigner();
  // The bundler is a child too, and is there by now.
  const before = new Set(childrenOf(process.pid));
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      host: '127.0.0.1',
      log: new Log(LogLevel.NONE),
      cf: false,
      workers: [
        {
          ...{ name: 'ingest', modules: true, script, compatibilityDate: '2026-11-02' },
          compatibilityFlags: ['nodejs_compat'],
          bindings: { ENVIRONMENT, SDK_KEYS: JSON.stringify(records()), PUBLIC_KEYS: JSON.stringify([publicKey]) },
          kvNamespaces: { RULESETS: 'rulesets' },
          ...(objects && { durableObjects: OBJECTS }),
          unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
        },
      ],
    }),
    resourcePersistencePath: storage,
  });
  await miniflare.ready;
  const [pid] = childrenOf(process.pid).filter((child) => !before.has(child));
  if (pid === undefined) throw new Error('workerd was not found among the children of this process');
  return {
    pid,
    origin: (await miniflare.unsafeGetDirectURL('ingest')).origin,
    largestOf: (className) => largestIn(storage, className),
    async stop() {
      await miniflare.dispose();
      rmSync(storage, { recursive: true, force: true });
    },
  };
}

const OBJECTS = {
  INBOX: { className: 'Inbox', useSQLite: true },
  COHORTS: { className: 'CohortShard', useSQLite: true },
};

const records = (): { kind: IngestKeyKind; sha256: string }[] =>
  Object.entries(KEYS).map(([kind, key]) => ({
    kind: kind as IngestKeyKind,
    sha256: createHash('sha256').update(key).digest('base64url'),
  }));

/** An object is a file, with what SQLite writes ahead beside it. */
function largestIn(storage: string, className: string): number {
  const files = readdirSync(storage, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes(className));
  const sizes = new Map<string, number>();
  for (const name of files.filter((one) => one.includes('.sqlite'))) {
    const object = name.slice(0, name.indexOf('.sqlite'));
    sizes.set(object, (sizes.get(object) ?? 0) + statSync(join(storage, name)).size);
  }
  return Math.max(0, ...sizes.values());
}
