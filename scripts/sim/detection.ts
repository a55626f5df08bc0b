/** The grid of detection times: how long harm goes unnoticed, beside the fastest test that there could be and beside the peers. */
import { ratePlan } from '#rollout/evidence/rate-plan';
import { secondsToDecide } from '#rollout/evidence/time-to-decide';
import { type Harm, RULES, type Rule, runStage } from './detection-run.ts';
import { ALPHA, BAKE_SECONDS, LOOK_SECONDS, RAMP } from './null-ramp.ts';
import { type Part, type Place, placeName, places, type SimCell } from './part.ts';
import { timeQuantile } from './summary.ts';

export const EFFECTS = [1.5, 2, 4] as const;
export const STAGES = [1, 5, 25, 50] as const;
/** The stage that most of the grid is run at. */
export const USUAL_STAGE = 5;

export interface DetectionFigures {
  readonly medians: Readonly<Record<Rule, number | null>>;
  /** Of `ramp`, as are the others. */
  readonly p95: number | null;
  /** Within the stage. */
  readonly caught: number;
  /** Treated users until then, of those runs; the median. */
  readonly treated: number | null;
}

const RUNS = { fine: 500, looks: 500, quick: 60 } as const;
/** A median of the fastest test takes about so many looks, so that a ratio of medians is not one of rounded numbers. */
const FINE_LOOKS = 40;
const SHORTEST_LOOK = 0.05;

const LIMIT = { direction: 'increase', maxRelativeChange: 0.1, alpha: ALPHA } as const;
/** The peers spend their alpha on the stage at hand; so does this one. */
const ONE_STAGE = ratePlan({ ...LIMIT, stages: [USUAL_STAGE] });
const WHOLE_RAMP = ratePlan({ ...LIMIT, stages: RAMP });

export function runDetection(name: string, harm: Harm, runs: number): DetectionFigures {
  const plan = harm.calmShare === undefined ? ONE_STAGE : WHOLE_RAMP;
  const found = Array.from({ length: runs }, (_, run) => runStage(`${name}/${run}`, plan, harm));
  const timesOf = (rule: Rule) => found.map(({ times }) => times[rule]);
  const medians = Object.fromEntries(RULES.map((rule) => [rule, timeQuantile(timesOf(rule), 0.5)])) as Record<
    Rule,
    number | null
  >;
  const caught = found.filter(({ times }) => times.ramp !== null);
  return {
    medians,
    p95: timeQuantile(timesOf('ramp'), 0.95),
    caught: caught.length / runs,
    treated: timeQuantile(
      caught.map(({ treated }) => treated),
      0.5,
    ),
  };
}

/** What the informed test takes on average without the delay, roughly; null: never. */
function expectedSeconds({ traffic, base }: Place, share: number, effect: number): number | null {
  const outcomesPerSecond = traffic * base * (1 + share * (effect - 1));
  return secondsToDecide(0.001, -Math.log(ALPHA), 1.1, 'above', { outcomesPerSecond, share, ratio: effect });
}

export const fineName = (place: Place, percent: number, effect: number): string =>
  `harm, fine looks: ${effect}x at ${percent} %, ${placeName(place)}`;
export const looksName = (place: Place, effect: number): string =>
  `harm: ${effect}x at ${USUAL_STAGE} %, ${placeName(place)}`;

function fineCell(place: Place, percent: number, effect: number, quick: boolean): SimCell<DetectionFigures>[] {
  const share = percent / 100;
  const expected = expectedSeconds(place, share, effect);
  // Where not even the informed test would decide within the stage, there is no median to compare.
  if (expected === null || expected > 1.5 * BAKE_SECONDS) return [];
  const name = fineName(place, percent, effect);
  const runs = quick ? RUNS.quick : RUNS.fine;
  const lookSeconds = Math.min(LOOK_SECONDS, Math.max(SHORTEST_LOOK, expected / FINE_LOOKS));
  const harm: Harm = { ...place, share, effect, lookSeconds };
  return [{ name, runs, run: () => runDetection(name, harm, runs) }];
}

function looksCell(place: Place, effect: number, quick: boolean): SimCell<DetectionFigures> {
  const name = looksName(place, effect);
  const runs = quick ? RUNS.quick : RUNS.looks;
  const harm: Harm = {
    ...place,
    share: USUAL_STAGE / 100,
    effect,
    lookSeconds: LOOK_SECONDS,
  };
  return { name, runs, run: () => runDetection(name, harm, runs) };
}

/** Harm that begins late: after a calm stage of 1 %, and 15 minutes into a stage. */
const HEADLINE = {
  traffic: 50,
  base: 0.02,
  delay: 0,
  stage: 1,
  share: 0.05,
  effect: 4,
  lookSeconds: LOOK_SECONDS,
} as const;
export const LATE_HARMS: readonly (readonly [title: string, harm: Harm])[] = [
  ['from the first user of the stage', HEADLINE],
  ['from the first user of the stage, after 20 calm minutes at 1 %', { ...HEADLINE, calmShare: 0.01 }],
  ['15 minutes into the stage', { ...HEADLINE, startsAt: 900 }],
];

const lateCells = (quick: boolean): SimCell<DetectionFigures>[] =>
  LATE_HARMS.map(([title, harm]) => {
    const name = `harm, late: ${title}`;
    const runs = quick ? RUNS.quick : RUNS.looks;
    return { name, runs, run: () => runDetection(name, harm, runs) };
  });

export const DETECTION: Part<DetectionFigures> = {
  name: 'detection',
  entry: 'scripts/sim/detection.ts',
  cells: (quick) => [
    ...places(quick).flatMap((place) => EFFECTS.map((effect) => looksCell(place, effect, quick))),
    ...places(quick).flatMap((place) =>
      STAGES.filter((percent) => percent === USUAL_STAGE || place.delay === 0).flatMap((percent) =>
        EFFECTS.flatMap((effect) => fineCell(place, percent, effect, quick)),
      ),
    ),
    ...(quick ? [] : lateCells(quick)),
  ],
};
