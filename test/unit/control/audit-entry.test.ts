import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealEntry } from '#control/audit/entry';
import { auditEntryOf } from '#control/audit-entry';
import { decide } from '#control/decide';
import { rfc3339 } from '#control/rfc3339';
import type { State } from '#control/state';
import { auditEntry } from '#schema/audit';
import type { Command } from '#schema/control-command';
import type { Actor } from '#schema/control-principal';
import { rampFlag, segment } from '../fixtures/authored.ts';
import {
  accept,
  archive,
  ask,
  changeOf,
  facts,
  NOW,
  onlyRequest,
  op,
  organisation,
  put,
  refusalOf,
  remove,
} from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';

const state = organisation();

function entryOf(before: State, command: Command, actor: Actor) {
  const decided = decide(before, command, actor, facts());
  if (!decided.ok) throw new Error(JSON.stringify(decided.error));
  const entry = auditEntryOf({ before, command, actor, via: 'api', events: decided.value });
  expect(auditEntry.parse(entry)).toEqual(JSON.parse(JSON.stringify(entry)));
  expect(sealEntry(entry, { seq: 0, previous: 'A'.repeat(43), time: rfc3339(NOW) }).ok).toBe(true);
  return entry;
}

describe('the entry of a command', () => {
  it('says who did what to what, why, what it was and is, and what is published', () => {
    const rank = put('flag', 'search.rank', 1, rampFlag(9, { salt: 'search-rank' }));
    const entry = entryOf(state, ask([rank]), people.editor);
    expect(entry).toMatchObject({
      ...{
        action: 'change.submit+applied',
        justification: 'Because.',
        approvals: [],
        publishes: [{ environment: 'production' }],
      },
      actor: { id: 'sso:erin', person: 'erin', kind: 'person', roles: ['editor'], via: 'api' },
      target: [{ kind: 'flag', environment: 'production', key: 'search.rank' }],
      old: { fallthrough: { split: { weights: { on: 5 } } }, people: { tags: [] } },
      new: { fallthrough: { split: { weights: { on: 9 } } } },
    });
    expect(entry.request).toMatch(/^id-/);
  });

  it('names the author’s reason and ticket, and everybody by whom it was approved', () => {
    const pay = put('flag', 'billing.pay', 1, rampFlag(9, { salt: 'billing-pay' }));
    const opened = ask([pay], { ticket: 'CHG1' });
    expect(entryOf(state, opened, people.billing)).toMatchObject({
      action: 'change.submit',
      target: [{ kind: 'change-request' }, { kind: 'flag', environment: 'production', key: 'billing.pay' }],
    });
    const waiting = accept(state, opened, people.billing).state;
    const { id, hash } = onlyRequest(waiting);
    expect(entryOf(waiting, { type: 'approve', request: id, hash }, people.otherBilling)).toMatchObject({
      ...{ action: 'change.approve+applied', ticket: 'CHG1', request: id, justification: 'Because.' },
      approvals: [{ id: 'sso:bo', person: 'bo', roles: ['billing-on-call'], time: rfc3339(NOW) }],
    });
    expect(entryOf(waiting, { type: 'decline', request: id, reason: 'Not today.' }, people.otherBilling)).toMatchObject(
      {
        ...{ action: 'change.decline', justification: 'Not today.', target: [{ kind: 'change-request', key: id }] },
      },
    );
  });

  it('has several targets with their values in the same order, and no digests of secrets among them', () => {
    const operations = [put('segment', 'unused', 1, segment({ included: ['u-2'] })), archive('flag', 'search.rank', 1)];
    const entry = entryOf(state, ask(operations), people.everybody);
    expect(entry.target.map(({ key }) => key)).toEqual(['unused', 'search.rank']);
    expect([entry.old, entry.new]).toMatchObject([
      [{ included: ['u-1'] }, { type: 'boolean' }],
      [{ included: ['u-2'] }, null],
    ]);
    const body = {
      kind: 'server',
      service: 'shop',
      environment: 'production',
      namespaces: ['*'],
      sha256: 'x'.repeat(43),
    };
    const key = entryOf(state, ask([op({ op: 'create', kind: 'sdk-key', key: 'shop', base: 0, body })]), people.admin);
    expect(key).toMatchObject({ target: [{ kind: 'sdk-key', key: 'shop' }], old: null, new: { service: 'shop' } });
    expect(JSON.stringify(key.new)).not.toContain('x'.repeat(43));
  });

  it('says what is proposed, and what was before an amendment; of what is done at once, what is done', () => {
    const pay = (percent: number) => put('flag', 'billing.pay', 1, rampFlag(percent, { salt: 'billing-pay' }));
    const shown = (percent: number) => ({ op: 'put', body: { fallthrough: { split: { weights: { on: percent } } } } });
    const order = ask([pay(9)], { ticket: 'CHG1' });
    const opening = entryOf(state, order, people.billing);
    const proposed = { apply: 'when-approved', operations: [shown(9)] };
    expect(opening).toMatchObject({ old: null, new: proposed });
    expect(opening.target[0]).toEqual({ kind: 'change-request', key: opening.request });
    const waiting = accept(state, order, people.billing).state;
    const { id, hash } = onlyRequest(waiting);
    const at = { at: NOW + 60_000 };
    const change = changeOf([pay(7)], { ticket: 'CHG1', apply: at });
    expect(entryOf(waiting, { type: 'amend', request: id, hash, change }, people.billing)).toMatchObject({
      target: [
        { kind: 'change-request', key: id },
        { kind: 'flag', key: 'billing.pay' },
      ],
      old: proposed,
      new: { apply: at, operations: [shown(7)] },
    });
    const byHand = accept(state, ask([archive('flag', 'search.rank', 1)], { apply: 'by-hand' }), people.editor).state;
    const other = onlyRequest(byHand);
    const atOnce = changeOf([archive('flag', 'search.rank', 1)]);
    const amend: Command = { type: 'amend', request: other.id, hash: other.hash, change: atOnce };
    expect(entryOf(byHand, amend, people.editor)).toMatchObject({
      ...{ action: 'change.amend+applied', target: [{ kind: 'flag', key: 'search.rank' }], request: other.id },
      ...{ old: { type: 'boolean' }, new: null },
    });
  });

  it('names 1,000 targets of a proposal at most, its request first', () => {
    const operations = Array.from({ length: 1_001 }, (_, at) =>
      put('segment', `s-${at}`, 0, segment({ included: ['u-1'] })),
    );
    const { target } = entryOf(state, ask(operations, { apply: 'by-hand' }), people.everybody);
    expect(target).toHaveLength(1_000);
    expect(target[0]?.kind).toBe('change-request');
  });

  it('says what was deleted from the archive', () => {
    expect(entryOf(state, ask([remove('flag', 'ui.old', 2)]), people.everybody)).toMatchObject({
      target: [{ kind: 'flag', environment: 'production', key: 'ui.old' }],
      old: { salt: 'ui-old', people: { tags: [] }, archived: true },
      new: null,
    });
  });

  it('says of a rotation until when the old secret is valid; of proposed secrets, all but their digests', () => {
    const sha256 = 'x'.repeat(43);
    const body = { kind: 'server', service: 'shop', environment: 'production', namespaces: ['*'], sha256 };
    const rotate = {
      ...{ op: 'rotate', kind: 'sdk-key', key: 'shop', base: 1 },
      sha256: 'y'.repeat(43),
      overlapMs: 60_000,
    };
    const create = op({ op: 'create', kind: 'sdk-key', key: 'shop', base: 0, body });
    const withKey = accept(state, ask([create]), people.admin).state;
    const rotation = entryOf(withKey, ask([op(rotate)]), people.admin);
    expect(rotation).toMatchObject({
      old: { service: 'shop', revision: 1, validUntil: [null] },
      new: { service: 'shop', revision: 2, validUntil: [null, rfc3339(NOW + 60_000)] },
    });
    const token = { owner: 'ada', roles: ['editor'], scopes: people.everywhere, sha256: 'z'.repeat(43) };
    const operations = [op({ op: 'create', kind: 'service-token', key: 'ci', base: 0, body: token }), op(rotate)];
    const proposal = entryOf(withKey, ask(operations), people.admin);
    expect(proposal).toMatchObject({
      action: 'change.submit',
      target: [{ kind: 'change-request' }, { kind: 'service-token', key: 'ci' }, { kind: 'sdk-key', key: 'shop' }],
      new: {
        operations: [
          { op: 'create', body: { owner: 'ada' } },
          { op: 'rotate', overlapMs: 60_000 },
        ],
      },
    });
    expect(JSON.stringify([rotation.old, rotation.new, proposal.new])).not.toMatch(/x{43}|y{43}|z{43}/);
  });
});

