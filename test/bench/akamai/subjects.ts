/** The EdgeWorkers that are measured, and what each is asked. */
import { EDGEKV_HOST } from '../../../scripts/edgeworkers/edgekv/edge-api.ts';
import type { EventInput, EventName } from '../../../scripts/edgeworkers/event.ts';
import type { Tier } from '../../../scripts/edgeworkers/tiers.ts';
import { bundleOf } from '../../edgeworkers/fixtures/bundle.ts';
import { inputOf } from '../../edgeworkers/fixtures/event-input.ts';
import type { AkamaiCase, AkamaiSubject } from './cases.ts';
import { type FullView, SERVER_KEY } from './full-view.ts';

/**
 * `first`: each event finds a new instance. `warm`: all find the same, whose view is new enough. `again`: all find the same, which looks
 * each time.
 */
export type Mode = 'first' | 'warm' | 'again';

export interface Subject {
  readonly subject: AkamaiSubject;
  /** The cases that its figures are for, by the way in which it runs. */
  readonly cases: Readonly<Partial<Record<Mode, readonly AkamaiCase[]>>>;
  readonly tgz: Uint8Array;
  readonly tier: Tier;
  readonly event: EventName;
  /** Another user each time. */
  input(turn: number): EventInput;
}

const COUNTS = [1, 10, 30] as const;

const FLOOR = `
  import { createResponse } from 'create-response';
  export function onClientRequest() {}
  export const responseProvider = () => createResponse(200, {}, '');
`;
const READ = `
  import { httpRequest } from 'http-request';
  export async function onClientRequest() {
    const response = await httpRequest('https://${EDGEKV_HOST}/api/v1/namespaces/lockstep/groups/production/items/pricing', {
      headers: { 'X-Akamai-EdgeDB-Auth': 'bench' }, timeout: 300,
    });
    globalThis.kept = await response.text();
  }
`;

const EVERY: Subject['cases'] = {
  first: COUNTS.map((count) => `akamai-first-${count}` as const),
  warm: COUNTS.map((count) => `akamai-warm-${count}` as const),
  again: ['akamai-again-1'],
};

export async function subjectsOf(view: FullView): Promise<readonly Subject[]> {
  const page = { event: 'onClientRequest', tier: 'basic', input: visit } as const;
  // All flags at once need more memory than the smallest tier gives.
  const cases = { first: ['akamai-bulk'] } as const;
  const bulk = { event: 'responseProvider', tier: 'dynamic', input: question, cases } as const;
  const ours = COUNTS.map(async (count): Promise<Subject> => {
    const tgz = await view.bundle('pages', 'module', count);
    const first = [`akamai-first-${count}`] as const;
    const warm = [`akamai-warm-${count}`] as const;
    const more = count === 1 ? { again: ['akamai-again-1'] as const } : {};
    return { subject: 'lockstep', ...page, tgz, cases: { first, warm, ...more } };
  });
  const one = { first: ['akamai-first-1'], warm: ['akamai-warm-1'] } as const;
  return [
    { subject: 'floor', ...page, tgz: bundleOf(FLOOR), cases: EVERY },
    { subject: 'read', ...page, tgz: bundleOf(READ), cases: EVERY },
    { subject: 'lockstep-lru', ...page, tgz: await view.bundle('pages', 'lru', 1), cases: one },
    ...(await Promise.all(ours)),
    { subject: 'floor', ...bulk, tgz: bundleOf(FLOOR) },
    { subject: 'lockstep', ...bulk, tgz: await view.bundle('ofrep', 'module', 1) },
  ];
}

const visit = (turn: number): EventInput => inputOf({ headers: [['Cookie', `visitor=user-${turn}-4f1c9a`]] });

function question(turn: number): EventInput {
  const body = JSON.stringify({ context: { targetingKey: `user-${turn}-4f1c9a`, country: 'DE', plan: 'gold' } });
  const headers = [
    ['Authorization', `Bearer ${SERVER_KEY}`],
    ['Content-Type', 'application/json'],
  ] as const;
  const request = { method: 'POST', path: '/ofrep/v1/evaluate/flags', headers };
  return inputOf(request, { body: new TextEncoder().encode(body) });
}
