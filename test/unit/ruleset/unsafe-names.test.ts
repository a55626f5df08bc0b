import { describe, expect, it } from 'vitest';
import { parseAuthored } from '#ruleset/write/authored-files';
import { authored } from '#schema/authored';
import { booleanFlag, mistakesIn, segment } from '../fixtures/authored.ts';
import { readerOf } from '../fixtures/lines.ts';
import { UNSAFE_NAMES } from '../fixtures/unsafe-names.ts';

/** An object with an own property of any name, `__proto__` included. */
const holding = (name: string, value: unknown): object =>
  Object.defineProperty({}, name, { value, enumerable: true, configurable: true, writable: true });

const flagWith = (fields: object): unknown => ({ flags: { 'a.flag': { ...booleanFlag(), ...fields } } });
const when = (clause: object): unknown => flagWith({ rules: [{ id: 'r', when: [clause], serve: 'on' }] });

/** Every place where an author names something. */
const PLACES: Readonly<Record<string, (name: string) => unknown>> = {
  flag: (name) => ({ flags: holding(name, booleanFlag()) }),
  'part of a flag key': (name) => ({ flags: { [`a.${name}`]: booleanFlag() } }),
  segment: (name) => ({ segments: holding(name, segment()) }),
  layer: (name) => ({ layers: holding(name, { description: 'd', salt: 's', slices: {} }) }),
  holdout: (name) => ({ holdouts: holding(name, { description: 'd', salt: 's', percent: 1 }) }),
  variation: (name) => flagWith({ type: 'string', variations: { ...holding(name, 'x'), off: 'y' } }),
  'rule id': (name) => flagWith({ rules: [{ id: name, when: [{ attribute: 'a', op: 'exists' }], serve: 'on' }] }),
  attribute: (name) => when({ attribute: name, op: 'exists' }),
  'part of an attribute': (name) => when({ attribute: `a.${name}.b`, op: 'exists' }),
  'listed attribute': (name) => when({ attribute: ['a', name], op: 'exists' }),
  kind: (name) => when({ attribute: 'a', op: 'exists', kind: name }),
  'segment that is used': (name) => when({ segment: name }),
  'holdout that is used': (name) => flagWith({ holdout: name }),
  prerequisite: (name) => flagWith({ prerequisites: [{ flag: name, variations: ['on'] }] }),
  'variation that is served': (name) => flagWith({ fallthrough: { serve: name } }),
  'variation with a weight': (name) => flagWith({ fallthrough: { split: { rest: 'off', weights: holding(name, 5) } } }),
  'slice of a layer': (name) => ({ layers: { l: { description: 'd', salt: 's', slices: holding(name, 5) } } }),
  'field of a flag': (name) => flagWith(holding(name, {})),
  section: (name) => holding(name, {}),
};

describe('given names that every object has', () => {
  for (const [place, input] of Object.entries(PLACES)) {
    it(`B04: refuses each as a ${place}`, () => {
      const taken = [...UNSAFE_NAMES].filter((name) => mistakesIn(input(name)).length === 0);
      expect(taken).toEqual([]);
    });
  }

  it('B04: what is refused for such a name is taken for another', () => {
    for (const place of ['flag', 'segment', 'layer', 'holdout', 'rule id', 'attribute', 'kind']) {
      expect(mistakesIn(PLACES[place]?.('plain')), place).toEqual([]);
    }
  });

  it('B04: refuses a value with a key __proto__, however deep', () => {
    const value: unknown = JSON.parse('{"a":[{"__proto__":{"b":1}}]}');
    expect(mistakesIn(flagWith({ type: 'object', variations: { off: value } }))).not.toEqual([]);
    expect(readerOf([{ k: 'a', r: 1, v: [['a', value, 'aaaaaaaa']], f: 0 }]).faults()).toHaveLength(1);
  });

  it('B04: takes the id of a variation that happens to be such a name: it is a digest, and names no property', () => {
    const reader = readerOf([{ k: 'a', r: 1, v: [['x', 'y', 'toString']], f: 0 }]);
    expect(reader.faults()).toEqual([]);
  });

  it('B04: takes a value with a key constructor or toString as plain data', () => {
    const value = { constructor: 1, toString: 'x', valueOf: null };
    expect(mistakesIn(flagWith({ type: 'object', variations: { off: value, on: {} } }))).toEqual([]);
    expect(readerOf([{ k: 'a', r: 1, v: [['a', value, 'aaaaaaaa']], f: 0 }]).faults()).toEqual([]);
  });

  it('B04: a flag named __proto__ in YAML leaves Object.prototype as it is, in one file and in two', () => {
    const before = Reflect.ownKeys(Object.prototype);
    const text = 'flags:\n  __proto__:\n    polluted: true\n';
    parseAuthored([{ name: 'a.yaml', text }]);
    const twice = parseAuthored([
      { name: 'a.yaml', text },
      { name: 'b.yaml', text },
    ]);
    expect(twice.ok).toBe(false);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
    expect('polluted' in {}).toBe(false);
  });

  it('B04: refuses a flag named __proto__ in YAML', () => {
    const text = 'flags:\n  __proto__:\n    nonsense: true\n';
    expect(parseAuthored([{ name: 'a.yaml', text }]).ok).toBe(false);
  });

  it('B04: the schema does not drop a flag named __proto__ without a word', () => {
    expect(authored.safeParse({ flags: holding('__proto__', { nonsense: true }) }).success).toBe(false);
  });

  it('B04: schema and reader refuse each as a key of a line', () => {
    for (const name of UNSAFE_NAMES) {
      expect(readerOf([{ k: name, r: 1, f: 0 }]).faults(), name).toHaveLength(1);
      expect(readerOf([{ k: `segment:${name}`, r: 1 }]).faults(), name).toHaveLength(1);
    }
  });
});
