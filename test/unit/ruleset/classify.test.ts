import { describe, expect, it } from 'vitest';
import { type ChangeClass, classify, contentDigests } from '#ruleset/write/classify';
import type { AuthoredInput } from '#schema/authored';
import type { Entry } from '#schema/entry';
import { booleanFlag, compileOk, type FlagInput, rampFlag, segment, textFlag } from '../fixtures/authored.ts';

const RULE = { id: 'r', when: [{ attribute: 'plan', op: 'in' as const, values: ['gold'] }], serve: 'on' };
const PLAIN = { serve: 'on' };
const SPLIT_RULE = { ...RULE, serve: undefined, split: { rest: 'off', weights: { on: 10 } } };

const classOf = (before: AuthoredInput, after: AuthoredInput, key = 'a.flag'): ChangeClass | undefined => {
  const previous = compileOk(before, [], 1).entries;
  return classify(previous, compileOk(after, previous, 2).entries).get(key);
};
const flags = (flag: FlagInput): AuthoredInput => ({ flags: { 'a.flag': flag } });
const texts = (fields: Partial<FlagInput> = {}): FlagInput => textFlag(['a', 'b'], fields);

/** What is edited, the flag before and after, and the class of the change. */
const EDITS: readonly (readonly [string, FlagInput, FlagInput, ChangeClass | undefined])[] = [
  ['nothing', rampFlag(5), rampFlag(5), undefined],
  ['the description', rampFlag(5), rampFlag(5, { description: 'Another.' }), undefined],
  ['a weight that grows', rampFlag(5), rampFlag(25), 'move'],
  ['a weight that shrinks', rampFlag(25), rampFlag(5), 'move'],
  ['a weight to 0', rampFlag(25), rampFlag(0), 'move'],
  ['a weight to 100', rampFlag(25), rampFlag(100), 'move'],
  ['being enabled', rampFlag(5, { enabled: false }), rampFlag(5), 'move'],
  ['being disabled', rampFlag(5), rampFlag(5, { enabled: false }), 'move'],
  ['the variation that the fallthrough serves', booleanFlag(), booleanFlag({ fallthrough: PLAIN }), 'move'],
  [
    'the variation that a rule serves',
    booleanFlag({ rules: [RULE] }),
    booleanFlag({ rules: [{ ...RULE, serve: 'off' }] }),
    'move',
  ],
  [
    'the weight of a rule',
    booleanFlag({ rules: [SPLIT_RULE] }),
    booleanFlag({ rules: [{ ...SPLIT_RULE, split: { rest: 'off', weights: { on: 20 } } }] }),
    'move',
  ],
  ['a new rule', booleanFlag(), booleanFlag({ rules: [RULE] }), 'content'],
  ['a rule that goes', booleanFlag({ rules: [RULE] }), booleanFlag(), 'content'],
  [
    'the clauses of a rule',
    booleanFlag({ rules: [RULE] }),
    booleanFlag({ rules: [{ ...RULE, when: [{ attribute: 'plan', op: 'exists' }] }] }),
    'content',
  ],
  ['the id of a rule', booleanFlag({ rules: [RULE] }), booleanFlag({ rules: [{ ...RULE, id: 'other' }] }), 'content'],
  [
    'the order of rules',
    booleanFlag({ rules: [RULE, { ...RULE, id: 'x' }] }),
    booleanFlag({ rules: [{ ...RULE, id: 'x' }, RULE] }),
    'content',
  ],
  ['a new variation', texts(), textFlag(['a', 'b', 'c']), 'content'],
  ['a split where there was none', booleanFlag(), rampFlag(5), 'content'],
  ['no split where there was one', rampFlag(5), booleanFlag(), 'content'],
  [
    'the kind that a split goes by',
    rampFlag(5),
    booleanFlag({ fallthrough: { split: { by: 'account', rest: 'off', weights: { on: 5 } } } }),
    'content',
  ],
  ['individual targets', booleanFlag(), booleanFlag({ targets: [{ variation: 'on', keys: ['u'] }] }), 'content'],
  ['consistency', booleanFlag(), booleanFlag({ consistency: 'session' }), 'content'],
  ['visibility', booleanFlag(), booleanFlag({ visibility: 'client' }), 'content'],
];

describe('given two versions of a flag', () => {
  for (const [name, before, after, expected] of EDITS) {
    it(`R9: ${name} is ${expected ?? 'no change'}`, () => expect(classOf(flags(before), flags(after))).toBe(expected));
  }

  it('R9: a flag that is added or removed is content', () => {
    expect(classOf({}, flags(booleanFlag()))).toBe('content');
    expect(classOf(flags(booleanFlag()), {})).toBe('content');
  });

  it('R9: a move together with a new rule is content', () => {
    expect(classOf(flags(rampFlag(5)), flags(rampFlag(25, { rules: [RULE] })))).toBe('content');
  });
});

