/** Starts EdgeKV's process: it ends with its parent. */
import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EdgeGridCredentials } from '#edgekv/akamai/edgegrid';
import { COMPILE_CACHE } from '../../compile-cache.ts';
import { labelOf } from '../planet-pids.ts';
import type { Booted, ProcessEvents, ProcessKind } from '../planet-process.ts';
import { statePath } from '../state.ts';
import type { EdgeKvStart, FromEdgeKv } from './edgekv-messages.ts';

const CHILD = fileURLToPath(new URL('./edgekv-child.ts', import.meta.url));

export const edgeKvKind = (credentials: EdgeGridCredentials): ProcessKind => ({
  // It does not bring itself back.
  graceMs: 0,
  boot: (port, events) => boot({ port, credentials, file: resolve(statePath('storage/edgekv/edgekv.json')) }, events),
});

async function boot(settings: EdgeKvStart, { log, ended }: ProcessEvents): Promise<Booted> {
  const env = { ...labelOf('edgekv'), NODE_COMPILE_CACHE: COMPILE_CACHE };
  const child = fork(CHILD, { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => log(text.trimEnd()));
  let isMeant = false;
  const exited = new Promise<void>((over) => child.once('exit', () => over()));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;

  async function end(): Promise<void> {
    isMeant = true;
    child.kill('SIGKILL');
    await exited;
  }

  const first = firstWord(child);
  child.send(settings);
  const word = await first;
  if (word.kind === 'failed') {
    await end();
    throw Object.assign(new Error(`edgekv: ${word.message}`), { code: word.code });
  }
  void exited.then(() => isMeant || ended());
  return {
    url: `http://127.0.0.1:${word.port}`,
    pid: () => (isRunning() ? child.pid : undefined),
    end,
  };
}

function firstWord(child: ChildProcess): Promise<FromEdgeKv> {
  return new Promise((resolve, reject) => {
    child.once('message', (word: FromEdgeKv) => resolve(word));
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`edgekv ended as it began (${signal ?? code})`)));
  });
}
