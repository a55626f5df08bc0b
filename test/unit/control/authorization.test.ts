/** B43: whoever has only `ui.*` changes nothing of `pricing.*`, by whatever operation and through whatever it uses. */
import { describe, expect, it } from 'vitest';
import type { Operation } from '#schema/control-operation';
import type { Principal } from '#schema/control-principal';
import { booleanFlag, rampFlag, segment } from '../fixtures/authored.ts';
import {
  accept,
  archive,
  ask,
  attempt,
  onlyRequest,
  op,
  organisation,
  put,
  remove,
  restore,
  typesOf,
} from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';

const state = organisation();

type Verdict = 'applied' | 'waits' | 'refused';

function verdictOn(operations: readonly Operation[], who: Principal, fields: object = { ticket: 'CHG1' }): Verdict {
  const outcome = attempt(state, ask(operations, fields), who);
  if (!outcome.ok) {
    expect(['not-allowed', 'out-of-scope'], JSON.stringify(outcome.error)).toContain(outcome.error.code);
    return 'refused';
  }
  return typesOf(outcome.value.events).includes('request-applied') ? 'applied' : 'waits';
}

/** Each operation on a flag, for a namespace that has all that it takes. */
const onFlags = (ns: string, live: string): Readonly<Record<string, Operation[]>> => ({
  create: [put('flag', `${ns}.new`, 0, rampFlag(1, { salt: `${ns}-new` }))],
  'a copy under another name': [put('flag', `${ns}.copy`, 0, rampFlag(5, { salt: `${ns}-copy` }))],
  'create in another spelling': [put('flag', `${ns.toUpperCase()}.new`, 0, rampFlag(1, { salt: `${ns}-new` }))],
  'create a flag that is named like the namespace': [put('flag', ns, 0, rampFlag(1, { salt: `${ns}-new` }))],
  change: [put('flag', live, 1, rampFlag(7, { salt: live.replace('.', '-') }))],
  switch: [put('flag', live, 1, rampFlag(5, { salt: live.replace('.', '-'), enabled: false }))],
  tag: [put('flag', live, 1, rampFlag(5, { salt: live.replace('.', '-') }), { people: { tags: ['x'] } })],
  archive: [archive('flag', live, 1)],
});

const onArchived = (ns: string): Readonly<Record<string, Operation[]>> => ({
  restore: [restore('flag', `${ns}.old`, 2)],
  'restore with another body': [restore('flag', `${ns}.old`, 2, { body: rampFlag(9, { salt: `${ns}-old` }) })],
  delete: [remove('flag', `${ns}.old`, 2)],
});

const ROLES: readonly [Principal, Readonly<Record<string, Verdict>>][] = [
  [people.uiOnly, { ui: 'applied' }],
  [people.editor, { search: 'applied' }],
  [people.pricing, { pricing: 'waits' }],
  [people.billing, { billing: 'waits' }],
  [people.auth, { auth: 'waits' }],
  [people.manager, {}],
  [people.admin, {}],
];

const LIVE = {
  ui: 'ui.banner',
  search: 'search.rank',
  pricing: 'pricing.net',
  billing: 'billing.pay',
  auth: 'auth.mfa',
};

describe.each(Object.entries(LIVE))('flags of %s', (ns, live) => {
  const operations = { ...onFlags(ns, live), ...(['ui', 'pricing'].includes(ns) ? onArchived(ns) : {}) };
  describe.each(Object.entries(operations))('%s', (_name, list) => {
    it.each(ROLES.map(([who, may]) => [who.person, who, may[ns] ?? 'refused'] as const))(
      'by %s',
      (_person, who, verdict) => {
        expect(verdictOn(list, who)).toBe(verdict);
      },
    );
  });
});

describe('what a pricing flag uses', () => {
  const through: Readonly<Record<string, Operation[]>> = {
    'a segment': [put('segment', 'staff', 1, segment({ included: ['s-1', 's-2'] }))],
    'a holdout': [put('holdout', 'q4', 1, { description: 'A holdout.', salt: 'holdout-q4', percent: 50 })],
    'a layer': [
      put('layer', 'experiments', 1, {
        description: 'A layer.',
        salt: 'layer-1',
        slices: { 'pricing.fare': 1, 'ui.theme': 20 },
      }),
    ],
    'a layer that takes it in': [
      put('layer', 'mine', 0, { description: 'A layer.', salt: 'layer-2', slices: { 'pricing.net': 1 } }),
    ],
    'a prerequisite': [put('flag', 'ui.gate', 1, booleanFlag({ salt: 'ui-gate', enabled: false }))],
    'a segment within a segment': [
      put('segment', 'staff', 1, segment({ included: ['s-1'], rules: [{ when: [{ segment: 'mine' }] }] })),
    ],
  };
  describe.each(Object.entries(through))('%s', (_name, operations) => {
    it('is not changed by who may only change ui.*, not even among their own', () => {
      expect(verdictOn(operations, people.uiOnly)).toBe('refused');
      const mixed = [...operations, put('flag', 'ui.banner', 1, rampFlag(11, { salt: 'ui-banner' }))];
      expect(verdictOn(mixed, people.uiOnly)).toBe('refused');
    });

    it('is changed by who may change all that it affects, once somebody else approved', () => {
      expect(verdictOn(operations, people.editor)).toBe('refused');
      expect(verdictOn(operations, people.everybody)).toBe('waits');
    });
  });

  it('is their own as long as no pricing flag uses it', () => {
    const mine = [put('flag', 'ui.theme', 1, rampFlag(60, { salt: 'ui-theme' }))];
    expect(verdictOn(mine, people.uiOnly)).toBe('applied');
    const unused = [put('segment', 'unused', 1, segment({ included: ['u-2'] }))];
    expect(verdictOn(unused, people.editor)).toBe('applied');
    // A segment's own name is of no namespace of theirs.
    expect(verdictOn(unused, people.uiOnly)).toBe('refused');
  });
});