describe('given what flags use', () => {
  const member = { id: 'r', when: [{ segment: 's' }], serve: 'on' };
  const withSegment = (included: string[]): AuthoredInput => ({
    segments: { s: segment({ included }), unused: segment() },
    flags: { 'a.flag': booleanFlag({ rules: [member] }), 'b.flag': booleanFlag({ salt: 'salt-b' }) },
  });

  it('R9: a change of a segment is content of the flags that use it and of no other', () => {
    const previous = compileOk(withSegment(['u'])).entries;
    const next = compileOk(withSegment(['u', 'v']), previous, 2).entries;
    expect([...classify(previous, next)]).toEqual([['a.flag', 'content']]);
  });

  it('R9: revisions alone make no change', () => {
    const previous = compileOk(withSegment(['u'])).entries;
    const restamped = previous.map((entry): Entry => ({ ...entry, r: 9 }));
    expect(classify(previous, restamped).size).toBe(0);
  });

  it('R9: a move of a prerequisite is a move of the flags that need it, also through another', () => {
    const chain = (percent: number): AuthoredInput => ({
      flags: {
        'a.base': rampFlag(percent, { salt: 'salt-a' }),
        'b.middle': booleanFlag({ salt: 'salt-b', prerequisites: [{ flag: 'a.base', variations: ['on'] }] }),
        'c.top': booleanFlag({ salt: 'salt-c', prerequisites: [{ flag: 'b.middle', variations: ['on'] }] }),
      },
    });
    const previous = compileOk(chain(5)).entries;
    const classes = classify(previous, compileOk(chain(10), previous, 2).entries);
    expect(Object.fromEntries(classes)).toEqual({ 'a.base': 'move', 'b.middle': 'move', 'c.top': 'move' });
  });

  it('R9: the share of a holdout and the slice of a layer are moves; a new holdout is content', () => {
    const set = (percent: number, slice: number, holdout?: string): AuthoredInput => ({
      holdouts: { h: { description: 'd', salt: 'h', percent } },
      layers: { l: { description: 'd', salt: 'l', slices: { 'a.flag': slice } } },
      flags: { 'a.flag': booleanFlag(holdout === undefined ? {} : { holdout }) },
    });
    expect(classOf(set(1, 10, 'h'), set(2, 10, 'h'))).toBe('move');
    expect(classOf(set(1, 10, 'h'), set(1, 20, 'h'))).toBe('move');
    expect(classOf(set(1, 10), set(1, 10, 'h'))).toBe('content');
    expect(classOf(set(1, 10), set(2, 10))).toBeUndefined();
  });
});

describe('given what served before', () => {
  const first = compileOk(flags(rampFlag(5))).entries;
  const second = compileOk(flags(rampFlag(25, { rules: [RULE] })), first, 2).entries;
  const third = compileOk(flags(rampFlag(5)), second, 3).entries;
  const history = contentDigests(first);
  const served = (key: string, digest: string): boolean => history.get(key) === digest;

  it('R9: going back to it is a return, though its revision is new', () => {
    expect(third).not.toEqual(first);
    expect([...classify(second, third, served)]).toEqual([['a.flag', 'return']]);
    expect([...classify(second, third)]).toEqual([['a.flag', 'content']]);
  });

  it('R9: going forward to something else is none', () => {
    expect([...classify(first, second, served)]).toEqual([['a.flag', 'content']]);
  });

  it('R9: it is none where what it uses is not what it was', () => {
    const set = (included: string[], percent: number): AuthoredInput => ({
      segments: { s: segment({ included }) },
      flags: { 'a.flag': rampFlag(percent, { rules: [{ ...RULE, when: [{ segment: 's' }] }] }) },
    });
    const one = compileOk(set(['u'], 5)).entries;
    const two = compileOk(set(['u'], 25), one, 2).entries;
    const before = contentDigests(one);
    const wasServed = (key: string, digest: string): boolean => before.get(key) === digest;
    expect(classify(two, compileOk(set(['u'], 5), two, 3).entries, wasServed).get('a.flag')).toBe('return');
    expect(classify(two, compileOk(set(['v'], 5), two, 3).entries, wasServed).get('a.flag')).toBe('content');
  });

  it('R9: digests are of flags alone, and leave revisions out', () => {
    const withSegments = compileOk({ segments: { s: segment() }, flags: { 'a.flag': rampFlag(5) } }).entries;
    expect([...contentDigests(withSegments).keys()]).toEqual(['a.flag']);
    expect(contentDigests(third)).toEqual(history);
  });
});
