/** Four eyes: whose approval counts, and what it is bound to. */
import { describe, expect, it } from 'vitest';
import { missingApprovals } from '#control/approvals';
import { defaultPolicyOperations } from '#control/default-policies';
import type { State } from '#control/state';
import type { Command } from '#schema/control-command';
import type { Principal } from '#schema/control-principal';
import { rampFlag, segment } from '../fixtures/authored.ts';
import {
  accept,
  ask,
  changeOf,
  environmentPut,
  facts,
  found,
  itemOf,
  onlyRequest,
  op,
  organisation,
  put,
  putsOf,
  refusalOf,
  requestsOf,
  typesOf,
} from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';

const state = organisation();
const net = (percent: number, base = 1) => put('flag', 'pricing.net', base, rampFlag(percent, { salt: 'pricing-net' }));

const opened = (by: Principal = people.pricing, from: State = state): State => accept(from, ask([net(6)]), by).state;

const approve = (from: State): Command => {
  const { id, hash } = onlyRequest(from);
  return { type: 'approve', request: id, hash };
};

describe('a change that needs an approval', () => {
  it('waits, is approved by another person, and is applied and published in the same command', () => {
    const waiting = opened();
    expect(onlyRequest(waiting)).toMatchObject({ status: 'open', effects: [{ flags: { 'pricing.net': 'content' } }] });
    expect(itemOf(waiting, 'pricing.net').revision).toBe(1);
    const { state: done, events } = accept(waiting, approve(waiting), people.otherPricing);
    expect(typesOf(events)).toEqual(['request-approved', 'item-put', 'publish-requested', 'request-applied']);
    expect(itemOf(done, 'pricing.net').revision).toBe(2);
    expect(done.requests.size).toBe(0);
  });

  it('is approved by the role that the policy names besides, and by no other', () => {
    const waiting = opened();
    expect(typesOf(accept(waiting, approve(waiting), people.manager).events)).toContain('request-applied');
    for (const other of [people.editor, people.billing, people.admin, people.uiOnly]) {
      expect(refusalOf(waiting, approve(waiting), other).code).toBe('no-approver');
    }
  });

  it('is not applied before it is approved', () => {
    const waiting = opened();
    const { id, hash } = onlyRequest(waiting);
    const order: Command = { type: 'apply', request: id, hash };
    expect(refusalOf(waiting, order, people.pricing)).toMatchObject({
      code: 'approvals-missing',
      missing: [{ missing: 1 }],
    });
    expect(refusalOf(waiting, order, people.system).code).toBe('wrong-status');
  });

  it('is declined by its approvers, and withdrawn by its author', () => {
    const waiting = opened();
    const { id } = onlyRequest(waiting);
    const decline: Command = { type: 'decline', request: id, reason: 'No.' };
    const withdraw: Command = { type: 'withdraw', request: id, reason: 'Never mind.' };
    expect(refusalOf(waiting, decline, people.editor).code).toBe('no-approver');
    expect(refusalOf(waiting, withdraw, people.otherPricing).code).toBe('not-the-author');
    expect(accept(waiting, decline, people.manager).state.requests.size).toBe(0);
    expect(accept(waiting, withdraw, people.pricing).state.requests.size).toBe(0);
    const closed = accept(waiting, decline, people.manager).state;
    expect(refusalOf(closed, approve(waiting), people.otherPricing).code).toBe('not-found');
  });
});

