import { describe, expect, it } from 'vitest';
import { get, sortedEntries } from '#control/persistent-map';
import { principalNow } from '#control/persons';
import type { State } from '#control/state';
import type { Command } from '#schema/control-command';
import type { Operation } from '#schema/control-operation';
import { accept, ask, facts, NOW, onlyRequest, op, organisation, refusalOf, typesOf } from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';

const state = organisation();
const digestOf = (text: string): string => text.padEnd(43, 'x');

const createKey = (key: string, sha256: string, fields: object = {}): Operation =>
  op({
    ...{ op: 'create', kind: 'sdk-key', key, base: 0 },
    body: { kind: 'server', service: 'shop', environment: 'production', namespaces: ['*'], sha256, ...fields },
  });

const createToken = (key: string, sha256: string, fields: object = {}): Operation =>
  op({
    ...{ op: 'create', kind: 'service-token', key, base: 0 },
    body: { owner: 'erin', roles: ['editor'], scopes: people.everywhere, sha256, ...fields },
  });

function byAdmins(from: State, operation: Operation): State {
  const waiting = accept(from, ask([operation]), people.admin).state;
  const { id, hash } = onlyRequest(waiting);
  const approve: Command = { type: 'approve', request: id, hash };
  return accept(waiting, approve, people.otherAdmin).state;
}

