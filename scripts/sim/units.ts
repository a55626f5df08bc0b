/**
 * Why units are counted and not events: users one by one, of whom those who fail try again, and some of whose events are told twice. The flag
 * does nothing. The same events are counted three ways: first errors of deduplicated units (what the shards do), error events without
 * duplicates, and events as they come.
 */
import { observeRates, type RateLook } from '#rollout/evidence/observe-rates';
import { ratePlan } from '#rollout/evidence/rate-plan';
import { emptyRateState, type RateState } from '#rollout/evidence/rate-state';
import { ALPHA, BAKE_SECONDS, LOOK_SECONDS, RAMP } from './null-ramp.ts';
import type { Part, SimCell } from './part.ts';
import { createRandom, type Random } from './random.ts';
import { poisson } from './samplers.ts';
import { upperBound } from './summary.ts';

export const COUNTINGS = ['units', 'errors', 'events'] as const;
export type Counting = (typeof COUNTINGS)[number];

export interface UnitFigures {
  readonly runs: number;
  readonly rolledBack: Readonly<Record<Counting, number>>;
  readonly upper: number;
}

const TRAFFIC = 50;
const BASE = 0.02;
/** A user who fails does so this many times on average, and an event is told twice with this chance. */
const TRIES = 4;
const TWICE = 0.05;
const RUNS = { whole: 400, quick: 10 } as const;
const PLAN = ratePlan({ direction: 'increase', maxRelativeChange: 0.1, stages: RAMP, alpha: ALPHA });

type Counts = Record<'treated' | 'control', { exposures: number; outcomes: number }>;

function ride(name: string): ReadonlySet<Counting> {
  const random = createRandom(name);
  const fired = new Set<Counting>();
  const states = new Map<Counting, RateState>(COUNTINGS.map((counting) => [counting, emptyRateState()]));
  for (let stage = 0; stage < RAMP.length; stage++) {
    const share = Math.min(0.95, (RAMP[stage] as number) / 100);
    for (let minute = 0; minute < BAKE_SECONDS / 60; minute++) {
      const cells = countMinute(random, share, stage * (BAKE_SECONDS / 60) + minute, stage);
      for (const [counting, looks] of cells) for (const look of looks) judge(counting, look);
    }
  }
  return fired;

  function judge(counting: Counting, report: Parameters<typeof observeRates>[2]): void {
    const look: RateLook = observeRates(PLAN, states.get(counting) as RateState, report);
    states.set(counting, look.state);
    if (look.state.peak >= -Math.log(ALPHA)) fired.add(counting);
  }
}

/** The looks of one minute, by way of counting. */
function countMinute(random: Random, share: number, minute: number, stage: number) {
  const counted = new Map<Counting, Counts>(COUNTINGS.map((counting) => [counting, none()]));
  const reports = new Map<Counting, Parameters<typeof observeRates>[2][]>(COUNTINGS.map((counting) => [counting, []]));
  for (let second = 0; second < 60; second += LOOK_SECONDS) {
    const users = poisson(random, TRAFFIC * LOOK_SECONDS);
    for (let user = 0; user < users; user++) countUser(random, random() < share ? 'treated' : 'control', counted);
    for (const [counting, { treated, control }] of counted) {
      const cell = { stage, revision: stage, minute, treatment: bounded(treated), control: bounded(control) };
      reports.get(counting)?.push({ stage, cells: [cell], now: 1_000 * (60 * minute + second + LOOK_SECONDS) });
    }
  }
  return reports;
}

const none = (): Counts => ({ treated: { exposures: 0, outcomes: 0 }, control: { exposures: 0, outcomes: 0 } });

/** Events may be more than users; no counts of units are. */
const bounded = ({ exposures, outcomes }: { exposures: number; outcomes: number }) => ({
  exposures,
  outcomes: Math.min(exposures, outcomes),
});

function countUser(random: Random, arm: keyof Counts, counted: ReadonlyMap<Counting, Counts>): void {
  let errors = 0;
  if (random() < BASE) {
    errors = 1;
    while (random() < 1 - 1 / TRIES) errors++;
  }
  let told = 0;
  for (let error = 0; error < errors; error++) told += random() < TWICE ? 2 : 1;
  const outcomes: Record<Counting, number> = { units: Math.min(1, errors), errors, events: told };
  for (const [counting, counts] of counted) {
    counts[arm].exposures++;
    counts[arm].outcomes += outcomes[counting];
  }
}

export const UNITS_NAME = 'units: retries and duplicates';

export const UNITS: Part<UnitFigures> = {
  name: 'units',
  entry: 'scripts/sim/units.ts',
  cells: (quick): SimCell<UnitFigures>[] => {
    const runs = quick ? RUNS.quick : RUNS.whole;
    return [
      {
        name: UNITS_NAME,
        runs,
        run: () => {
          const rolledBack: Record<Counting, number> = { units: 0, errors: 0, events: 0 };
          for (let run = 0; run < runs; run++)
            for (const counting of ride(`${UNITS_NAME}/${run}`)) rolledBack[counting]++;
          return { runs, rolledBack, upper: upperBound(rolledBack.units, runs) };
        },
      },
    ];
  },
};
