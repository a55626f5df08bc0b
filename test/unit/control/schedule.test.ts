import { describe, expect, it } from 'vitest';
import { dueRequests } from '#control/due-work';
import type { State } from '#control/state';
import type { Command } from '#schema/control-command';
import { rampFlag } from '../fixtures/authored.ts';
import {
  accept,
  archive,
  ask,
  facts,
  itemOf,
  NOW,
  onlyRequest,
  organisation,
  put,
  refusalOf,
  requestsOf,
  typesOf,
} from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';

const state = organisation();
const AT = NOW + 3_600_000;
const net = (percent: number) => put('flag', 'pricing.net', 1, rampFlag(percent, { salt: 'pricing-net' }));
const rank = (percent: number) => put('flag', 'search.rank', 1, rampFlag(percent, { salt: 'search-rank' }));

const about = (from: State): { request: string; hash: string } => {
  const { id, hash } = onlyRequest(from);
  return { request: id, hash };
};

function scheduled(): State {
  const waiting = accept(state, ask([net(9)], { apply: { at: AT } }), people.pricing).state;
  return accept(waiting, { type: 'approve', ...about(waiting) }, people.otherPricing).state;
}

describe('a scheduled change', () => {
  it('is scheduled once it is approved, and due at its time', () => {
    const waiting = accept(state, ask([net(9)], { apply: { at: AT } }), people.pricing).state;
    expect(dueRequests(waiting)).toEqual([]);
    const ready = scheduled();
    expect(onlyRequest(ready).status).toBe('scheduled');
    expect(dueRequests(ready)).toEqual([{ ...about(ready), at: AT }]);
    expect(itemOf(ready, 'pricing.net').revision).toBe(1);
  });

  it('is applied not before its time, by nobody, and then by the control plane', () => {
    const ready = scheduled();
    const apply: Command = { type: 'apply', ...about(ready) };
    for (const actor of [people.system, people.pricing, people.everybody]) {
      expect(refusalOf(ready, apply, actor, facts({ now: AT - 1 }))).toEqual({ code: 'not-due', at: AT });
    }
    const done = accept(ready, apply, people.system, facts({ now: AT }));
    expect(typesOf(done.events)).toEqual(['item-put', 'publish-requested', 'request-applied']);
    expect(refusalOf(done.state, apply, people.system, facts({ now: AT })).code).toBe('not-found');
  });

  it('waits without approval where none is needed', () => {
    const ready = accept(state, ask([rank(9)], { apply: { at: AT } }), people.editor).state;
    expect(onlyRequest(ready)).toMatchObject({ status: 'scheduled', approvals: [] });
    expect(
      typesOf(accept(ready, { type: 'apply', ...about(ready) }, people.system, facts({ now: AT })).events),
    ).toContain('request-applied');
  });

  it('is void by what changes its ground in between, and says so at once', () => {
    const ready = accept(state, ask([rank(9)], { apply: { at: AT } }), people.editor).state;
    const drifted = accept(ready, ask([rank(7)]), people.otherEditor);
    expect(drifted.events).toContainEqual(
      expect.objectContaining({
        type: 'request-voided',
        why: { code: 'stale', items: [expect.objectContaining({ base: 1, revision: 2 })] },
      }),
    );
    expect(dueRequests(drifted.state)).toEqual([]);
    expect(
      refusalOf(drifted.state, { type: 'apply', ...about(drifted.state) }, people.system, facts({ now: AT })).code,
    ).toBe('wrong-status');
  });

  it('is void when its time comes and it does not fit any more', () => {
    const using = put(
      'flag',
      'search.rank',
      1,
      rampFlag(9, { salt: 'search-rank', rules: [{ id: 'r', when: [{ segment: 'unused' }], serve: 'on' }] }),
    );
    const ready = accept(state, ask([using], { apply: { at: AT } }), people.editor).state;
    const gone = accept(ready, ask([archive('segment', 'unused', 1)]), people.otherEditor).state;
    const told = accept(gone, { type: 'apply', ...about(gone) }, people.system, facts({ now: AT }));
    expect(told.events).toMatchObject([{ type: 'request-voided', why: { code: 'invalid' } }]);
    expect(itemOf(told.state, 'search.rank').revision).toBe(1);
  });

  it('is checked again when its time comes: author, approver, ticket', () => {
    const ready = scheduled();
    const apply: Command = { type: 'apply', ...about(ready) };
    const without = (id: string) => new Map([...facts().principals].filter(([one]) => one !== id));
    const noAuthor = accept(ready, apply, people.system, facts({ now: AT, principals: without(people.pricing.id) }));
    expect(noAuthor.events).toMatchObject([{ type: 'request-voided', why: { code: 'editor-gone' } }]);
    const noApprover = accept(
      ready,
      apply,
      people.system,
      facts({ now: AT, principals: without(people.otherPricing.id) }),
    );
    expect(noApprover.events).toMatchObject([{ type: 'approvals-voided', why: { code: 'approvals-missing' } }]);
    const pay = put('flag', 'billing.pay', 1, rampFlag(9, { salt: 'billing-pay' }));
    const waiting = accept(state, ask([pay], { apply: { at: AT }, ticket: 'CHG1' }), people.billing).state;
    const paid = accept(waiting, { type: 'approve', ...about(waiting) }, people.otherBilling).state;
    const order: Command = { type: 'apply', ...about(paid) };
    const tickets = (known: 'closed' | 'unreachable') => facts({ now: AT, tickets: new Map([['CHG1', known]]) });
    expect(accept(paid, order, people.system, tickets('closed')).events).toMatchObject([
      { type: 'request-voided', why: { code: 'ticket' } },
    ]);
    // A system that does not answer is asked again; nothing is lost by it.
    expect(refusalOf(paid, order, people.system, tickets('unreachable'))).toMatchObject({
      code: 'ticket',
      trouble: 'unreachable',
    });
  });

  it('is another change at another time: approvals are void', () => {
    const ready = scheduled();
    const moved = accept(ready, { type: 'schedule', ...about(ready), apply: { at: AT + 1 } }, people.pricing);
    expect(moved.events).toMatchObject([
      { type: 'request-amended', status: 'open', voided: [{ by: { person: 'piet' } }] },
    ]);
    expect(dueRequests(moved.state)).toEqual([]);
    expect(
      refusalOf(ready, { type: 'schedule', request: 'none', hash: 'x'.repeat(43), apply: 'by-hand' }, people.pricing)
        .code,
    ).toBe('not-found');
  });

  it('is not put off for more than a year', () => {
    const far = ask([rank(9)], { apply: { at: NOW + 367 * 86_400_000 } });
    expect(refusalOf(state, far, people.editor)).toMatchObject({ code: 'too-far-ahead' });
  });

  it('of several, the first to be applied voids the other', () => {
    const one = accept(state, ask([rank(8)], { apply: { at: AT } }), people.editor).state;
    const two = accept(one, ask([rank(9)], { apply: { at: AT + 1 } }), people.otherEditor).state;
    const [first] = dueRequests(two);
    const done = accept(
      two,
      { type: 'apply', request: first?.request as string, hash: first?.hash as string },
      people.system,
      facts({ now: AT }),
    );
    expect(requestsOf(done.state)).toMatchObject([{ status: 'voided' }]);
  });
});