describe('an SDK key', () => {
  const made = accept(state, ask([createKey('shop', digestOf('first'))]), people.admin).state;

  it('is known by the digest of its secret, for an environment that there is', () => {
    expect(get(made.sdkKeys, 'shop')).toMatchObject({
      revision: 1,
      secrets: [{ sha256: digestOf('first') }],
      body: { kind: 'server', service: 'shop' },
    });
    expect(
      refusalOf(state, ask([createKey('shop', digestOf('a'), { environment: 'theirs' })]), people.admin),
    ).toMatchObject({ code: 'not-found', what: 'environment' });
    expect(refusalOf(made, ask([createKey('other', digestOf('first'))]), people.admin)).toEqual({
      code: 'secret-taken',
      by: 'sdk-key shop',
    });
  });

  it('is rotated with an overlap, counted from when the rotation is applied', () => {
    const rotate = op({
      op: 'rotate',
      kind: 'sdk-key',
      key: 'shop',
      base: 1,
      sha256: digestOf('second'),
      overlapMs: 60_000,
    });
    const rotated = accept(made, ask([rotate]), people.admin).state;
    expect(get(rotated.sdkKeys, 'shop')?.secrets).toEqual([
      { sha256: digestOf('second') },
      { sha256: digestOf('first'), expiresAt: NOW + 60_000 },
    ]);
    const again = op({ op: 'rotate', kind: 'sdk-key', key: 'shop', base: 2, sha256: digestOf('third'), overlapMs: 0 });
    const late = accept(rotated, ask([again]), people.admin, facts({ now: NOW + 1 })).state;
    expect(get(late.sdkKeys, 'shop')?.secrets).toEqual([{ sha256: digestOf('third') }]);
  });

  it('has two secrets at most: while an overlap runs it is rotated without another one, which ends both, or later', () => {
    const rotate = (base: number, sha256: string, overlapMs: number) =>
      ask([op({ op: 'rotate', kind: 'sdk-key', key: 'shop', base, sha256: digestOf(sha256), overlapMs })]);
    const second = accept(made, rotate(1, 'second', 60_000), people.admin).state;
    const at = (now: number) => facts({ now });
    const until = NOW + 60_000;
    for (const overlapMs of [1, 60_000]) {
      expect(refusalOf(second, rotate(2, 'third', overlapMs), people.admin, at(until - 1))).toEqual({
        ...{ code: 'overlap-runs', kind: 'sdk-key', key: 'shop', until },
      });
    }
    const secretsOf = ({ sdkKeys }: State) => get(sdkKeys, 'shop')?.secrets;
    const atOnce = accept(second, rotate(2, 'third', 0), people.admin, at(until - 1)).state;
    expect(secretsOf(atOnce)).toEqual([{ sha256: digestOf('third') }]);
    const later = accept(second, rotate(2, 'third', 60_000), people.admin, at(until)).state;
    expect(secretsOf(later)).toEqual([
      { sha256: digestOf('third') },
      { sha256: digestOf('second'), expiresAt: until + 60_000 },
    ]);
  });

  it('B54: whose newest secret was lost gets another in its place, and the one before goes on until it was to', () => {
    const rotate = (base: number, sha256: string, more: object) =>
      ask([op({ op: 'rotate', kind: 'sdk-key', key: 'shop', base, sha256: digestOf(sha256), ...more })]);
    const second = accept(made, rotate(1, 'second', { overlapMs: 60_000 }), people.admin).state;
    const late = facts({ now: NOW + 30_000 });
    const third = accept(second, rotate(2, 'third', { overlapMs: 90_000, lost: true }), people.admin, late).state;
    expect(get(third.sdkKeys, 'shop')?.secrets).toEqual([
      { sha256: digestOf('third') },
      { sha256: digestOf('first'), expiresAt: NOW + 60_000 },
    ]);
    const only = accept(made, rotate(1, 'second', { overlapMs: 60_000, lost: true }), people.admin).state;
    // The one that there is may be in use: the rotation before may never have been applied.
    expect(get(only.sdkKeys, 'shop')?.secrets).toEqual([
      { sha256: digestOf('second') },
      { sha256: digestOf('first'), expiresAt: NOW + 60_000 },
    ]);
  });

  it('B51: is rotated to other namespaces, and whoever has the old secret sees what it saw', () => {
    const rotate = (base: number, sha256: string, more: object) =>
      ask([op({ op: 'rotate', kind: 'sdk-key', key: 'shop', base, sha256: digestOf(sha256), ...more })]);
    const narrowed = accept(
      made,
      rotate(1, 'second', { overlapMs: 60_000, namespaces: ['search'] }),
      people.admin,
    ).state;
    expect(get(narrowed.sdkKeys, 'shop')).toMatchObject({
      body: { namespaces: ['search'], service: 'shop' },
      secrets: [
        { sha256: digestOf('second') },
        { sha256: digestOf('first'), expiresAt: NOW + 60_000, namespaces: ['*'] },
      ],
    });
    const late = facts({ now: NOW + 60_000 });
    const again = accept(narrowed, rotate(2, 'third', { overlapMs: 60_000 }), people.admin, late).state;
    expect(get(again.sdkKeys, 'shop')).toMatchObject({
      body: { namespaces: ['search'] },
      secrets: [{ sha256: digestOf('third') }, { sha256: digestOf('second'), expiresAt: NOW + 120_000 }],
    });
    expect(refusalOf(made, rotate(1, 'x', { overlapMs: 0, namespaces: ['search'] }), people.editor).code).toBe(
      'not-allowed',
    );
  });

  it.each([
    ['of another kind', { kind: 'relay' }],
    ['in another environment', { environment: 'staging' }],
    ['of another service', { service: 'app' }],
  ])('is the only one of its service, where another is not %s', (_, fields) => {
    expect(refusalOf(made, ask([createKey('spare', digestOf('b'), { service: 'Shop' })]), people.admin)).toEqual({
      ...{ code: 'service-has-key', service: 'shop', keyKind: 'server', environment: 'production', key: 'shop' },
    });
    expect(typesOf(accept(made, ask([createKey('spare', digestOf('b'), fields)]), people.admin).events)).toContain(
      'sdk-key-put',
    );
  });

  it('makes room for another once it is revoked, in the same change too, or where it ends by itself', () => {
    const another = createKey('shop-2', digestOf('b'));
    const revoke = op({ op: 'revoke', kind: 'sdk-key', key: 'shop', base: 1 });
    const { state: next } = accept(made, ask([revoke, another]), people.admin);
    expect(sortedEntries(next.sdkKeys).map(([key]) => key)).toEqual(['shop-2']);
    expect(refusalOf(state, ask([createKey('shop', digestOf('a')), another]), people.admin).code).toBe(
      'service-has-key',
    );
    const guest = createKey('guest', digestOf('g'), { expiresAt: NOW + 1_000 });
    const withGuest = accept(state, ask([guest]), people.admin).state;
    const both = accept(withGuest, ask([another]), people.admin, facts({ now: NOW + 999 })).state;
    expect(sortedEntries(both.sdkKeys).map(([key]) => key)).toEqual(['guest', 'shop-2']);
    const later = accept(withGuest, ask([another]), people.admin, facts({ now: NOW + 1_000 })).state;
    expect(get(later.sdkKeys, 'shop-2')).toBeDefined();
    const rotate = op({
      ...{ op: 'rotate', kind: 'sdk-key', key: 'guest', base: 1, sha256: digestOf('h'), overlapMs: 0 },
    });
    expect(refusalOf(later, ask([rotate]), people.admin, facts({ now: NOW + 1_000 }))).toEqual({
      ...{ code: 'ended', kind: 'sdk-key', key: 'guest', at: NOW + 1_000 },
    });
  });

  it('does not end before it begins', () => {
    for (const at of [NOW - 86_400_000, NOW]) {
      expect(refusalOf(state, ask([createKey('shop', digestOf('a'), { expiresAt: at })]), people.admin)).toEqual({
        ...{ code: 'over-already', kind: 'sdk-key', key: 'shop', at },
      });
      expect(refusalOf(state, ask([createToken('ci', digestOf('a'), { expiresAt: at })]), people.admin)).toEqual({
        ...{ code: 'over-already', kind: 'service-token', key: 'ci', at },
      });
    }
  });

  it('is revoked at once and for good', () => {
    const revoke = op({ op: 'revoke', kind: 'sdk-key', key: 'shop', base: 1 });
    const revoked = accept(made, ask([revoke]), people.admin);
    expect(typesOf(revoked.events)).toEqual(['sdk-key-revoked', 'request-applied']);
    expect(get(revoked.state.sdkKeys, 'shop')).toBeUndefined();
    expect(refusalOf(revoked.state, ask([createKey('shop', digestOf('b'))]), people.admin).code).toBe('used-before');
    expect(refusalOf(revoked.state, ask([revoke]), people.admin).code).toBe('stale');
  });

  it('keeps its environment from being deleted', () => {
    const staging = accept(
      state,
      ask([createKey('shop', digestOf('s'), { environment: 'staging' })]),
      people.admin,
    ).state;
    const gone = op({ op: 'delete', kind: 'environment', key: 'staging', base: 1 });
    expect(refusalOf(staging, ask([gone]), people.admin)).toMatchObject({ code: 'in-use', by: ['sdk-key shop'] });
    const without = byAdmins(state, gone);
    expect(get(without.environments, 'staging')).toBeUndefined();
    const again = op({ op: 'put', kind: 'environment', key: 'staging', base: 0, body: { name: 'Again' } });
    expect(refusalOf(without, ask([again]), people.admin).code).toBe('used-before');
  });
});

