import { describe, expect, it } from 'vitest';
import { createDice } from '../../../scripts/planet/traffic/dice.ts';
import { runTraffic } from '../../../scripts/planet/traffic/run-traffic.ts';
import type { Heard, Site } from '../../../scripts/planet/traffic/site.ts';
import { createTruth } from '../../../scripts/planet/traffic/truth.ts';
import { type Visit, visitsOf } from '../../../scripts/planet/traffic/visits.ts';

const FLAG = 'pricing.fareBundlingV2';

function visits(seed: number, count: number, services = 3): Visit[] {
  const all = visitsOf({ dice: createDice(seed), seed, users: 200, pops: 3, services });
  return Array.from({ length: count }, () => all.next().value as Visit);
}

describe('visits', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(visits(7, 50)).toEqual(visits(7, 50));
    expect(visits(8, 50)).not.toEqual(visits(7, 50));
  });

  it('have users who move, fail, hang up, and pay', () => {
    const steps = visits(7, 2_000).flatMap((one) => one.steps);
    expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(['look', 'prices', 'check-out']));
    expect(new Set(steps.map(({ manner }) => manner))).toEqual(new Set(['once', 'again', 'hang-up']));
    expect(new Set(steps.map(({ places }) => places[0]))).toEqual(new Set([0, 1, 2]));
    const cards = steps.flatMap((one) => (one.kind === 'check-out' ? one.card : []));
    expect(new Set(cards)).toEqual(new Set(['approved', 'declined']));
  });

  it('are pages alone where there are no services', () => {
    const kinds = visits(7, 100, 0).flatMap(({ steps }) => steps.map(({ kind }) => kind));
    expect(new Set(kinds)).toEqual(new Set(['look']));
  });
});

describe('the truth', () => {
  it('is of users, each once, and notices who is told something else', () => {
    const truth = createTruth();
    for (const user of ['a', 'b', 'a']) truth.served(FLAG, 1, user, 'control');
    truth.served(FLAG, 2, 'a', 'v2');
    truth.served(FLAG, 1, 'a', 'v2');
    for (const user of ['a', 'a', 'b']) truth.happened('checkout.error', user);
    expect(truth.told()).toEqual({
      exposures: [
        { flag: FLAG, revision: 1, variation: 'control', users: 2 },
        { flag: FLAG, revision: 2, variation: 'v2', users: 1 },
      ],
      outcomes: { 'checkout.error': 2 },
      contradictions: 1,
    });
  });
});

describe('traffic', () => {
  /** Told of by whoever is asked; every other time silent. */
  function siteOf(answer: (user: string) => Heard): Site & { readonly asked: string[] } {
    const asked: string[] = [];
    const ask = async (user: string): Promise<Heard> =>
      asked.push(user) % 2 === 1 ? { kind: 'silence' } : answer(user);
    return {
      ...{ pops: 3, services: 3, asked },
      look: (_, user) => ask(user),
      prices: (_, user) => ask(user),
      checkOut: async (_, { user, card }) => ({ ...(await ask(user)), outcome: card }) as Heard,
    };
  }
  const options = { seed: 7, users: 50, rate: 10_000, seconds: 0.01, progress: () => {} };

  it('asks until it is answered, and counts what it is told', async () => {
    const site = siteOf(() => ({ kind: 'answer', seen: [{ flag: FLAG, revision: 1, variation: 'v2' }] }));
    const traffic = await runTraffic({ ...options, site, signal: new AbortController().signal });
    const users = new Set(site.asked);
    expect(traffic).toMatchObject({ visits: 100, unanswered: 0, faults: [], requests: site.asked.length });
    expect(traffic.told.exposures).toEqual([{ flag: FLAG, revision: 1, variation: 'v2', users: users.size }]);
  });

  it('says what is no answer, and sends nobody once it is stopped', async () => {
    const site = siteOf(() => ({ kind: 'fault', why: 'HTTP 404' }));
    const { faults, told } = await runTraffic({ ...options, site, signal: new AbortController().signal });
    expect([faults, told.exposures]).toEqual([['HTTP 404'], []]);
    const stopped = await runTraffic({ ...options, site: siteOf(() => fail()), signal: AbortSignal.abort() });
    expect(stopped).toMatchObject({ visits: 0, requests: 0 });
  });
});

const fail = (): never => {
  throw new Error('nobody is to be asked');
};
