import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { driftFrom, type ItemSet, importOperations } from '#control/compare-set';
import { defaultPolicyOperations } from '#control/default-policies';
import { exportSet } from '#control/export-set';
import { authoredOf, liveItems } from '#control/neighbourhood';
import { exportOrganisation, organisationOperations } from '#control/organisation-set';
import { linesInForce, payloadLines } from '#control/payload-lines';
import { emptyState, type State } from '#control/state';
import { parseAuthored } from '#ruleset/write/authored-files';
import { compile } from '#ruleset/write/compile';
import { authored } from '#schema/authored';
import { rampFlag } from '../fixtures/authored.ts';
import { authoredMarketplace } from '../fixtures/marketplace.ts';
import {
  accept,
  archive,
  ask,
  attempt,
  environmentOf,
  environmentPut,
  found,
  itemOf,
  onlyRequest,
  organisation,
  PRODUCTION,
  put,
  refusalOf,
  requestsOf,
  typesOf,
} from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';
import { publishedState } from './fixtures/published.ts';

const empty = found([...defaultPolicyOperations(), environmentPut(PRODUCTION)]);
const marketplace: ItemSet = { authored: authoredMarketplace() };
const operations = importOperations(environmentOf(empty), marketplace, { prune: false });

function approvedBy(state: State, approver: typeof people.manager): State {
  const { id, hash } = onlyRequest(state);
  return accept(state, { type: 'approve', request: id, hash }, approver).state;
}

