/** How long an isolate takes to its first decision, beside a Worker that only reads the same ruleset from KV. */
import type { Signer } from '../../unit/fixtures/signing.ts';
import { median } from '../report/rows.ts';
import { type Booted, boot, type WorkerSpec } from './boot.ts';
import { openConnection } from './load.ts';
import { edgeBindings, marketplaceLines, mixedLines, questions, signed } from './rulesets.ts';

export const FIRST_CASES = ['first-35', 'first-5000'] as const;
export type FirstCase = (typeof FIRST_CASES)[number];

export interface FirstRow {
  readonly case: FirstCase;
  /** Of the ruleset. */
  readonly bytes: number;
  readonly subject: 'bare' | 'edge';
  /** From the request to its answer (milliseconds), the median over isolates. */
  readonly ms: number;
  readonly samples: readonly number[];
}

/** The first pairs find the process cold, KV's own Workers included. */
const DISCARDED = 3;
/** Isolates a process: each is a Worker that was never asked anything. */
const PAIRS = 23;

export async function measureFirst(name: FirstCase, sets: number, signer: Signer): Promise<FirstRow[]> {
  const isSmall = name === 'first-35';
  const ruleset = await signed(isSmall ? marketplaceLines() : mixedLines(5_000), signer);
  const [question = ''] = questions(isSmall ? 'one' : 'one-of-many');
  const times = { bare: [] as number[], edge: [] as number[] };
  for (let set = 0; set < sets; set++) {
    const booted = await boot(specs(signer), ruleset);
    for (let pair = 0; pair < PAIRS; pair++) {
      // In turn, so that neither always comes second.
      for (const subject of pair % 2 === 0 ? (['bare', 'edge'] as const) : (['edge', 'bare'] as const)) {
        const ms = await firstAnswerMs(booted, `${subject}-${pair}`, question);
        if (pair >= DISCARDED) times[subject].push(ms);
      }
    }
    await booted.stop();
  }
  return (['bare', 'edge'] as const).map((subject) => ({
    case: name,
    bytes: ruleset.length,
    subject,
    ms: round2(median(times[subject])),
    samples: times[subject].map(round2),
  }));
}

const specs = (signer: Signer): WorkerSpec[] =>
  Array.from({ length: PAIRS }, (_, pair): WorkerSpec[] => {
    const bindings = edgeBindings(signer, true);
    return [
      { name: `bare-${pair}`, entry: 'test/bench/edge/floors/bare-kv.ts', bindings },
      { name: `edge-${pair}`, entry: 'workers/edge/index.ts', bindings },
    ];
  }).flat();

async function firstAnswerMs(booted: Booted, name: string, question: string): Promise<number> {
  const connection = await openConnection(await booted.ownPort(name));
  const asked = performance.now();
  const { status, body } = await connection.ask(question);
  const ms = performance.now() - asked;
  connection.close();
  const isDecision = name.startsWith('bare') || body.includes('"variant"');
  if (status !== 200 || !isDecision) throw new Error(`${name} answered ${status}: ${body}`);
  return ms;
}

const round2 = (value: number): number => Math.round(value * 100) / 100;
