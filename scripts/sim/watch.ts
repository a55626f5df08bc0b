/** What watches the data themselves: arms filled in other shares than designed, and exposures that stop coming. */
import { assessBlindness, EMPTY_BLINDNESS } from '#rollout/evidence/blindness';
import { assessSampleRatio } from '#rollout/evidence/sample-ratio';
import { BAKE_SECONDS, LOOK_SECONDS, RAMP } from './null-ramp.ts';
import type { Part, SimCell } from './part.ts';
import { createRandom } from './random.ts';
import { binomial, poisson } from './samplers.ts';
import { timeQuantile, upperBound } from './summary.ts';

export interface WatchFigures {
  readonly runs: number;
  readonly held: number;
  readonly upper: number;
  readonly median: number | null;
}

const TRAFFIC = 50;
const RUNS = { harmless: 1_000, loss: 300, quick: 20 } as const;

/** The treated arm loses this part of its exposures. */
function fillArms(name: string, percent: number, lost: number, seconds: number): number | null {
  const random = createRandom(name);
  const share = percent / 100;
  let [treated, control, peak] = [0, 0, 0];
  for (let second = 0; second < seconds; second += LOOK_SECONDS) {
    const users = poisson(random, TRAFFIC * LOOK_SECONDS);
    const assigned = binomial(random, users, share);
    treated += binomial(random, assigned, 1 - lost);
    control += users - assigned;
    const found = assessSampleRatio(
      [{ stage: 0, exposures: [treated, control], shares: [share, 1 - share] }],
      RAMP.length,
      peak,
    );
    peak = found.peak;
    if (found.verdict.kind === 'UNHEALTHY') return second + LOOK_SECONDS;
  }
  return null;
}

/** Of the arm's exposures this part is received. */
function listen(name: string, percent: number, lost: number, seconds: number): number | null {
  const random = createRandom(name);
  const share = percent / 100;
  let state = EMPTY_BLINDNESS;
  for (let second = 0; second < seconds; second += LOOK_SECONDS) {
    const evaluated = poisson(random, TRAFFIC * LOOK_SECONDS);
    const received = binomial(random, binomial(random, evaluated, share), 1 - lost);
    const found = assessBlindness(state, { evaluated, share, received, now: second });
    state = found.state;
    if (found.verdict.kind === 'UNHEALTHY') return second + LOOK_SECONDS;
  }
  return null;
}

type Watcher = (name: string, percent: number, lost: number, seconds: number) => number | null;

function cellOf(
  kind: 'sample ratio' | 'blindness',
  percent: number,
  lost: number,
  quick: boolean,
): SimCell<WatchFigures> {
  const watcher: Watcher = kind === 'blindness' ? listen : fillArms;
  const name = watchName(kind, percent, lost);
  const runs = quick ? RUNS.quick : lost === 0 ? RUNS.harmless : RUNS.loss;
  const seconds = lost === 0 ? RAMP.length * BAKE_SECONDS : kind === 'blindness' ? 5_400 : BAKE_SECONDS;
  return {
    name,
    runs,
    run: () => {
      const times = Array.from({ length: runs }, (_, run) => watcher(`${name}/${run}`, percent, lost, seconds));
      const held = times.filter((time) => time !== null).length;
      return { runs, held, upper: upperBound(held, runs), median: timeQuantile(times, 0.5) };
    },
  };
}

export const watchName = (kind: 'sample ratio' | 'blindness', percent: number, lost: number): string =>
  `${kind}: ${lost * 100} % lost at ${percent} %`;

export const LOSSES = [0, 0.05, 0.1, 0.2, 0.5, 1] as const;

export const WATCH: Part<WatchFigures> = {
  name: 'watch',
  entry: 'scripts/sim/watch.ts',
  cells: (quick) => [
    ...LOSSES.map((lost) => cellOf('sample ratio', 5, lost, quick)),
    ...[1, 5].flatMap((percent) =>
      LOSSES.filter((lost) => lost !== 0.05 && lost !== 0.1).map((lost) => cellOf('blindness', percent, lost, quick)),
    ),
  ],
};
