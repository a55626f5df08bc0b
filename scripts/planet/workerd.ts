/** One process of the planet: a workerd under Miniflare, on one port and one storage for as long as the planet lives. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from 'miniflare';
import { onFreePort } from './free-port.ts';
import type { ProcessName } from './layout.ts';
import { statePath } from './state.ts';
import { isAlive, killNow, labelOf, workerdPids } from './workerd-pids.ts';

export interface WorkerdOptions {
  readonly name: ProcessName;
  /** The port that it would like to have; where it is taken, any that is free. */
  readonly port: number;
  readonly worker: V4WorkerOptions;
  /** Called when its pid or state is another. */
  readonly onChange: () => void;
}

export interface Workerd {
  readonly name: ProcessName;
  readonly url: string;
  state(): 'running' | 'down';
  /** Undefined while it is down. */
  pid(): number | undefined;
  /** How often it was started again, for whatever reason. */
  restarts(): number;
  /** Ends it, and starts it again after that long; resolves when it is back. False where that is under way already. */
  restart(downMs: number): Promise<boolean>;
  isRestarting(): boolean;
  /** Ends it as a crash does; it is brought back as after any other. False where it does not run. */
  kill(): Promise<boolean>;
}

/** A crash is answered by Miniflare itself, within a fraction of a second. Where it could not, we do after this long. */
const CRASH_GRACE_MS = 3_000;
const RETRY_MS = 500;

export async function startWorkerd({ name, port, worker, onChange }: WorkerdOptions): Promise<Workerd> {
  let pid: number | undefined;
  let restarts = 0;
  let isRestarting = false;

  async function observe(): Promise<void> {
    pid = (await workerdPids()).get(name);
    onChange();
  }

  const log = openLog(name);
  async function boot(on: number): Promise<Miniflare> {
    const options = convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: on,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ level, message }) => log(`${level}: ${message}`),
      cf: false,
      unsafeRuntimeEnv: { ...labelOf(name) },
      unsafeHandleRuntimeRestart: () => {
        restarts++;
        return observe();
      },
      workers: [worker],
    });
    const miniflare = new Miniflare({ ...options, resourcePersistencePath: resolve(statePath('storage'), name) });
    try {
      await miniflare.ready;
      return miniflare;
    } catch (error) {
      await miniflare.dispose();
      throw error;
    }
  }

  let miniflare = await onFreePort(port, boot);
  const url = (await miniflare.ready).origin;
  await observe();

  async function restart(downMs: number): Promise<boolean> {
    if (isRestarting) return false;
    isRestarting = true;
    await miniflare.dispose().catch((error: unknown) => log(`error: does not end well: ${String(error)}`));
    pid = undefined;
    onChange();
    await sleep(downMs);
    miniflare = await bootUntilItDoes();
    restarts++;
    await observe();
    isRestarting = false;
    return true;
  }

  /** Somebody else may have taken the port meanwhile: nothing else would do, for others have its URL. */
  async function bootUntilItDoes(): Promise<Miniflare> {
    for (;;) {
      try {
        return await boot(Number(new URL(url).port));
      } catch (error) {
        log(`error: does not start: ${String(error)}`);
        await sleep(RETRY_MS);
      }
    }
  }

  async function supervise(): Promise<void> {
    for (;;) {
      await sleep(RETRY_MS, undefined, { ref: false });
      if (isRestarting || (pid !== undefined && isAlive(pid))) continue;
      await sleep(CRASH_GRACE_MS, undefined, { ref: false });
      await observe();
      if (pid === undefined) await restart(0);
    }
  }
  void supervise();

  return {
    name,
    url,
    state: () => (pid === undefined ? 'down' : 'running'),
    pid: () => pid,
    restarts: () => restarts,
    restart,
    isRestarting: () => isRestarting,
    async kill() {
      const running = (await workerdPids()).get(name);
      return running !== undefined && killNow(running);
    },
  };
}

const MAX_LOG_BYTES = 8 * 1024 * 1024;

/** What the Worker writes to its console goes to `logs/<name>.log`, anew at each start of the planet, up to a size. */
function openLog(name: ProcessName): (line: string) => void {
  mkdirSync(statePath('logs'), { recursive: true });
  const stream = createWriteStream(statePath(`logs/${name}.log`));
  return (line) => {
    if (stream.bytesWritten < MAX_LOG_BYTES) stream.write(`${new Date().toISOString()} ${line}\n`);
  };
}
