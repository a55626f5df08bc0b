/**
 * The advance gate: how often does a stage pass a flag that is exactly as bad as the stage's bound, and how soon does it pass one that is
 * harmless? The stage before has run with the same effect, so that its late outcomes are there to be confused with.
 */
import { safetyOf } from '#rollout/evidence/assess-rates';
import { observeRates } from '#rollout/evidence/observe-rates';
import { addOutcomes, gateMixture, logWorth } from '#rollout/evidence/rate-mixture';
import { ratePlan } from '#rollout/evidence/rate-plan';
import { emptyRateState } from '#rollout/evidence/rate-state';
import { stageBound } from '#rollout/evidence/stage-bound';
import { BAKE_SECONDS, LOOK_SECONDS, RAMP } from './null-ramp.ts';
import { type Part, type Place, placeName, places, type SimCell } from './part.ts';
import { createRandom } from './random.ts';
import { createTotals } from './stage-totals.ts';
import { cellOf, createStream, type Phase } from './stream.ts';
import { timeQuantile, upperBound } from './summary.ts';
import { weatherOf } from './weather.ts';

export interface GateFigures {
  readonly runs: number;
  /** Stages that passed a flag as bad as the bound at any look; and how many would have, were outcomes not binned by exposure. */
  readonly wronglyPassed: number;
  readonly upper: number;
  readonly wronglyPassedByTick: number;
  /** Of a harmless flag: seconds, and the part that passed within the bake. */
  readonly median: number | null;
  readonly passed: number;
}

const RUNS = { whole: 400, quick: 60 } as const;
const BETA = 0.1;
const LONGEST_BEFORE = 600;
const PLAN = ratePlan({ direction: 'increase', maxRelativeChange: 0.1, stages: RAMP, beta: BETA });

export const gateName = (place: Place, percent: number): string => `gate: ${percent} %, ${placeName(place)}`;

function runGateCell(name: string, place: Place, stage: number, runs: number): GateFigures {
  const bound = stageBound(RAMP[stage] as number, 'increase', 1.1);
  let wronglyPassed = 0;
  let wronglyPassedByTick = 0;
  const times: (number | null)[] = [];
  for (let run = 0; run < runs; run++) {
    const bad = runGate(`${name}/bad/${run}`, place, stage, bound, true);
    if (bad.passed !== null) wronglyPassed++;
    if (bad.passedByTick) wronglyPassedByTick++;
    times.push(runGate(`${name}/good/${run}`, place, stage, 1, false).passed);
  }
  return {
    runs,
    wronglyPassed,
    upper: upperBound(wronglyPassed, runs),
    wronglyPassedByTick,
    median: timeQuantile(times, 0.5),
    passed: times.filter((time) => time !== null).length / runs,
  };
}

/** `passed`: seconds into the stage at the first look that would have let the ramp go on. */
function runGate(
  name: string,
  place: Place,
  stage: number,
  effect: number,
  byTick: boolean,
): { passed: number | null; passedByTick: boolean } {
  const random = createRandom(name);
  const before = stage === 0 ? 0 : Math.min(LONGEST_BEFORE, Math.max(60, 2 * place.delay));
  const stream = createStream({
    ...place,
    random,
    lookSeconds: LOOK_SECONDS,
    weather: weatherOf('calm', random, BAKE_SECONDS),
  });
  const tick = byTick ? createTickGate(stage) : null;
  let state = emptyRateState();
  let passedByTick = false;
  for (let second = 0; second < before + BAKE_SECONDS; second += LOOK_SECONDS) {
    const within = second - before;
    const phase = within < 0 ? phaseOf(stage - 1, 0, effect) : phaseOf(stage, within, effect);
    const changed = stream.look(phase);
    const look = observeRates(PLAN, state, {
      stage: phase.stage,
      cells: changed.map(cellOf),
      now: 1_000 * (second + LOOK_SECONDS),
    });
    if (look.trouble !== null) throw new Error(`a sound look was refused: ${look.trouble}`);
    state = look.state;
    tick?.add(changed, within >= 0);
    if (within < 0) continue;
    passedByTick ||= tick?.isOpen() ?? false;
    if (safetyOf(PLAN, state) >= -Math.log(BETA)) return { passed: within + LOOK_SECONDS, passedByTick };
  }
  return { passed: null, passedByTick };
}

function phaseOf(stage: number, within: number, effect: number): Phase {
  const percent = RAMP[stage] as number;
  if (percent < 100) return { stage, revision: stage + 1, share: percent / 100, effect };
  const held = within < BAKE_SECONDS / 2;
  return { stage, revision: held ? stage + 1 : stage + 2, share: held ? 0.95 : 1, effect };
}

/** What must not be done: the same bets, with every outcome taken at the share of the look in which it comes. */
function createTickGate(stage: number): {
  add: (changed: Parameters<ReturnType<typeof createTotals>['add']>[0], counts: boolean) => void;
  isOpen: () => boolean;
} {
  const mixture = gateMixture('increase', stageBound(RAMP[stage] as number, 'increase', 1.1));
  const logs = mixture.ratios.map(() => 0);
  const totals = createTotals();
  return {
    add: (changed, counts) => {
      const before = { ...totals.all };
      totals.add(changed);
      const { treated, control, treatedOutcomes, controlOutcomes } = totals.all;
      const exposed = treated + control - before.treated - before.control;
      const x = treatedOutcomes - before.treatedOutcomes;
      const y = controlOutcomes - before.controlOutcomes;
      if (counts && exposed > 0) addOutcomes(logs, mixture, x, x + y, (treated - before.treated) / exposed);
    },
    isOpen: () => logWorth(logs, mixture) >= -Math.log(BETA),
  };
}

export const GATES: Part<GateFigures> = {
  name: 'gates',
  entry: 'scripts/sim/gates.ts',
  cells: (quick) =>
    RAMP.flatMap((percent, stage) =>
      places(quick).map((place): SimCell<GateFigures> => {
        const name = gateName(place, percent);
        const runs = quick ? RUNS.quick : RUNS.whole;
        return { name, runs, run: () => runGateCell(name, place, stage, runs) };
      }),
    ),
};
