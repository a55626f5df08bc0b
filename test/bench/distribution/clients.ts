/** Processes with SDK clients: when all clients of all of them have a version. */
import { type ChildProcess, fork } from 'node:child_process';
import type { ClientsOrder, Heard } from './clients-process.ts';

export interface Clients {
  /** When the last had it, and the digest of that version. */
  have(version: number): Promise<Pick<Heard, 'at' | 'digest'>>;
  echoed(number: number): Promise<Pick<Heard, 'at'>>;
  end(): Promise<void>;
}

const CHILD = new URL('clients-process.ts', import.meta.url);
/** The start of all clients on a busy machine takes longest. */
const PATIENCE_MS = 240_000;

export function startClients(orders: readonly ClientsOrder[]): Clients {
  const heard = new Map<string, Heard[]>();
  const waiting = new Map<string, (all: readonly Heard[]) => void>();
  let failed: Error | undefined;
  let giveUp = (_error: Error): void => {};

  const fail = (error: Error): void => {
    failed ??= error;
    giveUp(failed);
  };

  function hear(word: Heard): void {
    if (word.what === 'failed') fail(new Error(`version ${word.number} was refused: ${word.digest}`));
    const name = `${word.what} ${word.number}`;
    const all = [...(heard.get(name) ?? []), word];
    heard.set(name, all);
    if (all.length < orders.length) return;
    waiting.get(name)?.(all);
    waiting.delete(name);
  }

  let ending = false;
  const children = orders.map((order): ChildProcess => {
    const child = fork(CHILD, [JSON.stringify(order)], { env: { ...process.env, NODE_ENV: 'production' } });
    child.on('message', (word: Heard) => hear(word));
    child.on('exit', (code) => ending || fail(new Error(`${order.name} ended with ${code}`)));
    return child;
  });

  function all(name: string): Promise<Pick<Heard, 'at' | 'digest'>> {
    return new Promise((resolve, reject) => {
      if (failed !== undefined) return reject(failed);
      const patience = setTimeout(() => reject(new Error(`not everybody has ${name}`)), PATIENCE_MS);
      const done = (words: readonly Heard[]): void => {
        clearTimeout(patience);
        heard.delete(name);
        resolve({ digest: words[0]?.digest ?? '', at: Math.max(...words.map(({ at }) => at)) });
      };
      giveUp = (error) => {
        clearTimeout(patience);
        reject(error);
      };
      const words = heard.get(name) ?? [];
      if (words.length === orders.length) done(words);
      else waiting.set(name, done);
    });
  }

  return {
    have: (version) => all(`applied ${version}`),
    echoed: (number) => all(`echoed ${number}`),
    async end() {
      ending = true;
      await Promise.all(children.map(ended));
    },
  };
}

/** In order where it can, by force where it takes too long. */
function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(patience);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
