import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from '#ruleset/reader';
import type { Compiled } from '#ruleset/write/compile';
import type { AuthoredInput } from '#schema/authored';
import type { Entry } from '#schema/entry';
import { booleanFlag, compileOk, rampFlag, segment } from '../fixtures/authored.ts';
import { authoredMarketplace, compiledMarketplace } from '../fixtures/marketplace.ts';

/** All that an edit may change; what is built from it has two segments, a layer, a holdout and four flags. */
const STATE = fc.record({
  included: fc.subarray(['u', 'v', 'w']),
  country: fc.constantFrom('DE', 'FR'),
  percent: fc.constantFrom(0, 5, 25, 100),
  enabled: fc.boolean(),
  description: fc.constantFrom('One.', 'Another.'),
  slice: fc.constantFrom(10, 20),
  holdout: fc.constantFrom(1, 2),
  extra: fc.boolean(),
});
type State = typeof STATE extends fc.Arbitrary<infer T> ? T : never;

const authoredOf = (state: State): AuthoredInput => ({
  segments: {
    inner: segment({ description: state.description, included: state.included }),
    outer: segment({
      rules: [{ when: [{ segment: 'inner' }, { attribute: 'country', op: 'in', values: [state.country] }] }],
    }),
  },
  layers: { l: { description: 'd', salt: 'l', slices: { 'a.layered': state.slice } } },
  holdouts: { h: { description: 'd', salt: 'h', percent: state.holdout } },
  flags: {
    'a.ramp': rampFlag(state.percent, { salt: 'salt-1', enabled: state.enabled, description: state.description }),
    'a.segmented': booleanFlag({ salt: 'salt-2', rules: [{ id: 'r', when: [{ segment: 'outer' }], serve: 'on' }] }),
    'a.needing': booleanFlag({ salt: 'salt-3', prerequisites: [{ flag: 'a.ramp', variations: ['on'] }] }),
    'a.layered': booleanFlag({ salt: 'salt-4', holdout: 'h' }),
    ...(state.extra ? { 'a.extra': booleanFlag({ salt: 'salt-5' }) } : {}),
  },
});

const byKey = (entries: readonly Entry[]): Map<string, Entry> => new Map(entries.map((entry) => [entry.k, entry]));
const lineMap = (compiled: Compiled): Map<string, string> =>
  new Map(
    compiled.lines
      .split('\n')
      .filter(Boolean)
      .map((line) => [(JSON.parse(line) as Entry).k, line]),
  );

const history = fc.array(STATE, { minLength: 2, maxLength: 5 });

function* pairs(states: readonly State[]): Generator<readonly [before: Compiled, after: Compiled, version: number]> {
  let before: Compiled | undefined;
  for (const [at, state] of states.entries()) {
    const after = compileOk(authoredOf(state), before?.entries, at + 1);
    if (before !== undefined) yield [before, after, at + 1];
    before = after;
  }
}

describe('given random edits', () => {
  it('R26: a line changed if, and only if, its revision is the new version', () => {
    fc.assert(
      fc.property(history, (states) => {
        for (const [before, after, version] of pairs(states)) {
          const was = lineMap(before);
          for (const [key, line] of lineMap(after)) {
            const { r } = JSON.parse(line) as Entry;
            expect(r === version, line).toBe(was.get(key) !== line);
            if (r !== version) expect(r).toBe(byKey(before.entries).get(key)?.r);
          }
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('R26: revisions never fall, and never exceed the version', () => {
    fc.assert(
      fc.property(history, (states) => {
        for (const [before, after, version] of pairs(states)) {
          for (const { k, r } of after.entries) {
            expect(r).toBeGreaterThanOrEqual(byKey(before.entries).get(k)?.r ?? 0);
            expect(r).toBeLessThanOrEqual(version);
          }
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('R26: compiling twice gives identical lines, and again without an edit the same to the byte', () => {
    fc.assert(
      fc.property(history, (states) => {
        for (const [before, after, version] of pairs(states)) {
          const state = states[version - 1] as State;
          expect(compileOk(authoredOf(state), before.entries, version).lines).toBe(after.lines);
          const again = compileOk(authoredOf(state), after.entries, version + 1);
          expect(again.lines).toBe(after.lines);
          expect(again.moved).toEqual([]);
        }
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('R26: what was read back from lines compiles like what was never written', () => {
    fc.assert(
      fc.property(STATE, STATE, (one, other) => {
        const before = compileOk(authoredOf(one));
        const readBack = [...lineMap(before).values()].map((line) => JSON.parse(line) as Entry);
        expect(compileOk(authoredOf(other), readBack, 2).lines).toBe(
          compileOk(authoredOf(other), before.entries, 2).lines,
        );
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});

const BASE: State = {
  included: ['u'],
  country: 'DE',
  percent: 5,
  enabled: true,
  description: 'One.',
  slice: 10,
  holdout: 1,
  extra: false,
};

/** Which entries have the new revision after one edit. */
const touched = (edit: Partial<State>): string[] => {
  const before = compileOk(authoredOf(BASE));
  const after = compileOk(authoredOf({ ...BASE, ...edit }), before.entries, 2);
  return after.entries
    .filter(({ r }) => r === 2)
    .map(({ k }) => k)
    .sort();
};

describe('given one edit', () => {
  const table: readonly (readonly [string, Partial<State>, string[]])[] = [
    ['nothing', {}, []],
    ['descriptions', { description: 'Another.' }, []],
    ['a segment inside a segment', { included: ['u', 'v'] }, ['a.segmented', 'segment:inner', 'segment:outer']],
    ['a segment', { country: 'FR' }, ['a.segmented', 'segment:outer']],
    ['a flag that another needs', { percent: 25 }, ['a.needing', 'a.ramp']],
    ['being enabled, of a flag that another needs', { enabled: false }, ['a.needing', 'a.ramp']],
    ['a layer', { slice: 20 }, ['a.layered']],
    ['a holdout', { holdout: 2 }, ['a.layered']],
    ['a new flag', { extra: true }, ['a.extra']],
  ];
  for (const [name, edit, expected] of table) {
    it(`R26: an edit of ${name} raises the revisions of what it reaches, and no other`, () => {
      expect(touched(edit)).toEqual(expected);
    });
  }

  it('R26: a flag that is removed and comes back has a new revision', () => {
    const first = compileOk(authoredOf({ ...BASE, extra: true }));
    const second = compileOk(authoredOf(BASE), first.entries, 2);
    const third = compileOk(authoredOf({ ...BASE, extra: true }), second.entries, 3);
    expect(byKey(third.entries).get('a.extra')?.r).toBe(3);
  });
});

it('the marketplace compiles, is read without a fault, and does not change when it is compiled again', () => {
  const compiled = compiledMarketplace();
  expect(readLines(compiled.lines, 1).faults()).toEqual([]);
  expect(compileOk(authoredMarketplace(), compiled.entries, 2).lines).toBe(compiled.lines);
});