describe('a service token', () => {
  const made = byAdmins(state, createToken('ci', digestOf('first'), { expiresAt: NOW + 1_000 }));

  it('is made by one admin and approved by another, and is a principal from then on, until it ends', () => {
    expect(principalNow(state, 'token:ci', facts())).toBeUndefined();
    expect(principalNow(made, 'token:ci', facts())).toEqual({
      ...{ id: 'token:ci', person: 'token:ci', kind: 'service', roles: ['editor'] },
      ...{ scopes: people.everywhere, owner: 'erin', holders: ['ada'] },
    });
    expect(principalNow(made, 'token:ci', facts({ now: NOW + 1_000 }))).toBeUndefined();
  });

  it('is revoked by one admin alone, and is nobody from then on', () => {
    const revoke = op({ op: 'revoke', kind: 'service-token', key: 'ci', base: 1 });
    const revoked = accept(made, ask([revoke]), people.admin).state;
    expect(principalNow(revoked, 'token:ci', facts())).toBeUndefined();
    expect(refusalOf(made, ask([revoke]), people.editor).code).toBe('not-allowed');
  });

  it('remembers whoever rotated it, who know a secret of it too, and ends when it was to', () => {
    const rotate = op({
      op: 'rotate',
      kind: 'service-token',
      key: 'ci',
      base: 1,
      sha256: digestOf('second'),
      overlapMs: 500,
    });
    const waiting = accept(made, ask([rotate]), people.everybody).state;
    const { id, hash } = onlyRequest(waiting);
    const rotated = accept(waiting, { type: 'approve', request: id, hash }, people.admin).state;
    expect(principalNow(rotated, 'token:ci', facts())?.holders).toEqual(['ada', 'olga']);
    expect(get(rotated.serviceTokens, 'ci')?.secrets).toEqual([
      { sha256: digestOf('second'), expiresAt: NOW + 1_000 },
      { sha256: digestOf('first'), expiresAt: NOW + 500 },
    ]);
  });
});

describe('policies', () => {
  const body = {
    namespaces: ['pricing'],
    environments: ['*'],
    edit: ['editor'],
    approvals: { count: 0, roles: [] },
    ticket: false,
  };
  const policy = (key: string, base: number, fields: object = {}): Operation =>
    op({ op: 'put', kind: 'policy', key, base, body: { ...body, ...fields } });

  it('of the same namespace and environment are refused, in whatever case they are written', () => {
    expect(refusalOf(state, ask([policy('mine', 0)]), people.admin)).toMatchObject({
      code: 'policies-overlap',
      other: 'pricing',
      namespace: 'pricing',
    });
    expect(refusalOf(state, ask([policy('mine', 0, { namespaces: ['PRICING'] })]), people.admin).code).toBe(
      'policies-overlap',
    );
  });

  it('that name an environment go before those that are for all', () => {
    const loose = byAdmins(state, policy('staging-pricing', 0, { environments: ['staging'] }));
    const put = op({
      op: 'put',
      kind: 'flag',
      environment: 'staging',
      key: 'pricing.x',
      base: 0,
      body: { description: 'X.', type: 'boolean', salt: 'x', enabled: true, fallthrough: { serve: 'on' } },
    });
    expect(typesOf(accept(loose, ask([put]), people.editor).events)).toContain('request-applied');
    expect(refusalOf(loose, ask([op({ ...put, environment: 'production' })]), people.editor).code).toBe('not-allowed');
  });

  it('that are gone leave nobody who may change anything', () => {
    const gone = byAdmins(state, op({ op: 'delete', kind: 'policy', key: 'everything-else', base: 1 }));
    const put = op({
      op: 'put',
      kind: 'flag',
      environment: 'staging',
      key: 'search.x',
      base: 0,
      body: { description: 'X.', type: 'boolean', salt: 'x', enabled: true, fallthrough: { serve: 'on' } },
    });
    for (const who of [people.editor, people.everybody, people.admin]) {
      expect(refusalOf(gone, ask([put]), who)).toEqual({
        code: 'no-policy',
        environment: 'staging',
        namespace: 'search',
      });
    }
  });
});
