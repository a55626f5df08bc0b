/** An evaluation with an emitter and without, in turn. What comes behind the evaluation is in neither. */
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { createEmitter, type Emitter, MAX_BATCH } from '#exposure/emitter';
import { createMemorySpool } from '#exposure/spool';
import { readLines } from '#ruleset/reader';
import { systemClock } from '#sdk/stream/clock';
import { linesOf } from '../subjects/lockstep-lines.ts';
import { SINGLES, VERSION } from '../workload/flags.ts';
import { EMIT_CASES, type EmitCase, RESENT } from './cases.ts';
import { measureResent, type Resent } from './resent.ts';

export interface EmitRow {
  readonly case: EmitCase | typeof RESENT;
  /** `floor` only evaluates. */
  readonly subject: 'lockstep' | 'floor';
  readonly ns: number;
}

export interface EmitFigures {
  readonly rows: readonly EmitRow[];
  readonly resent: Omit<Resent, 'ns'>;
}

/** As many as wait in a server before everybody else has a turn, and a batch is made of them. */
const RUNS = MAX_BATCH - 1;
const HOT_USERS = 400;

export async function measureEmit(quick: boolean): Promise<EmitFigures> {
  const rows: EmitRow[] = [];
  for (const name of EMIT_CASES) {
    const [lockstep, floor] = await takeTurns(name, quick ? 1_000 : 5_000);
    rows.push({ case: name, subject: 'lockstep', ns: lockstep }, { case: name, subject: 'floor', ns: floor });
  }
  const { ns, ...resent } = await measureResent(quick ? 100_000 : 1_000_000);
  rows.push({ case: RESENT, subject: 'lockstep', ns });
  return { rows, resent };
}

async function takeTurns(name: EmitCase, rounds: number): Promise<readonly [lockstep: number, floor: number]> {
  const reader = readLines(linesOf([SINGLES.split]), VERSION);
  const emitter = idleEmitter();
  const spent = { lockstep: 0, floor: 0, evaluations: 0 };
  for (let round = 0; round < rounds; round++) {
    const users = usersOf(name, round);
    const loop = (each?: Emitter): number => {
      const from = cpu();
      for (const user of users) {
        const context = createContext(user);
        const decision = evaluate(reader, SINGLES.split.key, context);
        each?.exposed(SINGLES.split.key, decision, context);
      }
      return cpu() - from;
    };
    const first = round % 2 === 0 ? [loop(emitter), loop()] : [loop(), loop(emitter)].reverse();
    // Batches are made outside of what is measured.
    await emitter.flush(60_000);
    if (round < rounds / 3) continue;
    spent.lockstep += first[0] as number;
    spent.floor += first[1] as number;
    spent.evaluations += users.length;
  }
  await emitter.close(60_000);
  const { exposed, sent } = emitter.ledger();
  if (exposed !== sent || exposed < (name === 'emit-new' ? RUNS * rounds : HOT_USERS)) {
    throw new Error(`${name}: ${exposed} exposed, ${sent} sent`);
  }
  return [spent.lockstep / spent.evaluations, spent.floor / spent.evaluations];
}

/** Nanoseconds of CPU of this thread: other processes do not count. It ticks every few milliseconds, so that only sums over rounds tell. */
function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1_000;
}

/** Its batches go nowhere. */
const idleEmitter = (): Emitter =>
  createEmitter({
    spool: Promise.resolve(createMemorySpool('bench', 2 * MAX_BATCH)),
    send: async () => ({ kind: 'taken', refused: [] }),
    pseudonym: (_, key) => key,
    clock: systemClock,
    random: Math.random,
    flushMs: 600_000,
  });

/** As they come out of a parser. */
function usersOf(name: EmitCase, round: number): { readonly targetingKey: string }[] {
  const user = (run: number): object => {
    const number = name === 'emit-new' ? round * RUNS + run : run % HOT_USERS;
    return { targetingKey: `${String(number).padStart(10, '0')}-marketplace-visitor-of-a-day` };
  };
  return JSON.parse(JSON.stringify(Array.from({ length: RUNS }, (_, run) => user(run))));
}
