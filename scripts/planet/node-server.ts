/** A process of the planet that is a server on Node: a relay, or a service of the marketplace. It ends with its parent. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE } from '../compile-cache.ts';
import { freePort } from './free-port.ts';
import type { ProcessName } from './layout.ts';
import { labelOf } from './planet-pids.ts';
import type { Booted, ProcessEvents, ProcessKind } from './planet-process.ts';

export interface NodeServer {
  /** Of its module, from the project's folder. */
  readonly module: string;
  readonly args?: readonly string[];
  /** Of its environment, where it is told to listen on that port of loopback. */
  readonly env: (port: number) => Readonly<Record<string, string>>;
}

const CHILD = fileURLToPath(new URL('./node-child.ts', import.meta.url));
const START_DEADLINE_MS = 90_000;
const LOOK_INTERVAL_MS = 50;
/** As long as a graceful end may take. */
const END_DEADLINE_MS = 5_000;

export const nodeServerKind = (name: ProcessName, server: NodeServer): ProcessKind => ({
  // It does not bring itself back.
  graceMs: 0,
  boot: (port, events) => boot(name, server, port, events),
});

async function boot(
  name: ProcessName,
  { module, args = [], env }: NodeServer,
  wanted: number,
  { log, ended }: ProcessEvents,
): Promise<Booted> {
  const port = await freePort(wanted);
  const child = fork(CHILD, [module, ...args], {
    env: { ...labelOf(name), PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: COMPILE_CACHE, ...env(port) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding('utf8').on('data', (text: string) => log(text.trimEnd()));
  }
  const exited = new Promise<void>((over) => child.once('exit', () => over()));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const url = `http://127.0.0.1:${port}`;
  await untilAlive(child, url).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  let isMeant = false;
  void exited.then(() => isMeant || ended());
  return {
    url,
    pid: () => (isRunning() ? child.pid : undefined),
    async end() {
      isMeant = true;
      child.kill('SIGTERM');
      await Promise.race([exited, sleep(END_DEADLINE_MS, undefined, { ref: false })]);
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function untilAlive(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const alive = await fetch(`${url}/livez`).catch(() => undefined);
    await alive?.body?.cancel();
    if (alive?.ok === true) return;
    await sleep(LOOK_INTERVAL_MS);
  }
  throw new Error(`${url} does not come up (${child.signalCode ?? child.exitCode ?? 'too slow'}): see its log`);
}
