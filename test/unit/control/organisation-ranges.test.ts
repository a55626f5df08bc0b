/** The buckets that splits and slices have come to: they go with a whole organisation, and are in force elsewhere as they were here. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportOrganisation, type OrganisationSet, organisationOperations } from '#control/organisation-set';
import { payloadLines } from '#control/payload-lines';
import { get } from '#control/persistent-map';
import { emptyState, type State } from '#control/state';
import type { Operation } from '#schema/control-operation';
import type { FlagEntry } from '#schema/entry';
import { rampFlag, textFlag } from '../fixtures/authored.ts';
import {
  accept,
  ask,
  attempt,
  environmentOf,
  found,
  itemOf,
  onlyRequest,
  op,
  organisation,
  PRODUCTION,
  put,
  refusalOf,
} from './fixtures/organisation.ts';
import { admin, editor, everybody, pricing, uiOnly } from './fixtures/people.ts';

const LAYERED = ['search.a', 'search.b', 'search.c'];
const NAMES = ['none', 'red', 'green', 'blue'];

/** Percent of three variations, or of three slices, so large that they grow into each other's places. */
const percents = fc
  .array(fc.constantFrom(1, 4, 60), { minLength: 4, maxLength: 4 })
  .map((parts) => parts.slice(1).map((part) => Math.floor((part * 100) / parts.reduce((sum, one) => sum + one, 0))));
const step = fc.record({
  what: fc.constantFrom('flag', 'rule', 'layer'),
  percents,
  kind: fc.constantFrom('user', 'account'),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const weightsOf = (names: readonly string[], shares: readonly number[]): Record<string, number> =>
  Object.fromEntries(names.map((name, at) => [name, shares[at] as number]));

function operationOf(state: State, { what, percents: shares, kind }: Step): Operation {
  const weights = weightsOf(NAMES.slice(1), shares);
  const split = { rest: 'none', weights, by: kind };
  const base = (id: string): number => itemOf(state, id).revision;
  if (what === 'layer') {
    const body = { description: 'L.', salt: 'lay', slices: weightsOf(LAYERED, shares) };
    return put('layer', 'lay', base('layer:lay'), body);
  }
  const fields =
    what === 'flag'
      ? { fallthrough: { split } }
      : { rules: [{ id: 'r', when: [{ attribute: 'country', op: 'in' as const, values: ['PT'] }], split }] };
  return put('flag', 'search.many', base('search.many'), textFlag(NAMES, { salt: 'many', ...fields }));
}

const begun = (): State =>
  accept(
    organisation(),
    ask([
      put('flag', 'search.many', 0, textFlag(NAMES, { salt: 'many' })),
      ...LAYERED.map((key) => put('flag', key, 0, rampFlag(10, { salt: `salt-${key}` }))),
      put('layer', 'lay', 0, { description: 'L.', salt: 'lay', slices: weightsOf(LAYERED, [10, 20, 30]) }),
    ]),
    editor,
  ).state;

function ramped(steps: readonly Step[]): State {
  let state = begun();
  for (const one of steps) {
    const outcome = attempt(state, ask([operationOf(state, one)]), editor);
    if (outcome.ok) state = outcome.value.state;
  }
  return state;
}

const written = (state: State): string => JSON.stringify(exportOrganisation(state));
const operationsFor = (state: State, text: string): Operation[] =>
  organisationOperations(state, JSON.parse(text), { prune: true }).map((one) => op(one));

describe('an organisation that was ramped up and down', () => {
  it('is elsewhere what it is here: the same export, and the same lines', () => {
    let others = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 10 }), (steps) => {
        const state = ramped(steps);
        const text = written(state);
        const elsewhere = found(operationsFor(emptyState, text));
        expect(written(elsewhere)).toBe(text);
        expect(payloadLines(environmentOf(elsewhere))).toBe(payloadLines(environmentOf(state)));
        for (const one of [state, elsewhere]) expect(operationsFor(one, text)).toEqual([]);
        const anew = found(operationsFor(emptyState, withoutRanges(text)));
        if (payloadLines(environmentOf(anew)) !== payloadLines(environmentOf(state))) others++;
      }),
      { numRuns: 60, seed: 5 },
    );
    // By weights alone, many of them would have other lines.
    expect(others).toBeGreaterThan(15);
  });

  it('is taken over by one that has the same flags and was ramped otherwise', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), fc.array(step, { maxLength: 6 }), (some, many) => {
        const [state, shall] = [ramped(some), ramped(many)];
        const operations = operationsFor(state, written(shall));
        const after = operations.length === 0 ? state : accept(state, ask(operations, CONFIRMED), everybody).state;
        expect(written(after)).toBe(written(shall));
        expect(payloadLines(environmentOf(after))).toBe(payloadLines(environmentOf(shall)));
      }),
      { numRuns: 40, seed: 5 },
    );
  });
});

