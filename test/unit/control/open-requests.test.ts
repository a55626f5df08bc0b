/** How much may wait: nobody takes the room of everybody else, and all of it fits into memory. */
import { describe, expect, it } from 'vitest';
import { mapOf, sortedEntries } from '#control/persistent-map';
import { requestBytes } from '#control/request-bytes';
import type { ChangeRequest, State } from '#control/state';
import type { Command } from '#schema/control-command';
import { MAX_OPEN_BYTES, MAX_OPEN_BYTES_OF_PERSON, MAX_OPEN_REQUESTS, MAX_REQUEST_BYTES } from '#schema/control-limits';
import type { Operation } from '#schema/control-operation';
import { rampFlag, segment } from '../fixtures/authored.ts';
import {
  accept,
  ask,
  changeOf,
  facts,
  onlyRequest,
  organisation,
  put,
  refusalOf,
  typesOf,
} from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';

const state = organisation();
const rank = (percent: number): Operation => put('flag', 'search.rank', 1, rampFlag(percent, { salt: 'search-rank' }));
const byHand = (percent = 6): Command => ask([rank(percent)], { apply: 'by-hand' });
/** Of about so many bytes. */
const large = (bytes: number): Operation[] =>
  Array.from({ length: Math.ceil(bytes / 500_000) }, (_, at) =>
    put(
      'segment',
      `large-${at}`,
      0,
      segment({ included: Array.from({ length: 10_000 }, (_, unit) => `unit-${unit}`.padEnd(47, '.')) }),
    ),
  );

const opened = accept(state, byHand(), people.editor).state;
const request = onlyRequest(opened);
const RITA = { id: 'sso:rita', person: 'rita', alsoPersons: [] };

const copies = (count: number, fields: (at: number) => Partial<ChangeRequest> = () => ({})): State => ({
  ...state,
  requests: mapOf(Array.from({ length: count }, (_, at) => [`r-${at}`, { ...request, id: `r-${at}`, ...fields(at) }])),
});

describe('open change requests', () => {
  it('are 100 of one person, voided ones included, and leave room for others', () => {
    expect(typesOf(accept(copies(99), byHand(7), people.editor).events)).toEqual(['request-opened']);
    const full = copies(100, () => ({ status: 'voided' }));
    const what = 'open change requests of one person';
    const mend = expect.stringContaining('withdraw some');
    expect(refusalOf(full, byHand(7), people.editor)).toEqual({ code: 'too-many', what, most: 100, mend });
    expect(typesOf(accept(full, byHand(7), people.otherEditor).events)).toEqual(['request-opened']);
    expect(typesOf(accept(full, ask([rank(7)]), people.editor).events)).toContain('request-applied');
  });

  it('are those of a person’s linked accounts and services, too', () => {
    const half = copies(100, (at) => ({
      editors: at < 50 ? request.editors : [{ id: 'token:ci', person: 'token:ci', alsoPersons: ['erin', 'emil'] }],
    }));
    expect(refusalOf(half, byHand(7), people.editor).code).toBe('too-many');
    expect(accept(half, byHand(7), people.otherEditor).events).toHaveLength(1);
    const linked = facts({ linked: new Map([['emil', 'erin']]) });
    expect(refusalOf(half, byHand(7), people.otherEditor, linked).code).toBe('too-many');
  });

  it('are 1,000 of all together', () => {
    const full = copies(MAX_OPEN_REQUESTS, (at) => ({ editors: [{ ...RITA, person: `p-${at % 20}` }] }));
    const what = 'open change requests of the organisation';
    expect(refusalOf(full, byHand(7), people.editor)).toMatchObject({ code: 'too-many', what, most: 1_000 });
  });

  it('keep their size with them, and are counted by it', () => {
    expect(request.bytes).toBe(requestBytes(request));
    const { id, hash } = request;
    const more = changeOf([rank(7)], { apply: 'by-hand', justification: 'Because of something long.' });
    const amended = onlyRequest(
      accept(opened, { type: 'amend', request: id, hash, change: more }, people.editor).state,
    );
    expect(amended.bytes).toBe(requestBytes(amended));
    expect(amended.bytes).toBeGreaterThan(request.bytes as number);
  });

  it('have at most so many bytes of one person, and of all together', () => {
    const heavy = copies(2, () => ({ bytes: MAX_OPEN_BYTES_OF_PERSON / 2 }));
    expect(refusalOf(heavy, byHand(7), people.editor)).toMatchObject({
      ...{ code: 'too-many', what: 'bytes of open change requests of one person', most: MAX_OPEN_BYTES_OF_PERSON },
    });
    expect(accept(heavy, byHand(7), people.otherEditor).events).toHaveLength(1);
    const all = copies(8, (at) => ({ bytes: MAX_OPEN_BYTES / 8, editors: [{ ...RITA, person: `p-${at}` }] }));
    expect(refusalOf(all, byHand(7), people.otherEditor)).toMatchObject({
      ...{ code: 'too-many', what: 'bytes of open change requests of the organisation', most: MAX_OPEN_BYTES },
    });
  });

  it('are smaller than what may be applied at once', () => {
    const operations = large(MAX_REQUEST_BYTES);
    expect(refusalOf(state, ask(operations, { apply: 'by-hand' }), people.everybody)).toMatchObject({
      ...{ code: 'too-large-to-wait', most: MAX_REQUEST_BYTES },
    });
    expect(typesOf(accept(state, ask(operations), people.everybody).events)).toContain('request-applied');
  });

  it('may be amended where there are too many, as long as they do not grow', () => {
    const full = copies(120);
    const [[id, { hash }]] = sortedEntries(full.requests) as [[string, ChangeRequest]];
    const amend = (fields: object): Command => ({
      ...{ type: 'amend', request: id, hash, change: changeOf([rank(7)], { apply: 'by-hand', ...fields }) },
    });
    expect(typesOf(accept(full, amend({}), people.editor).events)).toEqual(['request-amended']);
    expect(refusalOf(full, amend({ justification: 'Because of something long.' }), people.editor).code).toBe(
      'too-many',
    );
  });
});
