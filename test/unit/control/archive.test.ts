import { describe, expect, it } from 'vitest';
import { auditedChanges } from '#control/audited-changes';
import { get } from '#control/persistent-map';
import type { Operation } from '#schema/control-operation';
import { rampFlag } from '../fixtures/authored.ts';
import {
  accept,
  ask,
  environmentOf,
  itemOf,
  op,
  organisation,
  put,
  refusalOf,
  typesOf,
} from './fixtures/organisation.ts';
import { editor, everybody } from './fixtures/people.ts';

describe('an item that is put into the archive', () => {
  const state = organisation();
  const putArchived = (key: string, base: number, body: object): Operation =>
    op({ ...put('flag', key, base, body), archived: true });

  it('is known from then on, and published nowhere', () => {
    const { state: next, events } = accept(state, ask([putArchived('search.x', 0, rampFlag(1))]), editor);
    expect(typesOf(events)).toEqual(['item-put', 'request-applied']);
    expect(itemOf(next, 'search.x')).toMatchObject({ archived: true, revision: 1 });
    const audited = events.flatMap((event) => auditedChanges(state, event));
    expect(audited).toMatchObject([
      { target: { key: 'search.x' }, old: null, value: { archived: true, enabled: true } },
    ]);
    expect(refusalOf(next, ask([putArchived('search.x', 1, rampFlag(1))]), editor).code).toBe('nothing-changes');
    expect(refusalOf(next, ask([putArchived('search.X', 0, rampFlag(1, { salt: 'y' }))]), editor).code).toBe('twin');
  });

  it('is taken out of what is served, unless something uses it', () => {
    const body = rampFlag(7, { salt: 'search-rank' });
    const next = accept(state, ask([putArchived('search.rank', 1, body)]), editor).state;
    expect(itemOf(next, 'search.rank')).toMatchObject({ archived: true, revision: 2 });
    expect(get(environmentOf(next).payload.entries, 'search.rank')).toBeUndefined();
    const gate = putArchived('ui.gate', 1, rampFlag(7, { salt: 'ui-gate' }));
    expect(refusalOf(state, ask([gate]), everybody).code).toBe('invalid');
  });

  it('has another body there, of the same identity', () => {
    const next = accept(state, ask([putArchived('ui.old', 2, rampFlag(7, { salt: 'ui-old' }))]), everybody).state;
    expect(itemOf(next, 'ui.old')).toMatchObject({
      ...{ archived: true, revision: 3 },
      body: { fallthrough: { split: { weights: { on: 7 } } } },
    });
    const other = putArchived('ui.old', 2, rampFlag(7, { salt: 'other' }));
    expect(refusalOf(state, ask([other]), everybody)).toMatchObject({ code: 'immutable', field: 'salt' });
  });

  it('is changed by those who may change what is served', () => {
    const old = putArchived('pricing.old', 2, rampFlag(7, { salt: 'pricing-old' }));
    expect(refusalOf(state, ask([old]), editor).code).toBe('not-allowed');
    expect(typesOf(accept(state, ask([old]), everybody).events)).toEqual(['request-opened']);
  });
});