describe('a whole set at once', () => {
  it('is refused for one flag of it that the author may not change', () => {
    const set = ['a', 'b', 'c'].map((name) => put('flag', `ui.${name}`, 0, rampFlag(1, { salt: `ui-${name}` })));
    expect(verdictOn(set, people.uiOnly)).toBe('applied');
    const side = put('flag', 'pricing.fare', 1, rampFlag(6, { salt: 'pricing-fare', holdout: 'q4' }));
    expect(verdictOn([...set, side], people.uiOnly)).toBe('refused');
  });
});

describe('what is of the whole organisation', () => {
  const body = {
    namespaces: ['*'],
    environments: ['staging'],
    edit: ['ui-dev'],
    approvals: { count: 0, roles: [] },
    ticket: false,
  };
  const sha256 = 'x'.repeat(43);
  const scopes = { environments: ['*'], namespaces: ['*'], actions: ['*'] };
  const sdkKey = { kind: 'server', service: 'shop', environment: 'production', namespaces: ['*'], sha256 };
  const serviceToken = { owner: 'uma', roles: ['pricing-on-call'], scopes, sha256 };
  const cases: readonly [string, object, Readonly<Record<string, Verdict>>][] = [
    ['a policy', { op: 'put', kind: 'policy', key: 'loose', base: 0, body }, { ada: 'waits' }],
    ['a policy that goes', { op: 'delete', kind: 'policy', key: 'pricing', base: 1 }, { ada: 'waits' }],
    [
      'an environment',
      { op: 'put', kind: 'environment', key: 'more', base: 0, body: { name: 'More' } },
      { ada: 'waits' },
    ],
    ['an environment that goes', { op: 'delete', kind: 'environment', key: 'staging', base: 1 }, { ada: 'waits' }],
    [
      'a project',
      { op: 'put', kind: 'project', key: 'more', base: 0, body: { name: 'More' } },
      { ada: 'applied', erin: 'applied' },
    ],
    ['an SDK key', { op: 'create', kind: 'sdk-key', key: 'shop', base: 0, body: sdkKey }, { ada: 'applied' }],
    [
      'a service token',
      { op: 'create', kind: 'service-token', key: 'ci', base: 0, body: serviceToken },
      { ada: 'waits' },
    ],
  ];
  const who = [people.admin, people.editor, people.pricing, people.manager, people.uiOnly];
  describe.each(cases)('%s', (_name, input, verdicts) => {
    it.each(who.map((one) => [one.person, one] as const))('by %s', (person, principal) => {
      expect(verdictOn([op(input)], principal)).toBe(verdicts[person] ?? 'refused');
    });
  });

  it('takes another admin, and loosens nothing for the change that it is part of', () => {
    const loose = op({
      op: 'put',
      kind: 'policy',
      key: 'pricing',
      base: 1,
      body: { ...body, namespaces: ['pricing'], environments: ['*'] },
    });
    const mixed = [loose, put('flag', 'pricing.fare', 1, rampFlag(100, { salt: 'pricing-fare', holdout: 'q4' }))];
    expect(verdictOn(mixed, people.admin)).toBe('refused');
    expect(verdictOn(mixed, people.uiOnly)).toBe('refused');
    const opened = accept(state, ask([loose]), people.admin).state;
    const { id, hash } = onlyRequest(opened);
    const approve = { type: 'approve', request: id, hash } as const;
    expect(attempt(opened, approve, people.admin)).toMatchObject({ ok: false, error: { code: 'own-change' } });
    expect(attempt(opened, approve, people.pricing)).toMatchObject({ ok: false, error: { code: 'no-approver' } });
    const approved = accept(opened, approve, people.otherAdmin);
    expect(typesOf(approved.events)).toEqual(['request-approved', 'policy-put', 'request-applied']);
  });
});

describe('scopes', () => {
  const change = [put('flag', 'search.rank', 1, rampFlag(9, { salt: 'search-rank' }))];
  const scoped = (fields: object): Principal => ({
    ...people.editor,
    scopes: { environments: ['*'], namespaces: ['*'], actions: ['*'], ...fields },
  });

  it.each([
    ['another environment', { environments: ['staging'] }],
    ['another namespace', { namespaces: ['ui', 'pricing'] }],
    ['another action', { actions: ['read', 'approve', 'administer'] }],
  ])('keep a principal to %s', (_name, fields) => {
    expect(verdictOn(change, scoped(fields))).toBe('refused');
  });

  it('let it do what they hold', () => {
    expect(verdictOn(change, scoped({ environments: ['production'], namespaces: ['search'], actions: ['edit'] }))).toBe(
      'applied',
    );
  });

  it('do not reach what is affected beyond them', () => {
    const narrow = {
      ...people.everybody,
      scopes: { environments: ['*'], namespaces: ['staff', 'ui'], actions: ['*' as const] },
    };
    expect(verdictOn([put('segment', 'staff', 1, segment({ included: ['s-9'] }))], narrow)).toBe('refused');
  });
});