describe('B44: an approval of one’s own change', () => {
  const scopes = people.everywhere;
  const token = (key: string, owner: string) => {
    const sha256 = key.padEnd(43, 'x');
    const body = { owner, roles: ['pricing-on-call', 'release-manager'], scopes, sha256 };
    return op({ op: 'create', kind: 'service-token', key, base: 0, body });
  };
  const tokenPrincipal = (key: string, owner: string, holders: string[] = []): Principal => ({
    ...{ id: `token:${key}`, person: `token:${key}`, kind: 'service', owner, holders },
    ...{ roles: ['pricing-on-call', 'release-manager'], scopes },
  });

  it('is refused under the same identity, whatever other roles it has', () => {
    for (const author of [people.pricing, people.everybody]) {
      const waiting = opened(author);
      expect(refusalOf(waiting, approve(waiting), author).code).toBe('own-change');
    }
  });

  it('is refused under another identity of the same person', () => {
    const waiting = opened();
    const second = { ...people.otherPricing, person: people.pricing.person };
    expect(refusalOf(waiting, approve(waiting), second).code).toBe('own-change');
  });

  it('is refused under an account that is linked, in whatever direction and over whatever others', () => {
    const waiting = opened();
    for (const linked of [
      [['paula', 'piet']],
      [['piet', 'paula']],
      [
        ['paula', 'p'],
        ['piet', 'p'],
      ],
      [
        ['paula', 'p'],
        ['p', 'q'],
        ['piet', 'q'],
      ],
      [
        ['paula', 'piet'],
        ['piet', 'paula'],
      ],
      [
        ['paula', 'a'],
        ['a', 'b'],
        ['b', 'a'],
        ['piet', 'b'],
      ],
    ] as const) {
      const known = facts({ linked: new Map(linked.map(([from, to]) => [from, to])) });
      expect(refusalOf(waiting, approve(waiting), people.otherPricing, known).code, JSON.stringify(linked)).toBe(
        'own-change',
      );
    }
  });

  it('is refused to a service token that the author answers for, or has held the secret of', () => {
    const withTokens = found([
      ...defaultPolicyOperations(),
      environmentPut('production'),
      token('ci', 'paula'),
      token('bot', 'zoe'),
    ]);
    const seeded = accept(
      withTokens,
      ask(putsOf({ flags: { 'search.x': rampFlag(1, { salt: 'x' }) } })),
      people.editor,
    ).state;
    const opening = ask([put('flag', 'pricing.new', 0, rampFlag(1, { salt: 'new' }))]);
    const waiting = accept(seeded, opening, people.pricing).state;
    expect(refusalOf(waiting, approve(waiting), tokenPrincipal('ci', 'paula')).code).toBe('own-change');
    expect(refusalOf(waiting, approve(waiting), tokenPrincipal('bot', 'zoe', ['paula'])).code).toBe('own-change');
    expect(typesOf(accept(waiting, approve(waiting), tokenPrincipal('bot', 'zoe', ['olga'])).events)).toContain(
      'request-applied',
    );
    // And the other way round: a token's change is its owner's.
    const byToken = accept(seeded, opening, tokenPrincipal('ci', 'paula')).state;
    expect(refusalOf(byToken, approve(byToken), people.pricing).code).toBe('own-change');
    // Whoever made it has seen its secret.
    expect(refusalOf(byToken, approve(byToken), people.everybody).code).toBe('own-change');
    expect(typesOf(accept(byToken, approve(byToken), people.otherPricing).events)).toContain('request-applied');
  });

  it('is refused to whoever amended the change', () => {
    const waiting = opened();
    const { id, hash } = onlyRequest(waiting);
    const amended = accept(
      waiting,
      { type: 'amend', request: id, hash, change: changeOf([net(7)]) },
      people.otherPricing,
    ).state;
    expect(onlyRequest(amended).editors.map(({ person }) => person)).toEqual(['paula', 'piet']);
    for (const editor of [people.pricing, people.otherPricing]) {
      expect(refusalOf(amended, approve(amended), editor).code).toBe('own-change');
    }
    expect(typesOf(accept(amended, approve(amended), people.manager).events)).toContain('request-applied');
  });
});

