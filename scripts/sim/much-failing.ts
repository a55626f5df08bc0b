/**
 * One stage in which much fails at once in both arms, of a flag that is harmless or exactly at its limit: where a test that is not exact shows it
 * most. The peers look at the same totals.
 */
import { observeRates } from '#rollout/evidence/observe-rates';
import { ratePlan } from '#rollout/evidence/rate-plan';
import { emptyRateState } from '#rollout/evidence/rate-state';
import { ALPHA, BAKE_SECONDS, LOOK_SECONDS } from './null-ramp.ts';
import type { Part, SimCell } from './part.ts';
import { fires, LIMIT } from './peers.ts';
import { createRandom } from './random.ts';
import { createTotals } from './stage-totals.ts';
import { cellOf, createStream } from './stream.ts';
import { upperBound } from './summary.ts';
import { weatherOf } from './weather.ts';

export interface MuchFailing {
  readonly percent: number;
  readonly base: number;
  readonly effect: number;
}

const RULES = ['ours', 'msprt', 'sequence'] as const;
type Rule = (typeof RULES)[number];

export interface MuchFailingFigures {
  readonly runs: number;
  readonly rolledBack: Readonly<Record<Rule, number>>;
  /** Of ours. */
  readonly upper: number;
}

const TRAFFIC = 5;
const RUNS = { whole: 1_000, quick: 20 } as const;
export const MUCH = [0.1, 0.3, 0.6] as const;
export const MUCH_PERCENTS = [5, 50] as const;
export const MUCH_EFFECTS = [1, LIMIT] as const;

export const muchFailingName = ({ percent, base, effect }: MuchFailing): string =>
  `much failing: ${effect}x at ${percent} %, ${base * 100} %`;

/** The rules that rolled the stage back. */
function runStage(name: string, { percent, base, effect }: MuchFailing): ReadonlySet<Rule> {
  const random = createRandom(name);
  const weather = weatherOf('calm', random, BAKE_SECONDS);
  const stream = createStream({ random, traffic: TRAFFIC, base, delay: 0, lookSeconds: LOOK_SECONDS, weather });
  const plan = ratePlan({ direction: 'increase', maxRelativeChange: LIMIT - 1, stages: [percent], alpha: ALPHA });
  const totals = createTotals();
  const fired = new Set<Rule>();
  let state = emptyRateState();
  for (let second = 0; second < BAKE_SECONDS; second += LOOK_SECONDS) {
    const changed = stream.look({ stage: 0, revision: 1, share: percent / 100, effect });
    const now = 1_000 * (second + LOOK_SECONDS);
    const look = observeRates(plan, state, { stage: 0, cells: changed.map(cellOf), now });
    if (look.trouble !== null) throw new Error(`a sound look was refused: ${look.trouble}`);
    state = look.state;
    totals.add(changed);
    for (const peer of ['msprt', 'sequence'] as const) if (fires(peer, totals.of(0))) fired.add(peer);
  }
  if (state.peak >= -Math.log(ALPHA)) fired.add('ours');
  return fired;
}

function runCell(name: string, cell: MuchFailing, runs: number): MuchFailingFigures {
  const rolledBack: Record<Rule, number> = { ours: 0, msprt: 0, sequence: 0 };
  for (let run = 0; run < runs; run++) for (const rule of runStage(`${name}/${run}`, cell)) rolledBack[rule]++;
  return { runs, rolledBack, upper: upperBound(rolledBack.ours, runs) };
}

export const MUCH_FAILING: Part<MuchFailingFigures> = {
  name: 'much failing',
  entry: 'scripts/sim/much-failing.ts',
  cells: (quick) => {
    const runs = quick ? RUNS.quick : RUNS.whole;
    return MUCH_PERCENTS.flatMap((percent) =>
      MUCH.flatMap((base) =>
        MUCH_EFFECTS.map((effect): SimCell<MuchFailingFigures> => {
          const cell = { percent, base, effect };
          const name = muchFailingName(cell);
          return { name, runs, run: () => runCell(name, cell, runs) };
        }),
      ),
    );
  },
};
