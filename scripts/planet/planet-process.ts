/** One process of the planet, of whatever kind: on one port and one storage for as long as the planet lives, and brought back when it ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onFreePort } from './free-port.ts';
import type { ProcessName } from './layout.ts';
import { isAlive, killNow } from './planet-pids.ts';
import { openProcessLog, type ProcessLog } from './process-log.ts';

export interface PlanetProcess {
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

/** What is different from kind to kind. */
export interface ProcessKind {
  /** Rejects with EADDRINUSE where the port is taken. */
  boot(port: number, events: ProcessEvents): Promise<Booted>;
  /** For how long it may bring itself back after a crash, before the planet does (milliseconds). */
  readonly graceMs: number;
}

export interface ProcessEvents {
  readonly log: ProcessLog;
  /** It has ended, and nobody meant it to. */
  ended(): void;
  /** It has brought itself back. */
  revived(): Promise<void>;
}

export interface Booted {
  readonly url: string;
  /** Of what runs now. */
  pid(): number | undefined | Promise<number | undefined>;
  end(): Promise<void>;
}

export interface ProcessOptions {
  readonly name: ProcessName;
  /** The port that it would like to have; where it is taken, any that is free. */
  readonly port: number;
  readonly kind: ProcessKind;
  /** Called when its pid or state is another. */
  readonly onChange: () => void;
}

const RETRY_MS = 500;

export async function startProcess({ name, port, kind, onChange }: ProcessOptions): Promise<PlanetProcess> {
  let pid: number | undefined;
  let restarts = 0;
  let isRestarting = false;
  let booted: Booted | undefined;
  const log = openProcessLog(name);

  async function observe(): Promise<void> {
    pid = await booted?.pid();
    onChange();
  }

  const boot = (on: number): Promise<Booted> =>
    kind.boot(on, {
      log,
      ended: () => void observe(),
      revived() {
        restarts++;
        return observe();
      },
    });

  booted = await onFreePort(port, boot);
  const { url } = booted;
  await observe();

  async function restart(downMs: number): Promise<boolean> {
    if (isRestarting) return false;
    isRestarting = true;
    await booted?.end().catch((error: unknown) => log(`error: does not end well: ${String(error)}`));
    pid = undefined;
    onChange();
    await sleep(downMs);
    booted = await bootUntilItDoes();
    restarts++;
    await observe();
    isRestarting = false;
    return true;
  }

  /** Somebody else may have taken the port meanwhile: nothing else would do, for others have its URL. */
  async function bootUntilItDoes(): Promise<Booted> {
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
      await sleep(kind.graceMs, undefined, { ref: false });
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
      const running = await booted?.pid();
      return running !== undefined && killNow(running);
    },
  };
}
