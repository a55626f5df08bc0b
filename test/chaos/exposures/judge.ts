/** Holds what ingest counted against what users were told. */
import { createTruth, type Told } from '../../../scripts/planet/traffic/truth.ts';
import type { Arrivals } from './arrivals.ts';
import type { Life } from './emitter-lives.ts';
import { FARES, MARKUP } from './fare-rulesets.ts';
import { userOf } from './visit-plan.ts';

export interface Judged {
  readonly told: Told;
  /** Of that, what left its emitter before that was killed. */
  readonly sent: Told;
  /** Exposures that were lost with the life that lost most. */
  readonly longestTail: number;
  /** Lives of which something is missing that is no tail, or that were not killed. */
  readonly torn: number;
}

/** `pages`: by variation, users who looked at the POPs' pages: Workers are not killed, and lose nobody. */
export function judge(lives: readonly Life[], arrivals: Arrivals, pages: Readonly<Record<string, number>>): Judged {
  const [told, sent] = [createTruth(), createTruth()];
  const arrived = new Set<number>();
  let longestTail = 0;
  let torn = 0;
  for (const { emitter, wasKilled, told: visits } of lives) {
    let lost = 0;
    for (const { at, fare, markup } of visits) {
      const user = userOf(at);
      for (const [flag, { revision, variation }] of [[FARES, fare] as const, [MARKUP, markup] as const]) {
        told.served(flag, revision, user, variation);
        if (arrivals.hasExposure(emitter, user, flag)) {
          sent.served(flag, revision, user, variation);
          if (flag === FARES) arrived.add(at);
          // Behind the first that is missing, all have to be.
          if (lost > 0) torn++;
        } else lost++;
      }
    }
    if (lost > 0 && !wasKilled) torn++;
    longestTail = Math.max(longestTail, lost);
  }
  for (const { told: visits } of lives)
    for (const { at, metric } of visits) {
      if (metric === undefined) continue;
      told.happened(metric, userOf(at));
      // An outcome of somebody whose exposure was lost is nobody's.
      if (arrived.has(at) && arrivals.hasOutcome(userOf(at), metric)) sent.happened(metric, userOf(at));
    }
  return { told: withPages(told.told(), pages), sent: withPages(sent.told(), pages), longestTail, torn };
}

/** They see the first revision. */
function withPages(told: Told, pages: Readonly<Record<string, number>>): Told {
  const seen = Object.entries(pages).map(([variation, users]) => ({ flag: FARES, revision: 1, variation, users }));
  return { ...told, exposures: [...told.exposures, ...seen] };
}

/** By what is counted, how many. */
export function sums({ exposures, outcomes }: Told): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  const add = (what: string, count: number): void => void all.set(what, (all.get(what) ?? 0) + count);
  for (const { flag, variation, users } of exposures) add(`${flag} ${variation}`, users);
  for (const { flag, revision, variation, users } of exposures)
    if (flag === FARES) add(stageText(revision - 1, variation), users);
  for (const [metric, users] of Object.entries(outcomes)) add(outcomeText(metric), users);
  return all;
}

export const stageText = (stage: number, variation: string): string => `rollout, stage ${stage}: ${variation}`;
export const outcomeText = (metric: string): string => `rollout, first ${metric}`;
