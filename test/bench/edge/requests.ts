/** What a request costs the processor: the edge Worker's workerd beside those of Workers that do nothing. */
import type { Signer } from '../../unit/fixtures/signing.ts';
import { median } from '../report/rows.ts';
import { type Booted, boot, type WorkerSpec } from './boot.ts';
import { cpuMs } from './cpu.ts';
import { openConnection, sendLoad } from './load.ts';
import { edgeBindings, marketplaceLines, questions, signed } from './rulesets.ts';

export const REQUEST_CASES = ['one', 'thirty'] as const;
export type RequestCase = (typeof REQUEST_CASES)[number];
/** The Workers: `empty` and `reading` are `floors/`; `edge-silent` sends no exposures. */
export const SUBJECTS = ['empty', 'reading', 'edge-silent', 'edge'] as const;
export type Subject = (typeof SUBJECTS)[number];
/** Asked at the Worker's own socket, or through Miniflare's proxy Worker, as the local planet is. */
export const WAYS = ['direct', 'proxy'] as const;
export type Way = (typeof WAYS)[number];

export interface RequestRow {
  readonly case: RequestCase;
  readonly way: Way;
  readonly subject: Subject;
  /** CPU per request (microseconds): the median of the processes' medians. */
  readonly us: number;
  /** Of each process, each round. */
  readonly rounds: readonly (readonly number[])[];
}

export interface Effort {
  /** How often every subject gets a new process. */
  readonly sets: number;
  readonly rounds: number;
  /** Requests a round. */
  readonly requests: number;
}

/** Until code is optimised and the heap has its size. */
const WARM_UP = 12_000;
/** As long as the edge gathers exposures, and a bit more: sending them belongs to the round. */
const SETTLE_MS = 600;

export async function measureRequests(
  name: RequestCase,
  way: Way,
  { sets, rounds, requests }: Effort,
  signer: Signer,
): Promise<RequestRow[]> {
  const found = new Map<Subject, number[][]>(SUBJECTS.map((subject) => [subject, []]));
  for (let set = 0; set < sets; set++) {
    const runners = await startAll(name, way, signer);
    for (const { send } of runners) await send(WARM_UP);
    const times = new Map<Subject, number[]>(SUBJECTS.map((subject) => [subject, []]));
    for (let round = 0; round < rounds; round++) {
      for (const { subject, cost } of runners) times.get(subject)?.push(await cost(requests));
    }
    for (const [subject, all] of times) found.get(subject)?.push(all);
    for (const { stop } of runners) await stop();
  }
  return [...found].map(([subject, all]) => ({
    case: name,
    way,
    subject,
    us: round1(median(all.map(median))),
    rounds: all.map((one) => one.map(round1)),
  }));
}

interface Runner {
  readonly subject: Subject;
  send(count: number): Promise<void>;
  /** Microseconds of CPU per request. */
  cost(count: number): Promise<number>;
  stop(): Promise<void>;
}

async function startAll(name: RequestCase, way: Way, signer: Signer): Promise<Runner[]> {
  const ruleset = await signed(name === 'one' ? marketplaceLines() : marketplaceLines(30), signer);
  const asked = questions(name === 'one' ? 'one' : 'all');
  const runners: Runner[] = [];
  // The floors answer with what the edge answered: the edge comes first.
  let answer = '';
  for (const subject of [...SUBJECTS].reverse()) {
    const spec = specOf(subject, signer, answer);
    const booted = await boot([spec], ruleset);
    const port = way === 'direct' ? await booted.ownPort(spec.name) : booted.frontPort;
    if (answer === '') answer = await firstAnswer(port, asked[0] as string);
    runners.unshift(runnerOf(subject, booted, port, asked));
  }
  return runners;
}

function specOf(subject: Subject, signer: Signer, answer: string): WorkerSpec {
  const isFloor = subject === 'empty' || subject === 'reading';
  return isFloor
    ? { name: subject, entry: `test/bench/edge/floors/${subject}.ts`, bindings: { ANSWER: answer } }
    : { name: subject, entry: 'workers/edge/index.ts', bindings: edgeBindings(signer, subject === 'edge') };
}

async function firstAnswer(port: number, question: string): Promise<string> {
  const connection = await openConnection(port);
  const { status, body } = await connection.ask(question);
  connection.close();
  if (status !== 200) throw new Error(`the edge answered ${status}: ${body}`);
  return body;
}

function runnerOf(subject: Subject, booted: Booted, port: number, asked: readonly string[]): Runner {
  const send = (count: number): Promise<void> => sendLoad(port, asked, count);
  return {
    subject,
    send,
    async cost(count) {
      const before = cpuMs(booted.pid);
      await send(count);
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      return ((cpuMs(booted.pid) - before) * 1_000) / count;
    },
    stop: booted.stop,
  };
}

const round1 = (value: number): number => Math.round(value * 10) / 10;
