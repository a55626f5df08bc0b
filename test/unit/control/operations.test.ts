import { describe, expect, it } from 'vitest';
import { get } from '#control/persistent-map';
import { emptyState } from '#control/state';
import type { Command } from '#schema/control-command';
import { booleanFlag, rampFlag, textFlag } from '../fixtures/authored.ts';
import {
  accept,
  archive,
  ask,
  changeOf,
  environmentOf,
  environmentPut,
  found,
  itemOf,
  op,
  organisation,
  put,
  refusalOf,
  remove,
  restore,
  typesOf,
} from './fixtures/organisation.ts';
import { editor, everybody } from './fixtures/people.ts';

const state = organisation();
const rank = (fields: object = {}, percent = 10) => rampFlag(percent, { salt: 'search-rank', ...fields });

describe('an operation on an item', () => {
  it('is applied with a new revision, and says which environment is to be published', () => {
    const { state: next, events } = accept(state, ask([put('flag', 'search.rank', 1, rank())]), editor);
    expect(typesOf(events)).toEqual(['item-put', 'publish-requested', 'request-applied']);
    expect(itemOf(next, 'search.rank').revision).toBe(2);
    expect(next.requests.size).toBe(0);
  });

  it('is refused on another revision than it was made on', () => {
    const { state: next } = accept(state, ask([put('flag', 'search.rank', 1, rank())]), editor);
    expect(refusalOf(next, ask([put('flag', 'search.rank', 1, rank({}, 20))]), editor)).toEqual({
      code: 'stale',
      items: [{ kind: 'flag', environment: 'production', key: 'search.rank', base: 1, revision: 2 }],
    });
    expect(refusalOf(next, ask([put('flag', 'search.rank', 0, rank())]), editor).code).toBe('stale');
    expect(refusalOf(next, ask([archive('flag', 'search.none', 3)]), editor).code).toBe('stale');
  });

  it('is refused where it makes no difference, and where an item is named twice', () => {
    expect(refusalOf(state, ask([put('flag', 'search.rank', 1, rank({}, 5))]), editor).code).toBe('nothing-changes');
    const twice = [put('flag', 'search.rank', 1, rank()), archive('flag', 'search.rank', 1)];
    expect(refusalOf(state, ask(twice), editor).code).toBe('repeated');
  });

  it('keeps what people say of an item where it says nothing of it, and knows the projects that there are', () => {
    const people = { project: 'shop', owner: 'team-search', tags: ['q4'] };
    const owned = accept(state, ask([put('flag', 'search.rank', 1, rank({}, 5), { people })]), editor);
    expect(typesOf(owned.events)).toEqual(['item-put', 'request-applied']);
    const changed = accept(owned.state, ask([put('flag', 'search.rank', 2, rank())]), editor).state;
    expect(itemOf(changed, 'search.rank').people).toEqual(people);
    const strange = put('flag', 'search.rank', 1, rank(), { people: { project: 'none' } });
    expect(refusalOf(state, ask([strange]), editor)).toEqual({ code: 'not-found', what: 'project', key: 'none' });
    const projectGone = op({ op: 'delete', kind: 'project', key: 'shop', base: 1 });
    expect(refusalOf(changed, ask([projectGone]), editor)).toMatchObject({
      code: 'in-use',
      by: ['production search.rank'],
    });
  });

  it('is refused where what is authored would not fit together, with everything that is wrong', () => {
    const broken = rank({ holdout: 'none', rules: [{ id: 'r', when: [{ segment: 'nobody' }], serve: 'blue' }] });
    const refusal = refusalOf(state, ask([put('flag', 'search.rank', 1, broken)]), editor);
    expect(refusal).toMatchObject({ code: 'invalid', environment: 'production' });
    const messages = (refusal.code === 'invalid' ? refusal.issues : []).map(({ message }) => message);
    // All names that there are, not only those nearby.
    expect(messages.join('\n')).toContain('segment "nobody" does not exist; there are "mine", "staff", "unused"');
    expect(messages).toHaveLength(3);
  });

  it('does not take away what is used', () => {
    for (const [kind, key] of [
      ['segment', 'staff'],
      ['holdout', 'q4'],
      ['flag', 'ui.gate'],
      ['flag', 'ui.theme'],
    ] as const) {
      expect(refusalOf(state, ask([archive(kind, key, 1)]), everybody), key).toMatchObject({ code: 'invalid' });
    }
  });

  it('takes items of several kinds that only fit together as one change', () => {
    const operations = [
      put('segment', 'new', 0, { description: 'New.', included: ['n-1'] }),
      put(
        'flag',
        'search.fresh',
        0,
        rampFlag(1, { salt: 'fresh', rules: [{ id: 'r', when: [{ segment: 'new' }], serve: 'on' }] }),
      ),
    ];
    const { state: next } = accept(state, ask(operations), editor);
    expect(get(environmentOf(next).payload.entries, 'search.fresh')).toBeDefined();
    expect(refusalOf(state, ask(operations.slice(1)), editor).code).toBe('invalid');
  });
});

