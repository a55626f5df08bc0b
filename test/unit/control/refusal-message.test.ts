import { describe, expect, it } from 'vitest';
import type { Refusal } from '#control/refusal';
import { refusalMessage } from '#control/refusal-message';

/** One of each: a new code without an example does not compile. */
const examples: { readonly [C in Refusal['code']]: Extract<Refusal, { code: C }> } = {
  'not-found': { code: 'not-found', what: 'environment', key: 'staging' },
  'founded-already': { code: 'founded-already' },
  stale: { code: 'stale', items: [{ kind: 'flag', environment: 'production', key: 'a.b', base: 1, revision: 2 }] },
  repeated: { code: 'repeated', kind: 'flag', key: 'a.b' },
  'used-before': { code: 'used-before', kind: 'flag', key: 'a.b' },
  twin: { code: 'twin', kind: 'flag', key: 'a.b', other: 'a.B' },
  archived: { code: 'archived', kind: 'flag', key: 'a.b' },
  'not-archived': { code: 'not-archived', kind: 'flag', key: 'a.b' },
  immutable: { code: 'immutable', kind: 'flag', key: 'a.b', field: 'salt', was: 'x' },
  'salt-taken': { code: 'salt-taken', kind: 'flag', key: 'a.b', by: 'c.d' },
  'holds-secret': { code: 'holds-secret', path: '/change/justification' },
  'secret-taken': { code: 'secret-taken', by: 'sdk-key shop' },
  'service-has-key': {
    ...{ code: 'service-has-key', service: 'search', keyKind: 'server', environment: 'production', key: 'search-1' },
  },
  'over-already': { code: 'over-already', kind: 'sdk-key', key: 'search-2', at: 5 },
  ended: { code: 'ended', kind: 'service-token', key: 'ci', at: 5 },
  'overlap-runs': { code: 'overlap-runs', kind: 'sdk-key', key: 'search-1', until: 5 },
  'in-use': { code: 'in-use', kind: 'project', key: 'shop', by: ['a.b'] },
  'policies-overlap': { code: 'policies-overlap', key: 'p', other: 'q', namespace: 'pricing', environment: '*' },
  'too-many': { code: 'too-many', what: 'SDK keys', most: 5 },
  'too-large-to-wait': { code: 'too-large-to-wait', size: 9, most: 8 },
  invalid: {
    code: 'invalid',
    environment: 'production',
    issues: [{ path: ['flags', 'a.b', 'rules', 0], message: 'is wrong' }],
  },
  unconfirmed: { code: 'unconfirmed', environment: 'production', confirm: 'size', found: 'from 1 to 100 entries' },
  'override-of-others': { code: 'override-of-others', flags: ['a.b'] },
  'nothing-changes': { code: 'nothing-changes' },
  'no-policy': { code: 'no-policy', environment: 'production', namespace: 'a' },
  'out-of-scope': { code: 'out-of-scope', action: 'edit', environment: 'production', namespace: 'a' },
  'not-allowed': {
    code: 'not-allowed',
    missing: [{ policy: 'p', environment: 'production', namespaces: ['a'], roles: ['x', 'y'] }],
  },
  'editor-gone': { code: 'editor-gone', id: 'sso:a' },
  'not-the-author': { code: 'not-the-author' },
  'own-change': { code: 'own-change' },
  'no-approver': { code: 'no-approver', roles: ['x', 'y'] },
  'approved-already': { code: 'approved-already' },
  'hash-differs': { code: 'hash-differs', hash: 'h' },
  'wrong-status': { code: 'wrong-status', status: 'voided', takes: ['open'] },
  'approvals-missing': {
    code: 'approvals-missing',
    missing: [{ policy: 'p', environment: 'production', namespaces: ['a'], roles: ['x'], missing: 2 }],
  },
  'effects-changed': { code: 'effects-changed' },
  'requirements-changed': { code: 'requirements-changed', policies: ['p'] },
  'not-due': { code: 'not-due', at: 5 },
  'too-far-ahead': { code: 'too-far-ahead', at: 9, most: 8 },
  ticket: { code: 'ticket', trouble: 'closed', ticket: 'CHG1' },
  training: { code: 'training', person: 'a', missing: ['revenue'] },
  'unknown-generation': { code: 'unknown-generation', environment: 'production', generation: 9, newest: 8 },
  'digest-differs': { code: 'digest-differs', environment: 'production', version: 3, digest: 'a', found: 'b' },
  'system-only': { code: 'system-only' },
  'principals-only': { code: 'principals-only' },
};

describe('the message of a refusal', () => {
  it.each(Object.entries(examples))('says what was found: %s', (_code, refusal) => {
    const message = refusalMessage(refusal);
    expect(message.length).toBeGreaterThan(20);
    expect(message).not.toMatch(/\.$|undefined|null|\[object/);
    const { code: _, ...data } = refusal;
    for (const value of Object.values(data))
      if (typeof value === 'string' && !['salt', 'edit', 'closed'].includes(value)) expect(message).toContain(value);
  });

  it('is one for each', () => {
    const messages = Object.values(examples).map(refusalMessage);
    expect(new Set(messages).size).toBe(messages.length);
  });

  it('says where, and how many more there are', () => {
    expect(refusalMessage(examples.invalid)).toContain('flags.a.b.rules[0] is wrong');
    const issues = Array.from({ length: 9 }, (_, at) => ({ path: ['flags', `f${at}`], message: 'is wrong' }));
    expect(refusalMessage({ ...examples.invalid, issues })).toMatch(/and 4 more$/);
  });

  it('tells each trouble with a ticket', () => {
    const texts = (['missing', 'unknown', 'closed', 'unreachable'] as const).map((trouble) =>
      refusalMessage({ code: 'ticket', trouble, ticket: trouble === 'missing' ? null : 'CHG1' }),
    );
    expect(new Set(texts).size).toBe(4);
    expect(texts[3]).toContain('try again later');
  });
});
