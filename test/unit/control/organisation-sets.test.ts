/** A whole organisation out and in again, archive included. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ItemKind } from '#control/item';
import { exportOrganisation, type OrganisationSet, organisationOperations } from '#control/organisation-set';
import { entriesOf, get } from '#control/persistent-map';
import { emptyState, type State } from '#control/state';
import type { Operation } from '#schema/control-operation';
import { rampFlag, segment } from '../fixtures/authored.ts';
import {
  accept,
  archive,
  ask,
  attempt,
  environmentOf,
  found,
  op,
  organisation,
  PRODUCTION,
  put,
  refusalOf,
  remove,
  requestsOf,
  restore,
} from './fixtures/organisation.ts';
import { anotherEverybody, editor, everybody } from './fixtures/people.ts';
import { randomOrder } from './fixtures/random-order.ts';

const life = fc.array(fc.nat(1_000_000), { minLength: 150, maxLength: 150 });
const PEOPLE = { project: 'shop', owner: 'mia', tags: ['b', 'a'] };

/** What an organisation may have become; whose items are is changed too. */
function lived(numbers: readonly number[]): State {
  let at = 0;
  const pick = (below: number): number => (numbers[at++ % numbers.length] as number) % below;
  let state = organisation();
  for (let round = 0; round < 16; round++) {
    const { command, actor } = randomOrder(state, pick);
    const isOwned = command.type === 'submit' && pick(2) === 0;
    const outcome = attempt(state, isOwned ? ask(command.change.operations.map(owned), given) : command, actor);
    if (outcome.ok) state = outcome.value.state;
  }
  return state;
}

const given = { ticket: 'CHG1', confirm: ['size', 'emptied'] };
const owned = (one: Operation): Operation => (one.op === 'put' ? op({ ...one, people: PEOPLE }) : one);

/** As a file holds it. */
const written = (state: State): string => JSON.stringify(exportOrganisation(state));
const read = (text: string): OrganisationSet => JSON.parse(text);

const importInto = (state: State, set: OrganisationSet): readonly Operation[] =>
  organisationOperations(state, set, { prune: true });

/** With whoever has to approve it. */
function done(state: State, operations: readonly Operation[]): State {
  const known = new Set(requestsOf(state).map(({ id }) => id));
  const asked = accept(state, ask(operations, given), everybody).state;
  const request = requestsOf(asked).find(({ id, status }) => !known.has(id) && status === 'open');
  if (request === undefined) return asked;
  return accept(asked, { type: 'approve', request: request.id, hash: request.hash }, anotherEverybody).state;
}

const idsOf = (state: State, archived: boolean): string[] =>
  [...entriesOf(environmentOf(state).items)].flatMap(([id, item]) => (item.archived === archived ? [id] : [])).sort();

describe('an organisation', () => {
  it('is the same elsewhere, to the letter, and imported again, there or here, changes nothing', () => {
    const archivedKinds = new Set<ItemKind>();
    fc.assert(
      fc.property(life, (numbers) => {
        const state = lived(numbers);
        const text = written(state);
        const elsewhere = found(importInto(emptyState, read(text)));
        expect(written(elsewhere)).toBe(text);
        for (const one of [state, elsewhere]) expect(importInto(one, read(text))).toEqual([]);
        expect([idsOf(elsewhere, false), idsOf(elsewhere, true)]).toEqual([idsOf(state, false), idsOf(state, true)]);
        const compiled = [...entriesOf(environmentOf(elsewhere).payload.entries)].map(([id]) => id);
        expect(compiled.sort()).toEqual([...entriesOf(environmentOf(state).payload.entries)].map(([id]) => id).sort());
        for (const [, { kind, archived }] of entriesOf(environmentOf(state).items))
          if (archived) archivedKinds.add(kind);
      }),
      { numRuns: 60, seed: 5 },
    );
    expect([...archivedKinds].sort()).toEqual(['flag', 'holdout', 'layer', 'segment']);
  });

  it('becomes what another one was, whatever it has: what that does not know goes to the archive', () => {
    const counts = { became: 0, refused: 0 };
    fc.assert(
      fc.property(life, life, (some, others) => {
        const [state, set] = [lived(some), exportOrganisation(lived(others))];
        const operations = importInto(state, set);
        if (operations.length === 0) return;
        const deleted = attempt(state, ask(operations, given), everybody);
        if (!deleted.ok) {
          // What was deleted here does not come back. Nothing else is in the way.
          expect(deleted.error.code).toBe('used-before');
          counts.refused++;
          return;
        }
        const after = exportOrganisation(done(state, operations));
        const [is, shall] = [after.environments[PRODUCTION], set.environments[PRODUCTION]];
        expect(is?.authored).toEqual(shall?.authored);
        expect(is?.archived).toMatchObject(shall?.archived as object);
        expect(is?.people).toMatchObject(shall?.people as object);
        counts.became++;
      }),
      { numRuns: 60, seed: 5 },
    );
    expect(counts.became).toBeGreaterThan(20);
    expect(counts.refused).toBeGreaterThan(0);
  });

  it('has things in its archive that refer to what is deleted, and they come back only without', () => {
    const rules = [{ id: 'r', when: [{ segment: 'gone' }], serve: 'on' }];
    const steps = [
      [put('segment', 'gone', 0, segment()), put('flag', 'search.old', 0, rampFlag(1, { salt: 'search-old', rules }))],
      [archive('flag', 'search.old', 1), archive('segment', 'gone', 1)],
      [remove('segment', 'gone', 2)],
    ];
    const state = steps.reduce((before, operations) => accept(before, ask(operations), editor).state, organisation());
    const elsewhere = found(importInto(emptyState, exportOrganisation(state)));
    expect(written(elsewhere)).toBe(written(state));
    expect(refusalOf(elsewhere, ask([restore('flag', 'search.old', 1)]), editor).code).toBe('invalid');
    const body = rampFlag(1, { salt: 'search-old' });
    const back = accept(elsewhere, ask([restore('flag', 'search.old', 1, { body })]), editor).state;
    expect(get(environmentOf(back).payload.entries, 'search.old')).toBeDefined();
  });

  it('has an archived layer that shares flags with a live one', () => {
    const slices = { 'pricing.fare': 10, 'search.rank': 5 };
    const earlier = put('layer', 'earlier', 0, { description: 'L.', salt: 'earlier', slices });
    const state = done(organisation(), [op({ ...earlier, archived: true })]);
    const elsewhere = found(importInto(emptyState, exportOrganisation(state)));
    for (const one of [state, elsewhere]) {
      expect(get(environmentOf(one).layerOf, 'pricing.fare')).toBe('experiments');
      expect(get(environmentOf(one).layerOf, 'search.rank')).toBeUndefined();
    }
    const entry = get(environmentOf(elsewhere).payload.entries, 'pricing.fare');
    expect(entry).toEqual(get(environmentOf(organisation()).payload.entries, 'pricing.fare'));
  });

  it('says nothing of an archive that it does not have', () => {
    const state = organisation();
    const { environments, ...rest } = exportOrganisation(state);
    const { archived, ...production } = environments[PRODUCTION] as OrganisationSet['environments'][string];
    expect(Object.keys(archived?.flags ?? {})).toEqual(['pricing.old', 'ui.old']);
    expect(importInto(state, { ...rest, environments: { [PRODUCTION]: production } })).toEqual([]);
  });
});
