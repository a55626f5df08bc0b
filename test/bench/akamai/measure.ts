/** Runs events of the EdgeWorker, and of handlers that do less, in the harness; in turn, so that the machine's noise falls on all alike. */
import { gzipSync } from 'node:zlib';
import { KEYS_VIEW } from '#ruleset/keys-environment';
import { FLAVOURS, mainModule, type Part } from '../../../scripts/akamai/bundle.ts';
import { type EdgeWorker, startEdgeWorker } from '../../../scripts/edgeworkers/edge-worker.ts';
import { EDGEKV_HOST } from '../../../scripts/edgeworkers/edgekv/edge-api.ts';
import type { EventReport } from '../../../scripts/edgeworkers/event.ts';
import { TIERS, type TierLimits } from '../../../scripts/edgeworkers/tiers.ts';
import { median } from '../report/rows.ts';
import { AKAMAI_CASES, AKAMAI_SUBJECTS, type AkamaiCase, type AkamaiSubject } from './cases.ts';
import { createFullView, type FullView } from './full-view.ts';
import { type Mode, type Subject, subjectsOf } from './subjects.ts';

export interface AkamaiRow {
  readonly case: AkamaiCase;
  readonly subject: AkamaiSubject;
  /** CPU of an event, or of a start; the median. */
  readonly ns: number;
  /** Alive at the end of any of the event's turns, at the most; the median. */
  readonly bytes?: number;
  /** Of one event, at the most. */
  readonly subRequests?: number;
}

export interface AkamaiFigures {
  readonly rows: readonly AkamaiRow[];
  readonly view: { readonly flags: number; readonly bytes: number };
  /** Of main.js, gzipped: by part, of the flavour that is larger. */
  readonly mainGzip: Readonly<Record<Part, number>>;
}

/** The first few of an instance are not counted as warm. */
const WARMING = 5;
/** Noise must not end an event: what it takes is what is to be found out. */
const CPU_SLACK = 10;
/** The same of memory, where what an instance keeps is added up over all of its events, with each one's imprecision. */
const WIDE_MEMORY = 16 * 1_048_576;
/** Longer than an instance keeps a view without looking. */
const A_WHILE_MS = 10_000;

export async function measureAkamai(quick: boolean): Promise<AkamaiFigures> {
  const view = await createFullView();
  const subjects = await subjectsOf(view);
  const events = quick ? 20 : 60;
  const cpu = await runAll(subjects, view, 'light', events);
  // What is alive is told exactly where everything is collected around each turn, which in turn costs the code its caches.
  const memory = await runAll(subjects, view, 'exact', events / 2);
  return {
    rows: rowsOf(cpu, memory),
    view: { flags: view.flags, bytes: view.text.length },
    mainGzip: { pages: await mainGzip('pages'), ofrep: await mainGzip('ofrep') },
  };
}

async function mainGzip(part: Part): Promise<number> {
  const mains = await Promise.all(FLAVOURS.map((flavour) => mainModule(flavour, part)));
  return Math.max(...mains.map((main) => gzipSync(main, { level: 9 }).byteLength));
}

interface Run {
  readonly subject: Subject;
  readonly mode: Mode;
  readonly reports: readonly EventReport[];
}

/** `memory` as the harness's README.md has it. */
async function runAll(
  subjects: readonly Subject[],
  { text, keys }: FullView,
  memory: 'light' | 'exact',
  events: number,
): Promise<readonly Run[]> {
  const item = ({ url }: Request): string => (url.endsWith(`/${KEYS_VIEW}`) ? keys : text);
  const edgeKv = async (request: Request) => new Response(item(request), { headers: { 'Content-Type': 'text/plain' } });
  const hosts = { [EDGEKV_HOST]: edgeKv };
  const start = Date.now();
  let turn = 0;
  const clocks = { first: () => start, warm: () => start, again: () => start + turn * A_WHILE_MS };
  const runs: { subject: Subject; mode: Mode; worker: EdgeWorker; reports: EventReport[] }[] = [];
  try {
    for (const subject of subjects) {
      for (const mode of ['first', 'warm', 'again'] as const) {
        if (subject.cases[mode] === undefined) continue;
        const { tgz, tier } = subject;
        const instances = mode === 'first' ? 'fresh' : 'reused';
        const limits = memory === 'light' ? TIERS[tier] : roomy(TIERS[tier]);
        const options = {
          tgz,
          tier,
          limits,
          hosts,
          instances,
          memory,
          cpuSlack: CPU_SLACK,
          clock: clocks[mode],
        } as const;
        const worker = await startEdgeWorker(options);
        runs.push({ subject, mode, worker, reports: [] });
      }
    }
    for (; turn < events; turn++)
      for (const { worker, reports, subject } of runs) reports.push(await runOne(worker, subject, turn));
    return runs;
  } finally {
    await Promise.all(runs.map(({ worker }) => worker.stop()));
  }
}

const roomy = (limits: TierLimits): TierLimits => ({
  ...limits,
  handler: { ...limits.handler, memoryBytes: WIDE_MEMORY },
  responseProvider: { ...limits.responseProvider, memoryBytes: WIDE_MEMORY },
});

/** Rejects where the event fails, or does not do what it is measured for: then the EdgeWorker logs why. */
async function runOne(worker: EdgeWorker, { subject, event, input }: Subject, turn: number): Promise<EventReport> {
  const { report, effects } = await worker.handle(event, input(turn));
  const status = effects?.provided?.status ?? 200;
  if (report.status === 'Success' && report.log === '' && status === 200) return report;
  throw new Error(`${subject}, ${event}: ${report.status}: ${report.statusMessage} ${status} ${report.log}`);
}

function rowsOf(cpu: readonly Run[], memory: readonly Run[]): readonly AkamaiRow[] {
  const rows = cpu.flatMap((run, at) => [...startRows(run), ...eventRows(run, memory[at]?.reports ?? [])]);
  return rows.toSorted((a, b) => orderOf(a) - orderOf(b));
}

const orderOf = ({ case: name, subject }: AkamaiRow): number =>
  AKAMAI_CASES.indexOf(name) * AKAMAI_SUBJECTS.length + AKAMAI_SUBJECTS.indexOf(subject);

function startRows({ subject: { subject, cases }, reports }: Run): readonly AkamaiRow[] {
  if (cases.first?.includes('akamai-first-1') !== true) return [];
  const ns = nanoseconds(reports.map(({ initCpuMs }) => initCpuMs));
  return ns === 0 ? [] : [{ case: 'akamai-start', subject, ns }];
}

function eventRows({ subject: { subject, cases }, mode, reports }: Run, alive: readonly EventReport[]): AkamaiRow[] {
  const skipped = mode === 'first' ? 0 : WARMING;
  return (cases[mode] ?? []).map((name) => ({
    case: name,
    subject,
    ns: nanoseconds(reports.slice(skipped).map(({ cpuMs }) => cpuMs)),
    bytes: Math.round(median(alive.slice(skipped).map(({ memoryBytes }) => memoryBytes))),
    subRequests: Math.max(...reports.slice(skipped).map(({ subRequests }) => subRequests.length)),
  }));
}

const nanoseconds = (ms: readonly number[]): number => Math.round(median(ms) * 1e6);