describe('B55: a secret', () => {
  it.each([
    [
      'a variation',
      {
        ask: [put('flag', 'search.new', 0, rampFlag(1, { salt: 's', description: 'sk_live_0123456789abcdef' }))],
        fields: {},
      },
    ],
    [
      'a reason',
      { ask: [archive('flag', 'search.rank', 1)], fields: { justification: 'With Bearer 0123456789abcdef0123.' } },
    ],
  ])('is refused in %s before the log has it', (_name, { ask: operations, fields }) => {
    expect(refusalOf(state, ask(operations, fields), people.editor).code).toBe('holds-secret');
  });

  it('is told by where it is, and is no name of a field alone', () => {
    const request = { type: 'decline', request: 'r', reason: 'AKIAABCDEFGHIJKLMNOP' } as const;
    expect(refusalOf(state, request, people.editor)).toEqual({ code: 'holds-secret', path: '/reason' });
    const variations = { password: 'password', otp: 'otp' };
    const method = {
      description: 'How to sign in.',
      type: 'string',
      salt: 'method',
      enabled: true,
      variations,
      fallthrough: { serve: 'otp' },
    };
    expect(accept(state, ask([put('flag', 'search.method', 0, method)]), people.editor).events.length).toBeGreaterThan(
      0,
    );
  });
});

describe('a time', () => {
  it('is written as a clock would write it', () => {
    const inRange = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });
    fc.assert(fc.property(inRange, (time) => rfc3339(time) === new Date(time).toISOString()));
    for (const day of [
      '1972-02-29',
      '2000-02-29',
      '2000-03-01',
      '2100-02-28',
      '2100-03-01',
      '1970-01-01',
      '2026-12-31',
    ]) {
      expect(rfc3339(Date.parse(`${day}T23:59:59.999Z`))).toBe(`${day}T23:59:59.999Z`);
    }
  });
});
