import { describe, expect, it } from 'vitest';
import { contentDigests } from '#ruleset/write/classify';
import { entryLines } from '#ruleset/write/line';
import { stampRevisions } from '#ruleset/write/revisions';
import type { Entry } from '#schema/entry';
import { type History, planReturn, type ReturnRequest } from '../../../workers/publisher/plan-return.ts';
import { flag, forSegment, ramp, segment } from './fixtures/entries.ts';
import { errorIn, valueIn } from './fixtures/press.ts';

/** Sets in force one after the other, the first as `first`; those at `returns` came by a return. */
function lived(sets: readonly (readonly Entry[])[], { first = 1, returns = [] as readonly number[] } = {}) {
  const versions: (readonly Entry[])[] = [];
  const served = new Set<string>();
  sets.forEach((entries, at) => {
    const before = new Map((versions[at - 1] ?? []).map((entry) => [entry.k, entry]));
    versions.push(stampRevisions(entries, before, first + at));
    for (const [key, digest] of contentDigests(entries)) served.add(`${key} ${digest}`);
  });
  const at = (version: number): readonly Entry[] => versions[version - first] ?? [];
  const entryAt = (key: string, version: number): Entry | undefined => at(version).find(({ k }) => k === key);
  const last = first + sets.length - 1;
  const history: History = {
    first,
    entryAt,
    entriesAt: at,
    lastChange: (key) =>
      Array.from({ length: sets.length }, (_, back) => last - back).find(
        (version) => JSON.stringify(entryAt(key, version)) !== JSON.stringify(entryAt(key, version - 1)),
      ),
    returnOf: (version) => (returns.includes(version) ? version + 100 : undefined),
    baseOf: (version) => version - 1,
    served: (key, digest) => served.has(`${key} ${digest}`),
  };
  const force = { version: last, lines: entryLines(at(last)) };
  return (request: Partial<ReturnRequest>) => planReturn({ reason: 'r', ...request } as ReturnRequest, force, history);
}

const back = (plan: ReturnType<ReturnType<typeof lived>>) => {
  const value = valueIn(plan);
  return value && { version: value.version, lines: value.lines, changes: value.changes };
};

describe('R8: the return of a flag', () => {
  it('gives what served before its present revision, whatever came in between', () => {
    const order = lived([
      [ramp('a', 5), flag('b')],
      [ramp('a', 50), flag('b')],
      [ramp('a', 50), flag('b', 1)],
    ]);
    expect(back(order({ flags: ['a'] }))).toEqual({
      version: 4,
      lines: entryLines([
        { ...ramp('a', 5), r: 4 },
        { ...flag('b', 1), r: 3 },
      ]),
      changes: { a: 'return' },
    });
  });

  it('gives what served at a version', () => {
    const order = lived([[ramp('a', 1)], [ramp('a', 5)], [ramp('a', 50)]]);
    expect(back(order({ flags: ['a'], version: 1 }))?.lines).toContain('[1,1,0,100000]');
    expect(back(order({ flags: ['a'], version: 2 }))?.lines).toContain('[1,5,0,100000]');
  });

  it('takes along all that it refers to', () => {
    const needs = flag('a', 1, { p: [['b', ['on']]] });
    const order = lived([
      [needs, forSegment('b', 's'), segment('s', ['user-1'])],
      [{ ...needs, f: 0 }, forSegment('b', 's'), segment('s', ['user-2'])],
    ]);
    expect(back(order({ flags: ['a'] }))).toEqual({
      version: 3,
      lines: entryLines([needs, forSegment('b', 's'), segment('s', ['user-1'])].map((entry) => ({ ...entry, r: 3 }))),
      changes: { a: 'return', b: 'return' },
    });
  });

  it('takes away one that its present revision brought: that there was none is what served', () => {
    const order = lived([[flag('a')], [flag('a'), flag('b', 1)]]);
    expect(back(order({ flags: ['b'] }))).toMatchObject({
      lines: '{"k":"a","r":1,"o":0,"f":0}\n',
      changes: { b: 'return' },
    });
  });

  it('brings back one that was taken away', () => {
    const order = lived([[flag('a'), ramp('b', 5)], [flag('a')], [flag('a', 1)]]);
    expect(back(order({ flags: ['b'] }))).toMatchObject({
      lines: entryLines([
        { ...flag('a', 1), r: 3 },
        { ...ramp('b', 5), r: 4 },
      ]),
      changes: { b: 'return' },
    });
  });

  it('changes nothing where it is as it was', () => {
    const order = lived([[flag('a')], [flag('a', 1)], [flag('a')]]);
    expect(valueIn(order({ flags: ['a'], version: 1 }))).toBeUndefined();
  });

  it('is not undone by the same order, given again', () => {
    const order = lived([[flag('a')], [flag('a', 1)], [flag('a')]], { returns: [3] });
    expect(errorIn(order({ flags: ['a'] }))).toEqual({
      code: 'returned-already',
      flag: 'a',
      version: 3,
      journalId: 103,
    });
    expect(back(order({ flags: ['a'], version: 2 }))?.changes).toEqual({ a: 'return' });
  });
});