describe('a set of authored files', () => {
  it('is imported as one change request, which waits for those who have to approve its flags', () => {
    for (const author of [people.editor, people.uiOnly, people.pricing]) {
      expect(refusalOf(empty, ask(operations, { ticket: 'CHG1' }), author).code).toBe('not-allowed');
    }
    expect(refusalOf(empty, ask(operations), people.everybody)).toMatchObject({ code: 'ticket' });
    const waiting = accept(empty, ask(operations, { ticket: 'CHG1' }), people.everybody).state;
    expect(onlyRequest(waiting).requirements.map(({ policy }) => policy)).toEqual([
      'auth',
      'billing',
      'everything-else',
      'pricing',
    ]);
    const imported = approvedBy(waiting, people.manager);
    const whole = compile(authoredMarketplace(), [], 0);
    expect(payloadLines(environmentOf(imported))).toBe(whole.ok && whole.value.lines);
  });

  it('needs each namespace’s own approvers, where none has them all', () => {
    const waiting = accept(empty, ask(operations, { ticket: 'CHG1' }), people.everybody).state;
    const { id, hash } = onlyRequest(waiting);
    const once = accept(waiting, { type: 'approve', request: id, hash }, people.pricing);
    expect(typesOf(once.events)).toEqual(['request-approved']);
    const twice = accept(once.state, { type: 'approve', request: id, hash }, people.billing);
    expect(typesOf(twice.events)).toEqual(['request-approved']);
    expect(typesOf(accept(twice.state, { type: 'approve', request: id, hash }, people.auth).events)).toContain(
      'request-applied',
    );
  });

  const imported = approvedBy(
    accept(empty, ask(operations, { ticket: 'CHG1' }), people.everybody).state,
    people.manager,
  );

  it('comes out as it went in: what is exported and imported again changes nothing', () => {
    const set = exportSet(environmentOf(imported));
    expect(set.authored).toEqual(authoredMarketplace());
    expect(importOperations(environmentOf(imported), set, { prune: true })).toEqual([]);
    const ordered = importOperations(environmentOf(imported), set, { prune: true, override: [firstFlag('mobile')] });
    expect(ordered.map(({ op, key }) => `${op} ${key}`)).toEqual([`put ${firstFlag('mobile')}`]);
    const parsed = parseAuthored([
      { name: 'all.yaml', text: stringify(set.authored, { aliasDuplicateObjects: false }) },
    ]);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    expect(importOperations(environmentOf(imported), { authored: parsed.value.authored }, { prune: true })).toEqual([]);
    const elsewhere = importOperations(
      environmentOf(empty),
      { ...set, authored: authored.parse(JSON.parse(JSON.stringify(set.authored))) },
      { prune: true },
    );
    const copy = approvedBy(accept(empty, ask(elsewhere, { ticket: 'CHG1' }), people.everybody).state, people.manager);
    expect(exportSet(environmentOf(copy))).toEqual(set);
    expect(payloadLines(environmentOf(copy))).toBe(payloadLines(environmentOf(imported)));
    expect(authoredOf(liveItems(environmentOf(copy)))).toEqual(set.authored);
  });

  it('shows where files and environment have drifted apart', () => {
    expect(driftFrom(environmentOf(imported), marketplace)).toEqual({ missing: [], extra: [], different: [] });
    const fresh = put('flag', 'search.fresh', 0, rampFlag(1, { salt: 'fresh' }));
    const { body } = itemOf(imported, firstFlag('mobile'));
    const changed = { ...(body as object), description: 'Changed by hand.' };
    const drifted = accept(
      imported,
      ask([fresh, put('flag', firstFlag('mobile'), 1, changed), archive('flag', firstFlag('platform'), 1)]),
      people.everybody,
    ).state;
    expect(driftFrom(environmentOf(drifted), marketplace)).toEqual({
      ...{ missing: [firstFlag('platform')], extra: ['search.fresh'], different: [firstFlag('mobile')] },
    });
    const back = importOperations(environmentOf(drifted), marketplace, { prune: true });
    expect(back.map(({ op, key }) => `${op} ${key}`).sort()).toEqual(
      [`archive search.fresh`, `put ${firstFlag('mobile')}`, `restore ${firstFlag('platform')}`].sort(),
    );
    const restored = accept(drifted, ask(back), people.everybody).state;
    expect(driftFrom(environmentOf(restored), marketplace)).toEqual({ missing: [], extra: [], different: [] });
    expect(payloadLines(environmentOf(restored))).toBe(payloadLines(environmentOf(imported)));
  });

  it('is drifted from by a change of what people say only where the set says it', () => {
    const { body } = itemOf(imported, firstFlag('mobile'));
    const owned = accept(
      imported,
      ask([put('flag', firstFlag('mobile'), 1, body, { people: { owner: 'mia', tags: [] } })]),
      people.everybody,
    ).state;
    expect(driftFrom(environmentOf(owned), marketplace).different).toEqual([]);
    const exported = exportSet(environmentOf(imported));
    expect(driftFrom(environmentOf(owned), exported).different).toEqual([firstFlag('mobile')]);
  });

  it('is checked as every change is: a set that brings back a deleted key is refused', () => {
    const key = firstFlag('platform');
    const archived = accept(imported, ask([archive('flag', key, 1)]), people.everybody).state;
    const deleted = accept(
      archived,
      ask([{ op: 'delete', kind: 'flag', environment: PRODUCTION, key, base: 2 }]),
      people.everybody,
    ).state;
    const again = importOperations(environmentOf(deleted), marketplace, { prune: false });
    expect(attempt(deleted, ask(again), people.everybody)).toMatchObject({
      ok: false,
      error: { code: 'used-before', key },
    });
  });

  it('is published to the letter of the files', () => {
    const published = publishedState(imported);
    const whole = compile(authoredMarketplace(), [], 1);
    expect(linesInForce(environmentOf(published))).toBe(whole.ok && whole.value.lines);
    expect(requestsOf(published)).toEqual([]);
  });
});

/** A flag of a namespace that nothing else uses. */
function firstFlag(namespace: string): string {
  const { flags } = authoredMarketplace();
  return Object.keys(flags).find((key) => key.startsWith(`${namespace}.`)) as string;
}

describe('the organisation of the fixtures', () => {
  it('is exported without what is archived', () => {
    expect(Object.keys(exportSet(environmentOf(organisation())).authored.flags)).not.toContain('ui.old');
  });

  it('R30: has the keys and salts of its archive elsewhere too', () => {
    const whole = exportOrganisation(organisation());
    const elsewhere = found(organisationOperations(emptyState, whole, { prune: false }));
    const next = put('flag', 'search.next', 0, rampFlag(1, { salt: 'ui-old' }));
    expect(refusalOf(elsewhere, ask([next]), people.editor)).toMatchObject({ code: 'salt-taken', by: 'ui.old' });
    const again = put('flag', 'ui.old', 1, rampFlag(1, { salt: 'x' }));
    expect(refusalOf(elsewhere, ask([again]), people.everybody).code).toBe('archived');
  });
});
