import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Beacon } from '#exposure/exposure';
import { createPseudonymiser } from '#exposure/pseudonym';
import { until } from './fixtures/poll.ts';
import { endAll, type Running, startScript } from './fixtures/processes.ts';

const KILLS = 3;

let folder: string;
let server: Server;
let url: string;
const units = new Set<string>();
const sequences = new Map<string, Set<number>>();
let posts = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spill-'));
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
    // By turns it takes nothing, takes all and cannot say so, or is well.
    const turn = posts++ % 10;
    if (turn !== 0) take(JSON.parse(text) as Beacon);
    response.writeHead(turn < 2 ? 503 : 202, { 'content-type': 'application/json' }).end('{"rejected":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await endAll();
  server.close();
  await rm(folder, { recursive: true });
});

function take({ emitter, sequence = 0, events }: Beacon): void {
  for (const { unit } of events) units.add(unit);
  sequences.set(emitter, (sequences.get(emitter) ?? new Set()).add(sequence));
}

const pseudonym = createPseudonymiser(new Uint8Array(32));
const isMissing = (user: number): boolean => !units.has(pseudonym('user', `user-${user}`));

const served = ({ stdout }: Running): number => Number(/(\d+)\n[^\d]*$/.exec(stdout())?.[1] ?? 0);

async function life(from: number, lastsMs: number): Promise<Running> {
  const process = startScript('test/e2e/fixtures/emitting-process.ts', [folder, url, String(from)]);
  // By now some has been spilled, and some has not.
  await until('it serves', async () => (served(process) > from + 500 ? true : undefined));
  await new Promise((resolve) => setTimeout(resolve, lastsMs));
  return process;
}

it('I8, B35: a process that is killed at random loses no more than a tail, which shows as a number that never comes', async () => {
  const lives: { from: number; to: number }[] = [];
  let from = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const running = await life(from, 20 + 150 * kill);
    process.kill(running.pid, 'SIGKILL');
    await running.exited;
    // What it served after its last word nobody knows of.
    lives.push({ from, to: served(running) });
    from = served(running) + 1_000;
  }
  const last = await life(from, 200);
  process.kill(last.pid, 'SIGTERM');
  await last.exited;
  const { arrived, ledger } = JSON.parse(last.stdout().trim().split('\n').at(-1) as string);
  expect(arrived).toBe(true);
  expect(ledger).toMatchObject({ spilled: 0, dropped: 0, collapsed: 0 });

  for (const { from: first, to } of lives) {
    const missing = Array.from({ length: to - first }, (_, at) => first + at).filter(isMissing);
    // A tail, and nothing else: behind the first that is missing all are.
    if (missing[0] !== undefined) expect(missing).toHaveLength(to - missing[0]);
  }
  const [name] = [...sequences.keys()];
  expect([...sequences.keys()]).toEqual([name]);
  const seen = sequences.get(name as string) as Set<number>;
  const gaps = Array.from({ length: Math.max(...seen) }, (_, at) => at + 1).filter((one) => !seen.has(one));
  expect(gaps).toHaveLength(KILLS);
}, 300_000);
