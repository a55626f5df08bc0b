/**
 * A rule on numbers that a monitoring system returns: the error rate of the last five minutes in either arm, once a minute, three of five readings
 * over 1.1 times control's. What it costs to have nothing better, over a whole ramp.
 */
import { assessPoint, DEFAULT_POINT_RULE, EMPTY_POINT_STATE, type PointPlan } from '#rollout/evidence/assess-point';
import { BAKE_SECONDS, RAMP } from './null-ramp.ts';
import type { Part, SimCell } from './part.ts';
import { createRandom } from './random.ts';
import { createTotals, type StageTotals } from './stage-totals.ts';
import { createStream } from './stream.ts';
import { upperBound } from './summary.ts';
import { weatherOf } from './weather.ts';

export interface PointFigures {
  readonly runs: number;
  readonly rolledBack: number;
  readonly upper: number;
}

const MINUTE_SECONDS = 60;
const WINDOW = 5;
const RUNS = { whole: 500, quick: 20 } as const;
const PLAN: PointPlan = { ...DEFAULT_POINT_RULE, limit: { maxRelativeIncrease: 0.1 } };

function ride(name: string, traffic: number, base: number, effect: number): boolean {
  const random = createRandom(name);
  const seconds = RAMP.length * BAKE_SECONDS;
  const stream = createStream({
    random,
    traffic,
    base,
    delay: 0,
    lookSeconds: MINUTE_SECONDS,
    weather: weatherOf('calm', random, seconds),
  });
  const totals = createTotals();
  let state = EMPTY_POINT_STATE;
  const past: StageTotals[] = [{ ...totals.all }];
  for (let second = 0; second < seconds; second += MINUTE_SECONDS) {
    const stage = Math.floor(second / BAKE_SECONDS);
    totals.add(stream.look({ stage, revision: stage, share: Math.min(0.95, (RAMP[stage] as number) / 100), effect }));
    past.push({ ...totals.all });
    const from = past[Math.max(0, past.length - 1 - WINDOW)] as StageTotals;
    const treated = totals.all.treated - from.treated;
    const control = totals.all.control - from.control;
    if (treated === 0 || control === 0) continue;
    const now = 1_000 * (second + MINUTE_SECONDS);
    const reading = {
      source: 'point',
      at: now,
      treatment: (totals.all.treatedOutcomes - from.treatedOutcomes) / treated,
      control: (totals.all.controlOutcomes - from.controlOutcomes) / control,
      samples: treated,
    } as const;
    const look = assessPoint(PLAN, state, reading, now);
    state = look.state;
    if (look.verdict.kind === 'FAIL') return true;
  }
  return false;
}

export const POINT_PLACES = [
  { traffic: 5, base: 0.02 },
  { traffic: 50, base: 0.02 },
  { traffic: 500, base: 0.02 },
  { traffic: 500, base: 0.1 },
] as const;

export const pointName = ({ traffic, base }: { traffic: number; base: number }, effect: number): string =>
  `points: ${effect}x, ${traffic}/s, ${base * 100} %`;

export const POINTS: Part<PointFigures> = {
  name: 'points',
  entry: 'scripts/sim/points.ts',
  cells: (quick) => {
    const runs = quick ? RUNS.quick : RUNS.whole;
    return POINT_PLACES.flatMap((place) =>
      [1, 4].map((effect): SimCell<PointFigures> => {
        const name = pointName(place, effect);
        const run = (): PointFigures => {
          const rolledBack = Array.from({ length: runs }, (_, at) =>
            ride(`${name}/${at}`, place.traffic, place.base, effect),
          ).filter(Boolean).length;
          return { runs, rolledBack, upper: upperBound(rolledBack, runs) };
        };
        return { name, runs, run };
      }),
    );
  },
};
