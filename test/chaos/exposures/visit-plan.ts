/** Who comes to the services and POPs of a run, when, and what becomes of it: by number, so that each emitter knows which are its own. */
import { createDice } from '../../../scripts/planet/traffic/dice.ts';

/** Three services and three POPs that emit through the SDK's emitter, each a process of its own. */
export const EMITTERS = [
  { name: 'aws', place: { region: 'us-east-1', cloud: 'aws' } },
  { name: 'azure', place: { region: 'northeurope', cloud: 'azure' } },
  { name: 'gcp', place: { region: 'asia-southeast1', cloud: 'gcp' } },
  { name: 'iad', place: { region: 'us-east-1', cloud: 'cloudflare', pop: 'iad' } },
  { name: 'dub', place: { region: 'northeurope', cloud: 'cloudflare', pop: 'dub' } },
  { name: 'sin', place: { region: 'asia-southeast1', cloud: 'cloudflare', pop: 'sin' } },
] as const;

/** How wrong their clocks are: an hour fast, an hour slow, right. */
export const SKEWS = [3_600_000, -3_600_000, 0] as const;

export const METRICS = ['checkout.error', 'checkout.completed'] as const;
export type Metric = (typeof METRICS)[number];

export interface VisitPlan {
  readonly seed: number;
  readonly visits: number;
  /** Of the visits, how many end with a check-out. */
  readonly outcomes: number;
  /** Before the run began, by the right clock: when the first of them came, over how long. */
  readonly from: number;
  readonly lateMs: number;
}

export interface PlannedVisit {
  readonly user: string;
  /** By number; of each visit the first has the check-out, and three in ten are seen by another one too. */
  readonly emitters: readonly number[];
  readonly time: number;
  readonly ruleset: 0 | 1;
  readonly metric?: Metric;
  /** How often the check-out is told of: the same once more, and another that is not the first. */
  readonly isRepeated: boolean;
  readonly hasAnother: boolean;
}

const SPREAD = 0x9e3779b1;

export function visitOf({ seed, visits, outcomes, from, lateMs }: VisitPlan, at: number): PlannedVisit {
  const dice = createDice(seed + Math.imul(at, SPREAD));
  const first = dice.int(EMITTERS.length);
  const second = (first + 1 + dice.int(EMITTERS.length - 1)) % EMITTERS.length;
  const isSeenTwice = dice.chance(0.3);
  const ends = Math.floor(((at + 1) * outcomes) / visits) > Math.floor((at * outcomes) / visits);
  const metric = dice.chance(0.3) ? METRICS[0] : METRICS[1];
  return {
    user: userOf(at),
    emitters: isSeenTwice ? [first, second] : [first],
    time: from + dice.int(lateMs),
    ruleset: at < visits / 2 ? 0 : 1,
    ...(ends && { metric }),
    isRepeated: dice.chance(0.5),
    hasAnother: dice.chance(0.1),
  };
}

export const userOf = (at: number): string => `traveller-${at}`;

/** From the page to the check-out. */
export const CHECK_OUT_MS = 30_000;
