/** The p95: how often it is breached by chance, and when a slower treatment is noticed. Latencies are log-normal, one a user. */
import { assessLatency, EMPTY_LATENCY_STATE } from '#rollout/evidence/assess-latency';
import { latencyPlan } from '#rollout/evidence/latency-plan';
import { FIRST_BUCKET, LAST_BUCKET, LOG_GAMMA } from '#rollout/evidence/sketch';
import type { Sketch } from '#rollout/evidence/statistics';
import { ALPHA, BAKE_SECONDS, LOOK_SECONDS, RAMP } from './null-ramp.ts';
import type { Part, SimCell } from './part.ts';
import { createRandom, type Random } from './random.ts';
import { binomial, normal, poisson } from './samplers.ts';
import { timeQuantile, upperBound } from './summary.ts';

export interface LatencyFigures {
  readonly runs: number;
  readonly breached: number;
  readonly upper: number;
  /** Seconds from the beginning of the stage. */
  readonly median: number | null;
  /** What a rule of points would have done: the p95 over 1.15 times control's at three of five looks of a minute. */
  readonly byPoint: number;
}

/** Median latency in milliseconds, and the spread of its logarithm: the p95 is 2.7 times the median. */
const MEDIAN_MS = 180;
const SPREAD = 0.6;
const LIMIT = 0.15;
/** Both arms are slower by this in five minutes of a ramp. */
const SLOW = { times: 3, seconds: 300 } as const;
const RUNS = { ramp: 100, stage: 200, quick: 10 } as const;
const PLAN = latencyPlan({ limit: { maxRelativeIncrease: LIMIT }, stages: RAMP, alpha: ALPHA });

interface Arm {
  readonly counts: number[];
  samples: number;
}

const newArm = (): Arm => ({ counts: new Array<number>(LAST_BUCKET - FIRST_BUCKET + 1).fill(0), samples: 0 });

const sketchOf = ({ counts }: Arm): Sketch => ({ first: FIRST_BUCKET, counts });

function draw(random: Random, arm: Arm, users: number, factor: number): void {
  const log = Math.log(MEDIAN_MS * factor);
  for (let user = 0; user < users; user++) {
    const at = Math.ceil((log + SPREAD * normal(random)) / LOG_GAMMA) - FIRST_BUCKET;
    arm.counts[at] = (arm.counts[at] as number) + 1;
  }
  arm.samples += users;
}

interface Ride {
  readonly traffic: number;
  readonly stages: readonly number[];
  readonly factor: number;
  readonly spike: boolean;
}

/** Seconds to the breach. */
function ride(name: string, { traffic, stages, factor, spike }: Ride): { ours: number | null; byPoint: boolean } {
  const random = createRandom(name);
  const slowAt = spike ? random() * stages.length * BAKE_SECONDS : Number.POSITIVE_INFINITY;
  let state = EMPTY_LATENCY_STATE;
  let ours: number | null = null;
  const over: boolean[] = [];
  let byPoint = false;
  stages.forEach((percent, at) => {
    const [treated, control] = [newArm(), newArm()];
    let window = [newArm(), newArm()] as const;
    for (let second = 0; second < BAKE_SECONDS && ours === null; second += LOOK_SECONDS) {
      const now = at * BAKE_SECONDS + second;
      const slow = now >= slowAt && now < slowAt + SLOW.seconds ? SLOW.times : 1;
      const users = poisson(random, traffic * LOOK_SECONDS);
      const inTreated = binomial(random, users, percent / 100);
      const lot = [newArm(), newArm()] as const;
      draw(random, lot[0], inTreated, factor * slow);
      draw(random, lot[1], users - inTreated, slow);
      for (const [arm, recent, drawn] of [
        [treated, window[0], lot[0]],
        [control, window[1], lot[1]],
      ] as const)
        merge(drawn, arm, recent);
      const given = {
        source: 'sketch',
        stage: RAMP.indexOf(percent as 5),
        treatment: sketchOf(treated),
        control: sketchOf(control),
      } as const;
      const look = assessLatency(PLAN, state, given, now + LOOK_SECONDS);
      state = look.state;
      if (look.verdict.kind === 'FAIL') ours = now + LOOK_SECONDS;
      if ((second + LOOK_SECONDS) % 60 !== 0) continue;
      over.push(quantileOf(window[0]) > (1 + LIMIT) * quantileOf(window[1]));
      byPoint ||= over.slice(-5).filter(Boolean).length >= 3;
      window = [newArm(), newArm()];
    }
  });
  return { ours, byPoint };
}

function merge(from: Arm, ...into: readonly Arm[]): void {
  for (const arm of into) {
    for (let at = 0; at < from.counts.length; at++)
      arm.counts[at] = (arm.counts[at] as number) + (from.counts[at] as number);
    arm.samples += from.samples;
  }
}

/** The p95 as a bucket's edge; 0 of nothing. */
function quantileOf({ counts, samples }: Arm): number {
  let above = samples;
  for (let at = 0; at < counts.length; at++) {
    above -= counts[at] as number;
    if (above <= 0.05 * samples) return samples === 0 ? 0 : Math.exp((FIRST_BUCKET + at) * LOG_GAMMA);
  }
  return 0;
}

export const calmLatencyName = (traffic: number, spike: boolean): string =>
  `latency: harmless ramp, ${traffic}/s${spike ? ', spike in both arms' : ''}`;
export const slowLatencyName = (traffic: number, factor: number): string => `latency: ${factor}x at 5 %, ${traffic}/s`;

function cellOf(name: string, given: Ride, runs: number): SimCell<LatencyFigures> {
  return {
    name,
    runs,
    run: () => {
      const found = Array.from({ length: runs }, (_, run) => ride(`${name}/${run}`, given));
      const times = found.map(({ ours }) => ours);
      const breached = times.filter((time) => time !== null).length;
      const byPoint = found.filter((one) => one.byPoint).length;
      return { runs, breached, upper: upperBound(breached, runs), median: timeQuantile(times, 0.5), byPoint };
    },
  };
}

export const LATENCY_FACTORS = [1.3, 1.5, 2] as const;
export const LATENCY_TRAFFICS = [5, 50, 500] as const;

export const LATENCY: Part<LatencyFigures> = {
  name: 'latency',
  entry: 'scripts/sim/latency.ts',
  cells: (quick) => {
    const traffics = quick ? [50] : LATENCY_TRAFFICS;
    const harmless = traffics
      .filter((traffic) => traffic < 500)
      .flatMap((traffic) =>
        [false, true].map((spike) =>
          cellOf(
            calmLatencyName(traffic, spike),
            { traffic, stages: RAMP.slice(0, 4), factor: 1, spike },
            quick ? RUNS.quick : RUNS.ramp,
          ),
        ),
      );
    const harmful = traffics.flatMap((traffic) =>
      LATENCY_FACTORS.map((factor) =>
        cellOf(
          slowLatencyName(traffic, factor),
          { traffic, stages: [5], factor, spike: false },
          quick ? RUNS.quick : RUNS.stage / (traffic > 50 ? 4 : 1),
        ),
      ),
    );
    return [...harmless, ...harmful];
  },
};
