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
import { openStreams, pause } from './open-streams.ts';
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

/** First the relay, then the bare server with the very same events: the streams of both together are more than a process may have. */
async function measureChanges(home: Serving, relay: RelayProcess, count: number, changes: number) {
  const hello = { authorization: 'Bearer server', 'lockstep-instance': 'witness' };
  const witness = await listen(`${relay.url}/v1/stream`, hello);
  const mine = await spent(relay.url, relay.running.pid, { count, changes }, (at) =>
    publish(home, changed(FIRST + 1 + at), FIRST + 1 + at),
  );
  witness.end();
  const texts = witness.events.flatMap(({ event = '', id = '', data }) =>
    event === 'ruleset' ? [sseEvent({ event, id, data })] : [],
  );
  const bare = await startBare('bare-sse.ts');
  const floor = await spent(bare.url, bare.running.pid, { count, changes }, (at) =>
    fetch(bare.url, { method: 'POST', body: texts.at(at - WARMING - changes) as string }),
  );
  const rows = [{ subject: 'lockstep', ...mine } as const, { subject: 'floor', ...floor } as const].flatMap(
    ({ subject, cpu, memory }): RelayRow[] => [
      { case: 'relay-change', subject, ns: Math.round(cpu) },
      { case: 'relay-memory', subject, ns: memory },
    ],
  );
  return { rows, streams: count };
}

const WARMING = 2;

/** What a change takes until all have it, and what comes behind; and what is resident after all of them. */
async function spent(
  url: string,
  pid: number,
  { count, changes }: { readonly count: number; readonly changes: number },
  change: (at: number) => Promise<unknown>,
): Promise<{ readonly cpu: number; readonly memory: number }> {
  const streams = await openStreams(url, count);
  let cpu = 0;
  for (let at = 0; at < WARMING + changes; at++) {
    const before = cpuNs(pid);
    const told = streams.everybodyTold();
    await change(at);
    await told;
    await pause(100);
    if (at >= WARMING) cpu += (cpuNs(pid) - before) / changes;
  }
  const memory = residentBytes(pid);
  streams.close();
  return { cpu, memory };
}

const changed = (version: number): Entry[] =>
  ENTRIES.map((entry) => (entry.k === SINGLES.switch.key ? ({ ...entry, r: version } as Entry) : entry));