describe('n of m', () => {
  const two = op({
    ...{ op: 'put', kind: 'policy', key: 'two', base: 0 },
    body: {
      ...{ namespaces: ['pay'], environments: ['*'], edit: ['editor'], ticket: false },
      approvals: { count: 2, roles: ['pricing-on-call', 'billing-on-call', 'release-manager'] },
    },
  });
  const seeded = found([...defaultPolicyOperations(), two, environmentPut('production')]);
  const waiting = accept(seeded, ask([put('flag', 'pay.new', 0, rampFlag(1, { salt: 'new' }))]), people.editor).state;

  it('takes as many persons, each once', () => {
    const once = accept(waiting, approve(waiting), people.pricing);
    expect(typesOf(once.events)).toEqual(['request-approved']);
    expect(refusalOf(once.state, approve(once.state), people.pricing).code).toBe('approved-already');
    const second = { ...people.manager, person: people.pricing.person };
    expect(refusalOf(once.state, approve(once.state), second).code).toBe('approved-already');
    expect(typesOf(accept(once.state, approve(once.state), people.billing).events)).toContain('request-applied');
  });

  it('does not count who has left or lost the role meanwhile (B46)', () => {
    const once = accept(waiting, approve(waiting), people.pricing).state;
    const without = new Map([...facts().principals].filter(([id]) => id !== people.pricing.id));
    const twice = accept(once, approve(once), people.billing, facts({ principals: without }));
    expect(typesOf(twice.events)).toEqual(['request-approved']);
    const demoted = new Map([...facts().principals, [people.pricing.id, { ...people.pricing, roles: [] }]]);
    expect(typesOf(accept(once, approve(once), people.billing, facts({ principals: demoted })).events)).toEqual([
      'request-approved',
    ]);
  });
});