describe('R30: keys and salts', () => {
  const archived = accept(state, ask([archive('flag', 'search.rank', 1)]), editor).state;
  const deleted = accept(archived, ask([remove('flag', 'search.rank', 2)]), editor).state;

  it('leave a tombstone, and are never used again', () => {
    expect(get(environmentOf(deleted).tombstones, 'search.rank')).toMatchObject({ kind: 'flag', revision: 3 });
    expect(get(environmentOf(deleted).items, 'search.rank')).toBeUndefined();
    expect(refusalOf(deleted, ask([put('flag', 'search.rank', 0, rank({ salt: 'other' }))]), editor).code).toBe(
      'used-before',
    );
    expect(refusalOf(deleted, ask([put('flag', 'search.next', 0, rank())]), editor)).toEqual({
      ...{ code: 'salt-taken', kind: 'flag', key: 'search.next', by: 'search.rank' },
    });
  });

  it('are not shared with an archived item, with a layer, or with another spelling', () => {
    const taken = [
      put('flag', 'search.next', 0, rank({ salt: 'ui-old' })),
      put('flag', 'search.next', 0, rank({ salt: 'layer-1' })),
      put('holdout', 'next', 0, { description: 'H.', salt: 'search-rank', percent: 1 }),
    ];
    for (const one of taken) expect(refusalOf(state, ask([one]), editor).code).toBe('salt-taken');
    expect(refusalOf(state, ask([put('flag', 'search.Rank', 0, rank({ salt: 'x' }))]), editor).code).toBe('twin');
    expect(refusalOf(deleted, ask([put('flag', 'Search.rank', 0, rank({ salt: 'x' }))]), editor).code).toBe('twin');
  });

  it('of one cohort group are shared, by those that name it', () => {
    const operations = ['a', 'b'].map((name) =>
      put('flag', `search.${name}`, 0, rampFlag(1, { salt: 'group', cohortGroup: 'both' })),
    );
    const shared = accept(state, ask(operations), editor).state;
    const third = put('flag', 'search.c', 0, rampFlag(1, { salt: 'group', cohortGroup: 'another' }));
    expect(refusalOf(shared, ask([third]), editor).code).toBe('salt-taken');
    const gone = accept(shared, ask([archive('flag', 'search.a', 1)]), editor).state;
    const without = accept(gone, ask([remove('flag', 'search.a', 2)]), editor).state;
    const grouped = (percent: number) => rampFlag(percent, { salt: 'group', cohortGroup: 'both' });
    // What is deleted takes the salt from nobody who shared it, and gives it to nobody else.
    const raised = accept(without, ask([put('flag', 'search.b', 1, grouped(2))]), editor).state;
    const joined = accept(raised, ask([put('flag', 'search.c', 0, grouped(2))]), editor).state;
    const alone = rampFlag(2, { salt: 'group' });
    expect(refusalOf(joined, ask([put('flag', 'search.b', 2, alone)]), editor).code).toBe('salt-taken');
    expect(refusalOf(without, ask([put('flag', 'search.d', 0, alone)]), editor).code).toBe('salt-taken');
    const last = accept(raised, ask([put('flag', 'search.b', 2, alone)]), editor).state;
    expect(itemOf(last, 'search.b').revision).toBe(3);
  });

  it('are in another environment what they are there', () => {
    const elsewhere = op({ ...put('flag', 'search.rank', 0, rank()), environment: 'staging' });
    expect(typesOf(accept(state, ask([elsewhere]), editor).events)).toContain('publish-requested');
  });

  it('never change, and neither do types and the values of variations, also of those that were taken away', () => {
    const refused = (body: object): unknown => refusalOf(state, ask([put('flag', 'search.rank', 1, body)]), editor);
    expect(refused(rank({ salt: 'other' }))).toMatchObject({ code: 'immutable', field: 'salt', was: 'search-rank' });
    expect(refused(textFlag(['a'], { salt: 'search-rank' }))).toMatchObject({ code: 'immutable', field: 'type' });
    const text = (variations: Record<string, string>) => textFlag(['a'], { salt: 'text', variations });
    const first = accept(state, ask([put('flag', 'search.t', 0, text({ a: 'a', b: 'b' }))]), editor).state;
    const second = accept(first, ask([put('flag', 'search.t', 1, text({ a: 'a' }))]), editor).state;
    const again = put('flag', 'search.t', 2, text({ a: 'a', b: 'c' }));
    expect(refusalOf(second, ask([again]), editor)).toMatchObject({ code: 'immutable', field: 'variation b' });
    expect(
      typesOf(accept(second, ask([put('flag', 'search.t', 2, text({ a: 'a', b: 'b' }))]), editor).events),
    ).toContain('item-put');
    const holdout = put('holdout', 'q4', 1, { description: 'A holdout.', salt: 'other', percent: 2 });
    expect(refusalOf(state, ask([holdout]), everybody)).toMatchObject({ code: 'immutable', field: 'salt' });
  });
});

