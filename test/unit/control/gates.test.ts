import { describe, expect, it } from 'vitest';
import type { Facts, TicketState } from '#control/facts';
import { factsNeeded } from '#control/facts-needed';
import type { State } from '#control/state';
import type { Command } from '#schema/control-command';
import { rampFlag } from '../fixtures/authored.ts';
import {
  accept,
  ask,
  facts,
  itemOf,
  onlyRequest,
  op,
  organisation,
  put,
  refusalOf,
  requestsOf,
  typesOf,
} from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';
import { publishedState } from './fixtures/published.ts';

const state = organisation();
const FLAGS = [
  ['billing.pay', 'billing-pay', people.billing, people.otherBilling],
  ['auth.mfa', 'auth-mfa', people.auth, people.manager],
] as const;

const ticket = (known: TicketState): Partial<Facts> => ({ tickets: new Map([['CHG1', known]]) });

describe.each(FLAGS)('B47: the change ticket of %s', (key, salt, author, approver) => {
  const edit = (fields: object, percent = 9): Command =>
    ask([put('flag', key, 1, rampFlag(percent, { salt }))], fields);

  it.each([
    ['missing', {}, {}],
    ['unknown', { ticket: 'CHG1' }, ticket('unknown')],
    ['closed', { ticket: 'CHG1' }, ticket('closed')],
    ['unreachable', { ticket: 'CHG1' }, ticket('unreachable')],
    ['unreachable', { ticket: 'CHG2' }, {}],
  ] as const)('blocks a change while it is %s', (trouble, fields, known) => {
    expect(refusalOf(state, edit(fields), author, facts(known))).toMatchObject({ code: 'ticket', trouble });
  });

  it('is looked at again when the change is approved, and blocks it until the ticket is open', () => {
    const waiting = accept(state, edit({ ticket: 'CHG1' }), author).state;
    const { id, hash } = onlyRequest(waiting);
    expect(factsNeeded(waiting, { type: 'approve', request: id, hash }, approver)).toEqual({
      tickets: ['CHG1'],
      persons: [approver.person, author.person].sort(),
      principals: [approver.id, author.id].sort(),
    });
    for (const known of ['closed', 'unreachable', 'unknown'] as const) {
      const held = accept(waiting, { type: 'approve', request: id, hash }, approver, facts(ticket(known)));
      expect(typesOf(held.events)).toEqual(['request-approved', 'request-held']);
      expect(onlyRequest(held.state)).toMatchObject({ status: 'approved', held: { code: 'ticket', trouble: known } });
      expect(refusalOf(held.state, { type: 'apply', request: id, hash }, author, facts(ticket(known)))).toMatchObject({
        code: 'ticket',
      });
      const applied = accept(held.state, { type: 'apply', request: id, hash }, people.system);
      expect(itemOf(applied.state, key).revision).toBe(2);
    }
  });

  it('does not block a return (I10)', () => {
    const served = publishedState(state);
    const grown = approved(served, edit({ ticket: 'CHG1' }, 60), author, approver);
    const again = publishedState(grown);
    const back = ask([put('flag', key, 2, rampFlag(5, { salt }))]);
    const known = facts({ tickets: new Map() });
    expect(typesOf(accept(again, back, author, known).events)).toContain('request-applied');
    const elsewhere = ask([put('flag', key, 2, rampFlag(6, { salt }))]);
    expect(refusalOf(again, elsewhere, author, known)).toMatchObject({ code: 'ticket', trouble: 'missing' });
  });
});

describe('trainings', () => {
  const policy = op({
    ...{ op: 'put', kind: 'policy', key: 'pricing', base: 1 },
    body: {
      ...{
        namespaces: ['pricing'],
        environments: ['*'],
        edit: ['pricing-on-call'],
        ticket: false,
        training: ['revenue'],
      },
      approvals: { count: 1, roles: ['pricing-on-call', 'release-manager'] },
    },
  });
  const asked = accept(state, ask([policy]), people.admin).state;
  const strict = accept(asked, { type: 'approve', ...about(asked) }, people.otherAdmin).state;
  const edit = ask([put('flag', 'pricing.net', 1, rampFlag(9, { salt: 'pricing-net' }))]);
  const trained = (...persons: string[]): Facts =>
    facts({ trainings: new Map(persons.map((one) => [one, new Set(['revenue'])])) });

  it('are asked of the author and of the approver', () => {
    expect(refusalOf(strict, edit, people.pricing, trained('piet'))).toEqual({
      code: 'training',
      person: 'paula',
      missing: ['revenue'],
    });
    const waiting = accept(strict, edit, people.pricing, trained('paula')).state;
    const approve: Command = { type: 'approve', ...about(waiting) };
    expect(refusalOf(waiting, approve, people.otherPricing, trained('paula'))).toMatchObject({
      code: 'training',
      person: 'piet',
    });
    expect(typesOf(accept(waiting, approve, people.otherPricing, trained('paula', 'piet')).events)).toContain(
      'request-applied',
    );
  });

  it('are asked of whoever answers for a service', () => {
    const service = { ...people.pricing, id: 'token:ci', person: 'token:ci', kind: 'service' as const, owner: 'zoe' };
    expect(refusalOf(strict, edit, service, trained('token:ci'))).toMatchObject({ code: 'training', person: 'zoe' });
  });

  it('are looked at again when the change is applied', () => {
    const byHand = ask([put('flag', 'pricing.net', 1, rampFlag(9, { salt: 'pricing-net' }))], { apply: 'by-hand' });
    const waiting = accept(strict, byHand, people.pricing, trained('paula')).state;
    const ready = accept(
      waiting,
      { type: 'approve', ...about(waiting) },
      people.manager,
      trained('paula', 'rita'),
    ).state;
    const apply: Command = { type: 'apply', ...about(ready) };
    expect(refusalOf(ready, apply, people.otherPricing, trained('rita', 'piet'))).toMatchObject({
      code: 'training',
      person: 'paula',
    });
    expect(typesOf(accept(ready, apply, people.otherPricing, trained('paula')).events)).toEqual(['approvals-voided']);
  });
});

function about(from: State): { request: string; hash: string } {
  const { id, hash } = onlyRequest(from);
  return { request: id, hash };
}

function approved(from: State, order: Command, author: typeof people.billing, approver: typeof people.billing): State {
  const waiting = accept(from, order, author).state;
  const [request] = requestsOf(waiting);
  return accept(waiting, { type: 'approve', request: request?.id as string, hash: request?.hash as string }, approver)
    .state;
}