describe('the return of several flags', () => {
  it('gives each what served before its own present revision', () => {
    const order = lived([
      [flag('a'), flag('b')],
      [flag('a', 1), flag('b')],
      [flag('a', 1), flag('b', 1)],
    ]);
    expect(back(order({ flags: ['a', 'b'] }))?.changes).toEqual({ a: 'return', b: 'return' });
    expect(back(order({ flags: ['a', 'b'] }))?.lines).toBe(
      entryLines([
        { ...flag('a'), r: 4 },
        { ...flag('b'), r: 4 },
      ]),
    );
  });

  it('is refused where they need different versions of what they share', () => {
    const order = lived([
      [forSegment('a', 's'), forSegment('b', 's'), segment('s', ['user-1'])],
      [{ ...forSegment('a', 's'), e: 0 as const }, forSegment('b', 's'), segment('s', ['user-1'])],
      [{ ...forSegment('a', 's'), e: 0 as const }, forSegment('b', 's'), segment('s', ['user-2'])],
    ]);
    const flags = ['a', 'b'];
    expect(back(order({ flags }))?.changes).toEqual({ a: 'return', b: 'return' });
    const later = lived([
      [forSegment('a', 's'), flag('b'), segment('s', ['user-1'])],
      [flag('a'), forSegment('b', 's'), segment('s', ['user-2'])],
      [flag('a'), { ...forSegment('b', 's'), e: 0 as const }, segment('s', ['user-2'])],
    ]);
    expect(errorIn(later({ flags }))).toEqual({ code: 'versions-differ', key: 'segment:s', flags });
  });
});

describe('R9, I10: it only ever goes back to what served before', () => {
  it('refuses to give another flag what never served, and names it', () => {
    const order = lived([
      [forSegment('a', 's'), forSegment('b', 's'), segment('s', ['user-1'])],
      [forSegment('a', 's'), forSegment('b', 's'), segment('s', ['user-2'])],
      [forSegment('a', 's'), { ...forSegment('b', 's'), o: 1 }, segment('s', ['user-2'])],
    ]);
    expect(errorIn(order({ flags: ['a'] }))).toEqual({ code: 'not-a-return', changes: { b: 'content' } });
    expect(back(order({ flags: ['a', 'b'], version: 1 }))?.changes).toEqual({ a: 'return', b: 'return' });
  });

  it('refuses to leave a flag without what it refers to', () => {
    const needs = flag('b', 0, { p: [['a', ['on']]] });
    const order = lived([[flag('c')], [flag('c'), flag('a')], [flag('c'), flag('a'), needs]]);
    expect(errorIn(order({ flags: ['a'] }))).toMatchObject({ code: 'invalid-entries', issues: [{ key: 'b' }] });
  });

  it('refuses where nothing is known from before', () => {
    expect(errorIn(lived([[flag('a')], [flag('a'), flag('b')]])({ flags: ['a'] }))).toEqual({
      code: 'nothing-before',
      flag: 'a',
      revision: 1,
    });
    const adopted = lived([[flag('a')], [flag('a', 1)]], { first: 57 });
    expect(back(adopted({ flags: ['a'] }))?.version).toBe(59);
    expect(errorIn(adopted({ flags: ['a'], version: 56 }))).toMatchObject({
      code: 'unknown-version',
      first: 57,
      last: 57,
    });
  });

  it.each([0, 3, 4])('refuses version %i of three', (version) => {
    const order = lived([[flag('a')], [flag('a', 1)], [flag('a')]]);
    expect(errorIn(order({ version }))).toEqual({ code: 'unknown-version', version, first: 1, last: 2 });
  });

  it('refuses flags that never were', () => {
    const order = lived([[flag('a')], [flag('a', 1)]]);
    expect(errorIn(order({ flags: ['a', 'x', 'y'] }))).toEqual({ code: 'unknown-flags', flags: ['x', 'y'] });
  });

  it('refuses where nothing is in force', () => {
    expect(errorIn(planReturn({ version: 1, reason: 'r' }, undefined, {} as History))).toEqual({
      code: 'nothing-in-force',
    });
  });
});

describe('the return of the whole ruleset', () => {
  const first = [ramp('a', 5), flag('b'), segment('s', ['user-1'])];
  const order = lived([first, [ramp('a', 50), segment('s', ['user-1', 'user-2'])], [flag('c', 1)]]);

  it('gives all that served at a version, and takes away what did not', () => {
    expect(back(order({ version: 1 }))).toEqual({
      version: 4,
      lines: entryLines(first.map((entry) => ({ ...entry, r: 4 }))),
      changes: { a: 'return', b: 'return', c: 'return' },
    });
  });

  it('keeps the revisions of what is as it was', () => {
    const later = lived([
      [flag('a'), flag('b')],
      [flag('a'), flag('b', 1)],
    ]);
    expect(back(later({ version: 1 }))?.lines).toBe(
      entryLines([
        { ...flag('a'), r: 1 },
        { ...flag('b'), r: 3 },
      ]),
    );
  });

  it('changes nothing where all is as it was', () => {
    expect(valueIn(lived([[flag('a')], [flag('a', 1)], [flag('a')]])({ version: 1 }))).toBeUndefined();
  });

  it('R14: goes back to nothing where that was on purpose, and says so', () => {
    expect(valueIn(lived([[], [flag('a')]])({ version: 1 }))).toMatchObject({
      lines: '',
      emptied: true,
      changes: { a: 'return' },
    });
  });
});
