/** Relays as processes of their own beside bare servers that do the same, in turn. Both take their own connections, by the same clients. */

import { sseEvent } from '#http/sse-event';
import type { Entry } from '#schema/entry';
import { BOOKMARK_INTERVAL_MS } from '#schema/stream-limits';
import { until } from '../../e2e/fixtures/poll.ts';
import { endAll, type Running, runScript, startScript } from '../../e2e/fixtures/processes.ts';
import { endHomes, hasVersion, type RelayProcess, startHome, startRelay } from '../../e2e/fixtures/relay-process.ts';
import { listen } from '../../unit/relay/fixtures/listening.ts';
import { publish, type Serving } from '../../unit/relay/fixtures/serving.ts';
import { linesOf } from '../subjects/lockstep-lines.ts';
import { mixedFlags, SINGLES } from '../workload/flags.ts';
import { someUsers } from '../workload/users.ts';
import { askOften } from './ask-often.ts';
import type { RelayCase } from './cases.ts';
import { type OpenStreams, openStreams, pause } from './open-streams.ts';
import { cpuNs, residentBytes } from './process-usage.ts';

export interface RelayRow {
  readonly case: RelayCase;
  readonly subject: 'lockstep' | 'floor';
  /** Of `relay-memory`: bytes. */
  readonly ns: number;
}

export interface RelayFigures {
  readonly rows: readonly RelayRow[];
  readonly streams: number;
  /** Answers a second, as they came beside whatever else the machine did. */
  readonly perSecond: { readonly lockstep: number; readonly floor: number };
}

const FLAGS = 1_000;
const FIRST = 5_000;
/** As it is deployed. */
const BUILT = 'node_modules/.cache/relay/relay.cjs';
const ENTRIES = linesOf([...mixedFlags(FLAGS - 3), SINGLES.rules, SINGLES.split, SINGLES.switch])
  .split('\n')
  .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Entry]));

interface Bare {
  readonly running: Running;
  readonly url: string;
}

export async function measureRelay(quick: boolean): Promise<RelayFigures> {
  const home = await startHome();
  // As home does: who hears nothing connects again.
  const heartbeat = setInterval(home.relay.bookmark, BOOKMARK_INTERVAL_MS);
  try {
    await publish(home, ENTRIES, FIRST);
    await runScript('scripts/build-relay.ts', [BUILT]);
    const started = async (): Promise<RelayProcess> => {
      const relay = await startRelay({ home, publicKey: home.held.signer.publicKey, script: BUILT });
      await hasVersion(relay, FIRST);
      return relay;
    };
    const evaluations = await measureEvaluations(await started(), quick ? 4_000 : 40_000);
    const changes = await measureChanges(home, await started(), quick ? 500 : 10_000, quick ? 5 : 20);
    return { rows: [...evaluations.rows, ...changes.rows], ...evaluations.about, streams: changes.streams };
  } finally {
    clearInterval(heartbeat);
    endAll();
    await endHomes();
  }
}

async function startBare(script: string, args: readonly string[] = []): Promise<Bare> {
  const running = startScript(`test/bench/relay/${script}`, args);
  const url = await until('the bare server listens', () => running.stdout().trim() || undefined);
  return { running, url };
}

const ROUNDS = 5;

async function measureEvaluations({ call, url, running }: RelayProcess, requests: number) {
  const path = `/ofrep/v1/evaluate/flags/${SINGLES.split.key}`;
  const asked = someUsers(1_000).map((user) => requestOf(path, JSON.stringify({ context: user })));
  const answer = await call(path, { method: 'POST', body: JSON.stringify({ context: someUsers(1)[0] }) });
  const bare = await startBare('bare-hono.ts', [await answer.text()]);
  const subjects = [
    { name: 'lockstep', url, pid: running.pid, cpu: 0, seconds: 0 },
    { name: 'floor', url: bare.url, pid: bare.running.pid, cpu: 0, seconds: 0 },
  ] as const;
  const spent = subjects.map((subject) => ({ ...subject }));
  for (let round = -1; round < ROUNDS; round++) {
    for (const subject of round % 2 === 0 ? spent : spent.toReversed()) {
      const before = cpuNs(subject.pid);
      const seconds = await askOften(subject.url, asked, requests);
      // The first is for the optimising compiler.
      if (round < 0) continue;
      subject.cpu += (cpuNs(subject.pid) - before) / (requests * ROUNDS);
      subject.seconds += seconds / (requests * ROUNDS);
    }
  }
  const [lockstep, floor] = spent.map(({ seconds }) => Math.round(1 / seconds)) as [number, number];
  const rows = spent.map(({ name, cpu }): RelayRow => ({ case: 'relay-evaluate', subject: name, ns: Math.round(cpu) }));
  return { rows, about: { perSecond: { lockstep, floor } } };
}

const requestOf = (path: string, body: string): Buffer =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer server\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

interface Subject {
  readonly name: RelayRow['subject'];
  readonly pid: number;
  readonly streams: OpenStreams;
  cpu: number;
}

async function measureChanges(home: Serving, relay: RelayProcess, count: number, changes: number) {
  const bare = await startBare('bare-sse.ts');
  const hello = { authorization: 'Bearer server', 'lockstep-instance': 'witness' };
  const witness = await listen(`${relay.url}/v1/stream`, hello);
  const lockstep: Subject = {
    name: 'lockstep',
    pid: relay.running.pid,
    streams: await openStreams(relay.url, count),
    cpu: 0,
  };
  const floor: Subject = { name: 'floor', pid: bare.running.pid, streams: await openStreams(bare.url, count), cpu: 0 };
  /** The very same event goes to the clients of both. */
  async function both(version: number): Promise<void> {
    await spent(lockstep, changes, () => publish(home, changed(version), version));
    const { event = '', id = '', data } = witness.events.findLast(({ event }) => event === 'ruleset')!;
    await spent(floor, changes, () => fetch(bare.url, { method: 'POST', body: sseEvent({ event, id, data }) }));
  }
  for (let version = FIRST + 1; version <= FIRST + 2; version++) await both(version);
  for (const subject of [lockstep, floor]) subject.cpu = 0;
  for (let version = FIRST + 3; version <= FIRST + 2 + changes; version++) await both(version);
  const rows = [lockstep, floor].flatMap(({ name, cpu, pid }): RelayRow[] => [
    { case: 'relay-change', subject: name, ns: Math.round(cpu) },
    { case: 'relay-memory', subject: name, ns: residentBytes(pid) },
  ]);
  for (const { streams } of [lockstep, floor]) streams.close();
  witness.end();
  return { rows, streams: count };
}

/** Adds what a change takes until all have it, and what comes behind. */
async function spent(subject: Subject, changes: number, change: () => Promise<unknown>): Promise<void> {
  const before = cpuNs(subject.pid);
  const told = subject.streams.everybodyTold();
  await change();
  await told;
  await pause(100);
  subject.cpu += (cpuNs(subject.pid) - before) / changes;
}

const changed = (version: number): Entry[] =>
  ENTRIES.map((entry) => (entry.k === SINGLES.switch.key ? ({ ...entry, r: version } as Entry) : entry));
