/** A process of the planet that is a workerd under Miniflare. */
import { resolve } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from 'miniflare';
import type { ProcessName } from './layout.ts';
import { labelOf, planetPids } from './planet-pids.ts';
import type { Booted, ProcessEvents, ProcessKind } from './planet-process.ts';
import { statePath } from './state.ts';

/** A crash is answered by Miniflare itself, within a fraction of a second. Where it could not, the planet does after this long. */
const GRACE_MS = 3_000;

export const workerdKind = (name: ProcessName, worker: V4WorkerOptions): ProcessKind => ({
  graceMs: GRACE_MS,
  boot: (port, events) => boot(name, worker, port, events),
});

async function boot(
  name: ProcessName,
  worker: V4WorkerOptions,
  port: number,
  { log, revived }: ProcessEvents,
): Promise<Booted> {
  const options = convertV4MiniflareOptions({
    host: '127.0.0.1',
    port,
    log: new Log(LogLevel.NONE),
    handleStructuredLogs: ({ level, message }) => log(`${level}: ${message}`),
    cf: false,
    unsafeRuntimeEnv: { ...labelOf(name) },
    unsafeHandleRuntimeRestart: revived,
    workers: [worker],
  });
  const miniflare = new Miniflare({ ...options, resourcePersistencePath: resolve(statePath('storage'), name) });
  try {
    const { origin } = await miniflare.ready;
    return {
      url: origin,
      pid: async () => (await planetPids()).get(name),
      end: () => miniflare.dispose(),
    };
  } catch (error) {
    await miniflare.dispose();
    throw error;
  }
}
