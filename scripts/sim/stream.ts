/**
 * Users, and what becomes of them, look by look: how many are exposed in each arm, and how many of them have an outcome and when. Counts are
 * drawn for a whole look from the distributions that single users would give, so that a look costs the same at any traffic.
 */
import type { CountsCell } from '#rollout/evidence/statistics';
import type { Random } from './random.ts';
import { binomial, poisson } from './samplers.ts';
import type { Weather } from './weather.ts';

export interface StreamInput {
  readonly random: Random;
  /** Eligible users a second. */
  readonly traffic: number;
  /** Outcomes of a control user. */
  readonly base: number;
  /** Mean seconds from exposure to outcome, exponentially distributed; 0: in the same look. */
  readonly delay: number;
  readonly lookSeconds: number;
  readonly weather: Weather;
}

/** Where the ramp is during a look. */
export interface Phase {
  readonly stage: number;
  readonly revision: number;
  readonly share: number;
  /** The treated rate over control's. */
  readonly effect: number;
}

/** One exposure minute, as it fills. Pending: will have an outcome that has not come yet. */
export interface Bin {
  readonly stage: number;
  readonly revision: number;
  readonly minute: number;
  treated: number;
  treatedOutcomes: number;
  control: number;
  controlOutcomes: number;
  pendingTreated: number;
  pendingControl: number;
}

/** What one arm adds to a bin once it is told. */
interface LateBatch {
  readonly dueLook: number;
  readonly bin: Bin;
  readonly treated: number;
  readonly failedTreated: number;
  readonly control: number;
  readonly failedControl: number;
}

const LATEST_SECONDS = 120;
/** An outcome later than this is not waited for. */
const FORGOTTEN_MINUTES = 40;

export interface Stream {
  /** The bins that changed in this look. */
  readonly look: (phase: Phase) => readonly Bin[];
  readonly second: () => number;
}

export function createStream({ random, traffic, base, delay, lookSeconds, weather }: StreamInput): Stream {
  const arrives = delay === 0 ? 1 : 1 - Math.exp(-lookSeconds / delay);
  let looks = 0;
  let bins: Bin[] = [];
  let late: LateBatch[] = [];
  const changed = new Set<Bin>();
  return { look, second: () => looks * lookSeconds };

  function look(phase: Phase): readonly Bin[] {
    changed.clear();
    const second = looks * lookSeconds;
    looks++;
    expose(phase, second);
    tellLate();
    if (delay > 0) for (const bin of bins) if (bin.pendingTreated + bin.pendingControl > 0) release(bin);
    const oldest = Math.floor(second / 60) - FORGOTTEN_MINUTES;
    if (bins.length > 0 && (bins[0] as Bin).minute < oldest) bins = bins.filter(({ minute }) => minute >= oldest);
    return [...changed];
  }

  function expose({ stage, revision, share, effect }: Phase, second: number): void {
    const users = poisson(random, traffic * lookSeconds * weather.traffic(second));
    if (users === 0) return;
    const treated = binomial(random, users, share);
    const control = users - treated;
    const rate = Math.min(0.95, base * weather.rate(second));
    const bin = binOf(stage, revision, Math.floor(second / 60));
    const failedTreated = binomial(random, treated, Math.min(0.99, rate * effect));
    const failedControl = binomial(random, control, rate);
    if (weather.late === 0) {
      tell(bin, treated, failedTreated, control, failedControl);
      return;
    }
    const [lateFailedT, lateT] = lateOf(failedTreated, treated);
    const [lateFailedC, lateC] = lateOf(failedControl, control);
    tell(bin, treated - lateT, failedTreated - lateFailedT, control - lateC, failedControl - lateFailedC);
    const dueLook = looks + Math.ceil((random() * LATEST_SECONDS) / lookSeconds);
    if (lateT + lateC > 0) {
      late.push({
        dueLook,
        bin,
        treated: lateT,
        failedTreated: lateFailedT,
        control: lateC,
        failedControl: lateFailedC,
      });
    }
  }

  /** Of those that will have an outcome, and of all: each unit is late or not whatever becomes of it. */
  function lateOf(failed: number, all: number): [failed: number, all: number] {
    const lateFailed = binomial(random, failed, weather.late);
    return [lateFailed, lateFailed + binomial(random, all - failed, weather.late)];
  }

  function tellLate(): void {
    if (late.length === 0) return;
    for (const { dueLook, bin, treated, failedTreated, control, failedControl } of late) {
      if (dueLook <= looks) tell(bin, treated, failedTreated, control, failedControl);
    }
    late = late.filter(({ dueLook }) => dueLook > looks);
  }

  function tell(bin: Bin, treated: number, failedTreated: number, control: number, failedControl: number): void {
    bin.treated += treated;
    bin.control += control;
    if (delay === 0) {
      bin.treatedOutcomes += failedTreated;
      bin.controlOutcomes += failedControl;
    } else {
      bin.pendingTreated += failedTreated;
      bin.pendingControl += failedControl;
    }
    changed.add(bin);
  }

  function release(bin: Bin): void {
    const treated = binomial(random, bin.pendingTreated, arrives);
    const control = binomial(random, bin.pendingControl, arrives);
    if (treated + control === 0) return;
    bin.treatedOutcomes += treated;
    bin.controlOutcomes += control;
    bin.pendingTreated -= treated;
    bin.pendingControl -= control;
    changed.add(bin);
  }

  function binOf(stage: number, revision: number, minute: number): Bin {
    const last = bins.at(-1);
    if (last !== undefined && last.minute === minute && last.revision === revision) return last;
    const bin: Bin = {
      stage,
      revision,
      minute,
      treated: 0,
      treatedOutcomes: 0,
      control: 0,
      controlOutcomes: 0,
      pendingTreated: 0,
      pendingControl: 0,
    };
    bins.push(bin);
    return bin;
  }
}

export const cellOf = (bin: Bin): CountsCell => ({
  stage: bin.stage,
  revision: bin.revision,
  minute: bin.minute,
  treatment: { exposures: bin.treated, outcomes: bin.treatedOutcomes },
  control: { exposures: bin.control, outcomes: bin.controlOutcomes },
});