describe('B45: what an approval is bound to', () => {
  it('is the change that the approver saw', () => {
    const waiting = opened();
    const { id, hash } = onlyRequest(waiting);
    const amended = accept(
      waiting,
      { type: 'amend', request: id, hash, change: changeOf([net(100)]) },
      people.pricing,
    ).state;
    expect(refusalOf(amended, { type: 'approve', request: id, hash }, people.otherPricing)).toEqual({
      ...{ code: 'hash-differs', hash: onlyRequest(amended).hash },
    });
  });

  it.each([
    ['another body', (change: ReturnType<typeof changeOf>) => ({ ...change, operations: [net(7)] })],
    ['another reason', (change: ReturnType<typeof changeOf>) => ({ ...change, justification: 'For another.' })],
    ['a ticket', (change: ReturnType<typeof changeOf>) => ({ ...change, ticket: 'CHG1' })],
    ['another time', (change: ReturnType<typeof changeOf>) => ({ ...change, apply: { at: 1_795_420_900_000 } })],
    ['another confirmation', (change: ReturnType<typeof changeOf>) => ({ ...change, confirm: ['size' as const] })],
  ])('is void by %s', (_name, amend) => {
    const byHand = accept(state, ask([net(6)], { apply: 'by-hand' }), people.pricing).state;
    const approved = accept(byHand, approve(byHand), people.otherPricing).state;
    const { id, hash, change } = onlyRequest(approved);
    expect(onlyRequest(approved)).toMatchObject({ status: 'approved', approvals: [{ hash }] });
    const amended = accept(approved, { type: 'amend', request: id, hash, change: amend(change) }, people.pricing);
    expect(amended.events).toMatchObject([
      { type: 'request-amended', status: 'open', voided: [{ by: { person: 'piet' } }] },
    ]);
    expect(onlyRequest(amended.state)).toMatchObject({ status: 'open', approvals: [] });
    expect(refusalOf(amended.state, { type: 'apply', request: id, hash }, people.pricing).code).toBe('hash-differs');
    const now = onlyRequest(amended.state).hash;
    expect(refusalOf(amended.state, { type: 'apply', request: id, hash: now }, people.pricing).code).toMatch(
      /approvals-missing|not-due/,
    );
  });

  it('is void once its base is another, and says so; amended to the new base, it is approved anew', () => {
    const byHand = accept(state, ask([net(6)], { apply: 'by-hand' }), people.pricing).state;
    const approved = accept(byHand, approve(byHand), people.otherPricing).state;
    const { id, hash, change } = onlyRequest(approved);
    const other = accept(approved, ask([net(8)]), people.otherPricing).state;
    const second = [...idsOf(other)].find((one) => one !== id) as string;
    const drifted = accept(other, { type: 'approve', request: second, hash: hashOf(other, second) }, people.manager);
    expect(typesOf(drifted.events)).toEqual([
      'request-approved',
      'item-put',
      'publish-requested',
      'request-applied',
      'request-voided',
    ]);
    expect(onlyRequest(drifted.state)).toMatchObject({
      id,
      status: 'voided',
      approvals: [],
      held: { code: 'stale', items: [{ base: 1, revision: 2 }] },
    });
    expect(refusalOf(drifted.state, { type: 'apply', request: id, hash }, people.pricing).code).toBe('wrong-status');
    expect(refusalOf(drifted.state, { type: 'approve', request: id, hash }, people.manager).code).toBe('wrong-status');
    const rebased = { ...change, operations: [net(6, 2)] };
    const again = accept(drifted.state, { type: 'amend', request: id, hash, change: rebased }, people.pricing).state;
    expect(onlyRequest(again)).toMatchObject({ status: 'open', approvals: [] });
  });

  it('is void once a policy that counts is another', () => {
    const byHand = accept(state, ask([net(6)], { apply: 'by-hand' }), people.pricing).state;
    const approved = accept(byHand, approve(byHand), people.otherPricing).state;
    const { id } = onlyRequest(approved);
    const stricter = op({
      ...{ op: 'put', kind: 'policy', key: 'pricing', base: 1 },
      body: {
        namespaces: ['pricing'],
        environments: ['*'],
        edit: ['pricing-on-call'],
        approvals: { count: 2, roles: ['release-manager', 'pricing-on-call'] },
        ticket: false,
      },
    });
    const asked = accept(approved, ask([stricter]), people.admin).state;
    const policyRequest = [...idsOf(asked)].find((one) => one !== id) as string;
    const changed = accept(
      asked,
      { type: 'approve', request: policyRequest, hash: hashOf(asked, policyRequest) },
      people.otherAdmin,
    );
    expect(typesOf(changed.events)).toEqual(['request-approved', 'policy-put', 'request-applied', 'approvals-voided']);
    expect(onlyRequest(changed.state)).toMatchObject({
      status: 'open',
      approvals: [],
      held: { code: 'requirements-changed' },
      requirements: [{ revision: 2 }],
    });
  });

  it('is void once the change affects more than was seen', () => {
    // Approved for search alone; then a pricing flag begins to use the segment.
    const policy = op({
      op: 'put',
      kind: 'policy',
      key: 'everything-else',
      base: 1,
      body: {
        namespaces: ['*'],
        environments: ['*'],
        edit: ['editor'],
        approvals: { count: 1, roles: ['release-manager'] },
        ticket: false,
      },
    });
    const asked = accept(state, ask([policy]), people.admin).state;
    const strict = accept(asked, approve(asked), people.otherAdmin).state;
    const edit = ask([put('segment', 'unused', 1, segment({ included: ['u-3'] }))], { apply: 'by-hand' });
    const opened2 = accept(strict, edit, people.everybody).state;
    const approved = accept(opened2, approve(opened2), people.manager).state;
    const { id, hash } = onlyRequest(approved);
    expect(onlyRequest(approved)).toMatchObject({ status: 'approved', requirements: [{ namespaces: ['unused'] }] });
    const using = rampFlag(5, {
      salt: 'pricing-net',
      rules: [{ id: 'r', when: [{ segment: 'unused' }], serve: 'on' }],
    });
    const rival = accept(approved, ask([put('flag', 'pricing.net', 1, using)]), people.pricing).state;
    const rivalId = [...idsOf(rival)].find((one) => one !== id) as string;
    const used = accept(
      rival,
      { type: 'approve', request: rivalId, hash: hashOf(rival, rivalId) },
      people.otherPricing,
    ).state;
    const told = accept(used, { type: 'apply', request: id, hash }, people.everybody);
    expect(typesOf(told.events)).toEqual(['approvals-voided']);
    expect(onlyRequest(told.state)).toMatchObject({
      status: 'open',
      approvals: [],
      requirements: [{ policy: 'everything-else' }, { policy: 'pricing' }],
    });
    expect(itemOf(told.state, 'segment:unused').revision).toBe(1);
  });

  it('is not given for more than was seen: whoever approves is shown it first', () => {
    const opened2 = accept(
      state,
      ask([put('segment', 'staff', 1, segment({ included: ['s-3'] }))]),
      people.everybody,
    ).state;
    const request = onlyRequest(opened2);
    // Meanwhile a billing flag begins to use the segment.
    const using = rampFlag(5, {
      salt: 'billing-pay',
      rules: [{ id: 'r', when: [{ segment: 'staff' }], serve: 'on' }],
    });
    const rival = accept(
      opened2,
      ask([put('flag', 'billing.pay', 1, using)], { ticket: 'CHG1' }),
      people.billing,
    ).state;
    const rivalId = idsOf(rival).find((one) => one !== request.id) as string;
    const approveRival: Command = { type: 'approve', request: rivalId, hash: hashOf(rival, rivalId) };
    const used = accept(rival, approveRival, people.otherBilling).state;
    const told = accept(used, { type: 'approve', request: request.id, hash: request.hash }, people.otherPricing);
    expect(told.events).toMatchObject([{ type: 'approvals-voided', why: { code: 'requirements-changed' } }]);
    expect(onlyRequest(told.state).requirements.map(({ policy }) => policy)).toEqual([
      'billing',
      'everything-else',
      'pricing',
    ]);
  });

  it('is void once what the change refers to is another, whoever may change that alone', () => {
    const rules = [{ id: 'r', when: [{ segment: 'unused' }], serve: 'on' as const }];
    const using = put('flag', 'pricing.net', 1, rampFlag(5, { salt: 'pricing-net', rules }));
    const byHand = accept(state, ask([using], { apply: 'by-hand' }), people.pricing).state;
    const approved = accept(byHand, approve(byHand), people.otherPricing).state;
    const { id, hash } = onlyRequest(approved);
    const more = ask([put('segment', 'unused', 1, segment({ included: ['attacker'] }))]);
    const drifted = accept(approved, more, people.editor).state;
    const told = accept(drifted, { type: 'apply', request: id, hash }, people.pricing);
    expect(told.events).toMatchObject([{ type: 'approvals-voided', why: { code: 'effects-changed' } }]);
    expect(onlyRequest(told.state)).toMatchObject({ status: 'open', approvals: [] });
    // Looked at again, as it is now, it goes.
    const again = accept(told.state, approve(told.state), people.otherPricing).state;
    expect(typesOf(accept(again, { type: 'apply', request: id, hash }, people.pricing).events)).toContain(
      'request-applied',
    );
  });

  it('is void once a flag of the same policy begins to use what is changed', () => {
    const fare = put('flag', 'pricing.fare2', 0, {
      ...rampFlag(5, { salt: 'pricing-fare2', rules: [{ id: 'r', when: [{ segment: 'unused' }], serve: 'on' }] }),
    });
    const asked = accept(state, ask([fare]), people.pricing).state;
    const first = accept(asked, approve(asked), people.otherPricing).state;
    const edit = ask([put('segment', 'unused', 1, segment({ included: ['u-3'] }))], { apply: 'by-hand' });
    const opened2 = accept(first, edit, people.everybody).state;
    const approved = accept(opened2, approve(opened2), people.otherPricing).state;
    const { id, hash, status } = onlyRequest(approved);
    expect(status).toBe('approved');
    const rules = [{ id: 'r', when: [{ segment: 'unused' }], serve: 'on' as const }];
    const rival = accept(
      approved,
      ask([put('flag', 'pricing.net', 1, rampFlag(5, { salt: 'pricing-net', rules }))]),
      people.pricing,
    ).state;
    const rivalId = idsOf(rival).find((one) => one !== id) as string;
    const approveRival: Command = { type: 'approve', request: rivalId, hash: hashOf(rival, rivalId) };
    const used = accept(rival, approveRival, people.otherPricing).state;
    const told = accept(used, { type: 'apply', request: id, hash }, people.everybody);
    expect(told.events).toMatchObject([{ type: 'approvals-voided', why: { code: 'effects-changed' } }]);
    expect(onlyRequest(told.state).effects).toMatchObject([
      { flags: { 'pricing.fare2': 'content', 'pricing.net': 'content' } },
    ]);
  });

  it('is void once it turns out to be of the same person, or of another change', () => {
    const byHand = accept(state, ask([net(6)], { apply: 'by-hand' }), people.pricing).state;
    const approved = accept(byHand, approve(byHand), people.otherPricing).state;
    const request = onlyRequest(approved);
    const linked = facts({ linked: new Map([['piet', 'paula']]) });
    const told = accept(approved, { type: 'apply', request: request.id, hash: request.hash }, people.pricing, linked);
    expect(typesOf(told.events)).toEqual(['approvals-voided']);
    const forged = { ...request, approvals: request.approvals.map((one) => ({ ...one, hash: 'another' })) };
    expect(missingApprovals(approved, request, facts())).toEqual([]);
    expect(missingApprovals(approved, forged, facts())).toMatchObject([{ missing: 1 }]);
  });

  it('is void once the approver has left, when it comes to applying', () => {
    const byHand = accept(state, ask([net(6)], { apply: 'by-hand' }), people.pricing).state;
    const approved = accept(byHand, approve(byHand), people.otherPricing).state;
    const { id, hash } = onlyRequest(approved);
    const principals = new Map([...facts().principals].filter(([one]) => one !== people.otherPricing.id));
    const told = accept(approved, { type: 'apply', request: id, hash }, people.pricing, facts({ principals }));
    expect(typesOf(told.events)).toEqual(['approvals-voided']);
    expect(onlyRequest(told.state)).toMatchObject({
      status: 'open',
      approvals: [],
      held: { code: 'approvals-missing' },
    });
  });

  it('is void once the author has left, or may not make the change any more', () => {
    const byHand = accept(state, ask([net(6)], { apply: 'by-hand' }), people.pricing).state;
    const approved = accept(byHand, approve(byHand), people.otherPricing).state;
    const { id, hash } = onlyRequest(approved);
    const gone = new Map([...facts().principals].filter(([one]) => one !== people.pricing.id));
    const demoted = new Map([...facts().principals, [people.pricing.id, { ...people.pricing, roles: ['editor'] }]]);
    for (const [principals, code] of [
      [gone, 'editor-gone'],
      [demoted, 'not-allowed'],
    ] as const) {
      const told = accept(approved, { type: 'apply', request: id, hash }, people.otherPricing, facts({ principals }));
      expect(told.events).toMatchObject([{ type: 'request-voided', why: { code } }]);
    }
  });
});

describe('an amendment', () => {
  it('is made by whoever could have made the change that was there, and could make the one that is', () => {
    const waiting = opened();
    const { id, hash } = onlyRequest(waiting);
    const toUi = changeOf([put('flag', 'ui.banner', 1, rampFlag(11, { salt: 'ui-banner' }))]);
    expect(refusalOf(waiting, { type: 'amend', request: id, hash, change: toUi }, people.uiOnly).code).toBe(
      'not-allowed',
    );
    expect(refusalOf(waiting, { type: 'amend', request: id, hash, change: toUi }, people.pricing).code).toBe(
      'not-allowed',
    );
    const later = { ...toUi, apply: 'by-hand' as const };
    expect(refusalOf(waiting, { type: 'amend', request: id, hash, change: later }, people.uiOnly).code).toBe(
      'not-allowed',
    );
    const same = { type: 'amend', request: id, hash, change: changeOf([net(6)]) } as const;
    expect(refusalOf(waiting, same, people.pricing).code).toBe('nothing-changes');
  });
});

const idsOf = (from: State): string[] => requestsOf(from).map(({ id }) => id);
const hashOf = (from: State, id: string): string => requestsOf(from).find((one) => one.id === id)?.hash as string;