describe('an archived item', () => {
  it('is changed by restoring it, deleted only when archived, and comes back as it was', () => {
    expect(refusalOf(state, ask([put('flag', 'ui.old', 2, rampFlag(6, { salt: 'ui-old' }))]), everybody).code).toBe(
      'archived',
    );
    expect(refusalOf(state, ask([archive('flag', 'ui.old', 2)]), everybody).code).toBe('archived');
    expect(refusalOf(state, ask([remove('flag', 'search.rank', 1)]), editor).code).toBe('not-archived');
    expect(refusalOf(state, ask([restore('flag', 'search.rank', 1)]), editor).code).toBe('not-archived');
    const before = get(environmentOf(state).payload.entries, 'search.rank');
    const archived = accept(state, ask([archive('flag', 'search.rank', 1)]), editor).state;
    expect(get(environmentOf(archived).payload.entries, 'search.rank')).toBeUndefined();
    const back = accept(archived, ask([restore('flag', 'search.rank', 2)]), editor).state;
    expect(get(environmentOf(back).payload.entries, 'search.rank')).toEqual(before);
    const body = rank({}, 40);
    const other = accept(archived, ask([restore('flag', 'search.rank', 2, { body })]), editor).state;
    expect(itemOf(other, 'search.rank')).toMatchObject({
      archived: false,
      revision: 3,
      body: { fallthrough: { split: { weights: { on: 40 } } } },
    });
  });
});

describe('B51: an id of somebody else', () => {
  it('is not found, whatever is done with it', () => {
    const elsewhere = op({ ...put('flag', 'search.rank', 0, booleanFlag({ salt: 'n' })), environment: 'theirs' });
    expect(refusalOf(state, ask([elsewhere]), everybody)).toEqual({
      code: 'not-found',
      what: 'environment',
      key: 'theirs',
    });
    for (const type of ['approve', 'apply'] as const) {
      const order = { type, request: 'theirs', hash: 'x'.repeat(43) };
      expect(refusalOf(state, order, everybody)).toEqual({ code: 'not-found', what: 'request', key: 'theirs' });
    }
    for (const type of ['decline', 'withdraw'] as const) {
      expect(refusalOf(state, { type, request: 'theirs', reason: 'r' }, everybody)).toMatchObject({
        code: 'not-found',
      });
    }
    const amend: Command = { type: 'amend', request: 'theirs', hash: 'x'.repeat(43), change: changeOf([elsewhere]) };
    expect(refusalOf(state, amend, everybody)).toMatchObject({ code: 'not-found', what: 'request' });
  });
});

describe('a log', () => {
  it('begins once', () => {
    const begun = found([environmentPut('production')]);
    const order: Command = { type: 'found', operations: [], justification: 'Again.' };
    expect(refusalOf(begun, order, everybody).code).toBe('founded-already');
    expect(refusalOf(emptyState, order, editor).code).toBe('not-allowed');
  });
});
