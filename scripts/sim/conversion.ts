/** Conversion, where harm is a decrease: false rollbacks over a ramp, and how much of a drop is noticed within one stage. */
import { observeRates } from '#rollout/evidence/observe-rates';
import { ratePlan } from '#rollout/evidence/rate-plan';
import { emptyRateState } from '#rollout/evidence/rate-state';
import { ALPHA, BAKE_SECONDS, LOOK_SECONDS, RAMP } from './null-ramp.ts';
import type { Part, SimCell } from './part.ts';
import { createRandom } from './random.ts';
import { cellOf as countsOf, createStream } from './stream.ts';
import { timeQuantile, upperBound } from './summary.ts';
import { weatherOf } from './weather.ts';

export interface ConversionFigures {
  readonly runs: number;
  readonly breached: number;
  readonly upper: number;
  readonly median: number | null;
}

const PLACE = { traffic: 50, base: 0.03, delay: 60 } as const;
const RUNS = { ramp: 1_000, stage: 300, quick: 20 } as const;
const PLAN = ratePlan({ direction: 'decrease', maxRelativeChange: 0.05, stages: RAMP, alpha: ALPHA });

function ride(name: string, stages: readonly number[], effect: number): number | null {
  const random = createRandom(name);
  const weather = weatherOf(stages.length > 1 ? 'all' : 'calm', random, stages.length * BAKE_SECONDS);
  const stream = createStream({ ...PLACE, random, lookSeconds: LOOK_SECONDS, weather });
  let state = emptyRateState();
  for (let second = 0; second < stages.length * BAKE_SECONDS; second += LOOK_SECONDS) {
    const percent = stages[Math.floor(second / BAKE_SECONDS)] as number;
    const stage = RAMP.indexOf(percent as 5);
    const changed = stream.look({ stage, revision: stage + 1, share: Math.min(0.95, percent / 100), effect });
    const look = observeRates(PLAN, state, {
      stage,
      cells: changed.map(countsOf),
      now: 1_000 * (second + LOOK_SECONDS),
    });
    if (look.trouble !== null) throw new Error(`a sound look was refused: ${look.trouble}`);
    state = look.state;
    if (state.peak >= -Math.log(ALPHA)) return second + LOOK_SECONDS;
  }
  return null;
}

export const dropName = (drop: number, percent: number): string => `conversion: ${drop}x at ${percent} %`;
export const conversionRampName = (effect: number): string =>
  effect === 1 ? 'conversion: harmless ramp' : `conversion: ${effect}x ramp`;

function cellOf(name: string, stages: readonly number[], effect: number, runs: number): SimCell<ConversionFigures> {
  return {
    name,
    runs,
    run: () => {
      const times = Array.from({ length: runs }, (_, run) => ride(`${name}/${run}`, stages, effect));
      const breached = times.filter((time) => time !== null).length;
      return { runs, breached, upper: upperBound(breached, runs), median: timeQuantile(times, 0.5) };
    },
  };
}

export const DROPS = [0.9, 0.7, 0.5] as const;
export const CONVERSION_STAGES = [5, 25, 50] as const;

export const CONVERSION: Part<ConversionFigures> = {
  name: 'conversion',
  entry: 'scripts/sim/conversion.ts',
  cells: (quick) => [
    cellOf(conversionRampName(1), RAMP, 1, quick ? RUNS.quick : RUNS.ramp),
    cellOf(conversionRampName(0.95), RAMP, 0.95, quick ? RUNS.quick : RUNS.ramp),
    ...DROPS.flatMap((drop) =>
      CONVERSION_STAGES.map((percent) =>
        cellOf(dropName(drop, percent), [percent], drop, quick ? RUNS.quick : RUNS.stage),
      ),
    ),
  ],
};
