/** One tick of a controller of 500 rollouts, after some to warm up: CPU of the process, in turn with a floor that only adds the same numbers. */
import { assessLatency, EMPTY_LATENCY_STATE, type LatencyState } from '#rollout/evidence/assess-latency';
import { assessRates } from '#rollout/evidence/assess-rates';
import { latencyPlan } from '#rollout/evidence/latency-plan';
import { mergeCells, mergeSketchStatistics } from '#rollout/evidence/merge';
import { observeRates } from '#rollout/evidence/observe-rates';
import { ratePlan } from '#rollout/evidence/rate-plan';
import { emptyRateState, type RateState } from '#rollout/evidence/rate-state';
import type { CountsCell, SketchStatistics } from '#rollout/evidence/statistics';
import { median } from '../report/rows.ts';
import { createRandom } from '../workload/random.ts';
import type { GuardrailCase } from './cases.ts';
import { createShards, type Shards, TICK_MS } from './shards.ts';

export interface GuardrailRow {
  readonly case: GuardrailCase;
  readonly subject: 'lockstep' | 'floor';
  /** CPU of a tick; the median. */
  readonly ns: number;
}

export interface GuardrailFigures {
  readonly rows: readonly GuardrailRow[];
  readonly rollouts: number;
  /** The largest state of one guardrail, its sketches included, as JSON. */
  readonly stateBytes: number;
}

const ROLLOUTS = 500;
const STAGES = [1, 5, 25, 50, 100];
const PLANS = [
  ratePlan({ direction: 'increase', maxRelativeChange: 0.1, stages: STAGES }),
  ratePlan({ direction: 'increase', maxRelativeChange: 0.1, stages: STAGES }),
  ratePlan({ direction: 'decrease', maxRelativeChange: 0.05, stages: STAGES }),
];
const LATENCY = latencyPlan({ limit: { maxRelativeIncrease: 0.15 }, stages: STAGES });
/** Until all minutes that can be open are. */
const WARMING = 72;

interface Rollout {
  readonly shards: Shards;
  readonly rates: RateState[];
  latency: LatencyState;
}

interface Merged {
  readonly cells: readonly (readonly CountsCell[])[];
  readonly sketch: SketchStatistics;
}

export async function measureGuardrails(quick: boolean): Promise<GuardrailFigures> {
  const random = createRandom(7);
  const rollouts = Array.from(
    { length: ROLLOUTS },
    (): Rollout => ({
      shards: createShards(random, PLANS.length),
      rates: PLANS.map(emptyRateState),
      latency: EMPTY_LATENCY_STATE,
    }),
  );
  const times = { merge: [] as number[], judge: [] as number[], tick: [] as number[], floor: [] as number[] };
  for (let tick = 0; tick < WARMING + (quick ? 5 : 25); tick++) {
    for (const { shards } of rollouts) shards.advance(tick);
    const [floor] = cpuOf(() => rollouts.map(({ shards }) => addAll(shards)));
    const [merge, merged] = cpuOf(() => rollouts.map(({ shards }) => mergeAll(shards)));
    const [judge] = cpuOf(() => {
      for (const [at, rollout] of rollouts.entries()) judgeAll(rollout, merged[at] as Merged, (tick + 1) * TICK_MS);
    });
    if (tick < WARMING) continue;
    times.floor.push(floor);
    times.merge.push(merge);
    times.judge.push(judge);
    times.tick.push(merge + judge);
  }
  const row = (name: GuardrailCase, subject: GuardrailRow['subject'], found: readonly number[]) => ({
    case: name,
    subject,
    ns: Math.round(median(found)),
  });
  return {
    rows: [
      row('guardrails-tick', 'lockstep', times.tick),
      row('guardrails-tick', 'floor', times.floor),
      row('guardrails-merge', 'lockstep', times.merge),
      row('guardrails-judge', 'lockstep', times.judge),
    ],
    rollouts: ROLLOUTS,
    stateBytes: Math.max(...rollouts.flatMap(stateSizes)),
  };
}

const mergeAll = ({ cells, sketches }: Shards): Merged => ({
  cells: cells.map(mergeCells),
  sketch: mergeSketchStatistics(1, sketches),
});

function judgeAll(rollout: Rollout, { cells, sketch }: Merged, now: number): void {
  for (const [at, plan] of PLANS.entries()) {
    const look = observeRates(plan, rollout.rates[at] as RateState, { stage: 1, cells: cells[at] ?? [], now });
    if (look.trouble !== null) throw new Error(`a sound look was refused: ${look.trouble}`);
    rollout.rates[at] = look.state;
    assessRates(plan, look.state, look.trouble);
  }
  rollout.latency = assessLatency(LATENCY, rollout.latency, sketch, now).state;
}

/** All that the shards say, added without telling what belongs to what. */
function addAll({ cells, sketches }: Shards): number {
  let sum = 0;
  for (const guardrail of cells) {
    for (const shard of guardrail) {
      for (const { treatment, control } of shard)
        sum += treatment.exposures + treatment.outcomes + control.exposures + control.outcomes;
    }
  }
  for (const { treatment, control } of sketches) {
    for (const count of treatment.counts) sum += count;
    for (const count of control.counts) sum += count;
  }
  return sum;
}

function stateSizes({ rates, latency, shards }: Rollout): number[] {
  const sketch = mergeSketchStatistics(1, shards.sketches);
  return [...rates, { latency, sketch }].map((state) => JSON.stringify(state).length);
}

function cpuOf<T>(work: () => T): [ns: number, found: T] {
  const from = process.cpuUsage();
  const found = work();
  const { user, system } = process.cpuUsage(from);
  return [(user + system) * 1_000, found];
}
