/** Sends users to the marketplace at a set rate, and writes down what they were told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createDice } from './dice.ts';
import type { Heard, Site } from './site.ts';
import { createTruth, type Told } from './truth.ts';
import { type Step, type Visit, visitsOf } from './visits.ts';

export interface TrafficOptions {
  readonly site: Site;
  readonly seed: number;
  readonly users: number;
  /** Visits a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Nobody new comes from then on. */
  readonly signal: AbortSignal;
  readonly progress: (far: Far) => void;
}

export interface Far {
  /** Visits that ended, requests that were sent. */
  readonly visits: number;
  readonly requests: number;
}

export interface Traffic extends Far {
  readonly told: Told;
  /** Steps that nobody answered, however often: what came of them nobody was told. */
  readonly unanswered: number;
  /** Answers that are none, the first of each kind. */
  readonly faults: readonly string[];
}

/** What of one more visit under way would be a queue of the generator's own. */
const MAX_UNDER_WAY = 256;
const DEADLINE_MS = 10_000;
/** Rounds through all places, before a user gives up. */
const ROUNDS = 5;
const PAUSE_MS = 400;

/** What happens at a check-out, by what became of the card. */
const METRICS = { approved: 'checkout.completed', declined: 'checkout.error' } as const;

export async function runTraffic(options: TrafficOptions): Promise<Traffic> {
  const { site, seed, users, rate, seconds, signal, progress } = options;
  const truth = createTruth();
  const faults = new Set<string>();
  const far = { visits: 0, requests: 0 };
  let unanswered = 0;

  async function ask(step: Step, user: string, place: number, patienceMs = DEADLINE_MS): Promise<Heard['kind']> {
    far.requests++;
    const heard = await askAt(site, step, user, place, AbortSignal.timeout(patienceMs));
    if (heard.kind === 'fault') faults.add(heard.why);
    if (heard.kind !== 'answer') return heard.kind;
    for (const { flag, revision, variation } of heard.seen) truth.served(flag, revision, user, variation);
    if (heard.outcome) truth.happened(METRICS[heard.outcome], user);
    return heard.kind;
  }

  async function untilAnswered(step: Step, user: string): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      for (const place of step.places) if ((await ask(step, user, place)) !== 'silence') return;
      await sleep(PAUSE_MS * 2 ** round);
    }
    unanswered++;
  }

  async function visit({ user, steps }: Visit): Promise<void> {
    for (const step of steps) {
      if (step.manner === 'hang-up') await ask(step, user, step.places[0] as number, step.patienceMs);
      await untilAnswered(step, user);
      if (step.manner === 'again') await ask(step, user, step.places.at(-1) as number);
    }
    far.visits++;
    progress(far);
  }

  const visits = visitsOf({ dice: createDice(seed), seed, users, pops: site.pops, services: site.services });
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  for (let sent = 0; sent < rate * seconds && !signal.aborted; sent++) {
    const due = began + (sent * 1_000) / rate - performance.now();
    if (due > 0) await sleep(due, undefined, { signal }).catch(() => {});
    if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
    if (signal.aborted) break;
    const one: Promise<void> = visit(visits.next().value as Visit).finally(() => underWay.delete(one));
    underWay.add(one);
  }
  await Promise.all(underWay);
  return { ...far, told: truth.told(), unanswered, faults: [...faults] };
}

function askAt(site: Site, step: Step, user: string, place: number, signal: AbortSignal): Promise<Heard> {
  switch (step.kind) {
    case 'look':
      return site.look(place, user, signal);
    case 'prices':
      return site.prices(place, user, signal);
    case 'check-out':
      return site.checkOut(place, { user, order: step.order, card: step.card }, signal);
    default:
      return step satisfies never;
  }
}