const CONFIRMED = { ticket: 'CHG1', confirm: ['size', 'emptied'] };

function withoutRanges(text: string): string {
  const { environments, ...rest } = JSON.parse(text) as OrganisationSet;
  const without = Object.entries(environments).map(([key, { ranges, ...one }]) => [key, one]);
  return JSON.stringify({ ...rest, environments: Object.fromEntries(without) });
}

const entryOf = (state: State, key: string): FlagEntry => get(environmentOf(state).payload.entries, key) as FlagEntry;
const flagBody = (state: State, key: string): object => itemOf(state, key).body;
const putFlag = (state: State, key: string, ranges: object): Operation =>
  put('flag', key, itemOf(state, key).revision, flagBody(state, key), { ranges });
const putLayer = (state: State, ranges: object): Operation =>
  put('layer', 'lay', itemOf(state, 'layer:lay').revision, flagBody(state, 'layer:lay'), { ranges });

/** Ten percent, elsewhere than where they would begin. */
const ELSEWHERE = {
  fallthrough: [
    ['off', 50_000],
    ['on', 60_000],
    ['off', 100_000],
  ],
};

describe('ranges that a change brings', () => {
  it('are in force as they are, and alone are a change: a move of those that get another variation', () => {
    const state = begun();
    const { events, state: after } = accept(state, ask([putFlag(state, 'search.a', ELSEWHERE)]), editor);
    expect(entryOf(after, 'search.a').f).toEqual([0, [0, 50_000, 1, 60_000, 0, 100_000]]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'publish-requested', flags: { 'search.a': 'move' } }),
    );
    expect(itemOf(after, 'search.a').revision).toBe(itemOf(state, 'search.a').revision + 1);
    expect(refusalOf(after, ask([putFlag(after, 'search.a', ELSEWHERE)]), editor).code).toBe('nothing-changes');
  });

  it('stay where they are when the flag is grown later', () => {
    const state = begun();
    const moved = accept(state, ask([putFlag(state, 'search.a', ELSEWHERE)]), editor).state;
    const grown = put('flag', 'search.a', itemOf(moved, 'search.a').revision, rampFlag(12, { salt: 'salt-search.a' }));
    const [, ranges] = entryOf(accept(moved, ask([grown]), editor).state, 'search.a').f as [number, number[]];
    expect(ranges.join()).toContain('50000,1,60000');
  });

  it.each([
    [
      'too few buckets',
      {
        fallthrough: [
          ['on', 9_000],
          ['off', 100_000],
        ],
      },
    ],
    [
      'too many buckets',
      {
        fallthrough: [
          ['on', 90_000],
          ['off', 100_000],
        ],
      },
    ],
    [
      'a variation that there is not',
      {
        fallthrough: [
          ['on', 10_000],
          ['teal', 100_000],
        ],
      },
    ],
    [
      'two pieces for one',
      {
        fallthrough: [
          ['on', 5_000],
          ['on', 10_000],
          ['off', 100_000],
        ],
      },
    ],
    ['a rule that there is not', { rules: { nothing: [['off', 100_000]] } }],
  ])('are refused: %s', (_, ranges) => {
    const state = begun();
    const refusal = refusalOf(state, ask([putFlag(state, 'search.a', ranges)]), editor);
    expect(refusal).toMatchObject({
      code: 'invalid',
      issues: [{ path: expect.arrayContaining(['flags', 'search.a', 'ranges']) }],
    });
  });

  it.each([
    [
      'ends that fall',
      {
        fallthrough: [
          ['on', 10_000],
          ['off', 9_000],
          ['on', 100_000],
        ],
      },
    ],
    [
      'an end short of the last bucket',
      {
        fallthrough: [
          ['on', 10_000],
          ['off', 99_999],
        ],
      },
    ],
    [
      'an end behind the last bucket',
      {
        fallthrough: [
          ['on', 10_000],
          ['off', 100_001],
        ],
      },
    ],
    ['none', { fallthrough: [] }],
    [
      'more than a line may hold',
      { fallthrough: Array.from({ length: 257 }, (_, at) => ['on', at === 256 ? 100_000 : at + 1]) },
    ],
    ['a rule that every object has', { rules: { valueOf: [['off', 100_000]] } }],
    ['a variation that every object has', { fallthrough: [['__proto__', 100_000]] }],
    ['something else beside them', { fallthrough: [['off', 100_000]], more: 1 }],
  ])('are no ranges at all: %s', (_, ranges) => {
    expect(() => putFlag(begun(), 'search.a', ranges)).toThrow(/ranges/);
  });

  it.each([
    ['that overlap', { 'search.a': [0, 10_000], 'search.b': [5_000, 25_000] }],
    ['that another slice has', { 'search.a': [40_000, 50_000] }],
    ['of another size', { 'search.a': [0, 9_000] }],
    ['of a flag that is not in the layer', { 'search.rank': [0, 1_000] }],
    ['of a flag that there is not', { 'search.nothing': [] }],
  ])('are refused of a layer: slices %s', (_, ranges) => {
    const state = begun();
    const refusal = refusalOf(state, ask([putLayer(state, ranges)]), editor);
    expect(refusal).toMatchObject({
      code: 'invalid',
      issues: expect.arrayContaining([
        expect.objectContaining({ path: ['layers', 'lay', 'ranges', expect.anything()] }),
      ]),
    });
  });

  it('are not there of what has no split, and of what is archived', () => {
    const state = begun();
    const noSplit = put('flag', 'ui.gate', 1, flagBody(state, 'ui.gate'), {
      ranges: { fallthrough: [['off', 100_000]] },
    });
    expect(refusalOf(state, ask([noSplit]), editor).code).not.toBe('nothing-changes');
    expect(refusalOf(state, ask([noSplit]), everybody).code).toBe('invalid');
    const archived = op({ ...putFlag(state, 'search.a', ELSEWHERE), archived: true });
    expect(refusalOf(state, ask([archived]), editor)).toMatchObject({ code: 'invalid' });
  });

  it('are no way around a policy: not of a flag, and not through a layer that somebody else may change', () => {
    const state = begun();
    const order = ask([
      putFlag(state, 'pricing.net', {
        fallthrough: [
          ['off', 95_000],
          ['on', 100_000],
        ],
      }),
    ]);
    expect(refusalOf(state, order, uiOnly).code).toBe('not-allowed');
    const waiting = accept(state, order, pricing).state;
    expect(onlyRequest(waiting)).toMatchObject({ status: 'open', effects: [{ flags: { 'pricing.net': 'move' } }] });
    expect(entryOf(waiting, 'pricing.net')).toBe(entryOf(state, 'pricing.net'));
    const slices = { 'pricing.fare': [70_000, 100_000], 'ui.theme': [0, 20_000] };
    const layer = put('layer', 'experiments', 1, flagBody(state, 'layer:experiments'), { ranges: slices });
    expect(refusalOf(state, ask([layer]), uiOnly).code).toBe('not-allowed');
    const both = accept(state, ask([layer]), everybody).state;
    expect(Object.keys(onlyRequest(both).effects[0]?.flags ?? {})).toEqual(['pricing.fare', 'ui.theme']);
  });
});

describe('webhooks', () => {
  it('go with the organisation, as they are', () => {
    const hook = op({
      ...{ op: 'put', kind: 'webhook', key: 'chat', base: 0 },
      body: { url: 'https://chat.example/hook', events: ['*'], environments: [PRODUCTION], enabled: false },
    });
    const state = accept(organisation(), ask([hook]), admin).state;
    const text = written(state);
    const elsewhere = found(operationsFor(emptyState, text));
    expect(get(elsewhere.webhooks, 'chat')?.body).toEqual(get(state.webhooks, 'chat')?.body);
    expect(written(elsewhere)).toBe(text);
    expect(refusalOf(organisation(), ask(operationsFor(organisation(), text)), editor).code).toBe('not-allowed');
  });
});
