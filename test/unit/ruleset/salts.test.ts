import { describe, expect, it } from 'vitest';
import { saltSeed } from '#core/bucket';
import { seedOf } from '#ruleset/write/seeds';
import { booleanFlag, compileOk, flagIn, mistakesIn, rampFlag, textFlag, tryCompile } from '../fixtures/authored.ts';

/** Two salts whose hashes are equal: found by hashing one after another until one comes up again. */
function collidingSalts(): readonly [string, string] {
  const first = new Map<number, string>();
  for (let at = 0; ; at++) {
    const salt = `s${at.toString(36)}`;
    const other = first.get(saltSeed(salt));
    if (other !== undefined) return [other, salt];
    first.set(saltSeed(salt), salt);
  }
}
const [ONE, OTHER] = collidingSalts();

const messagesOf = (
  input: Parameters<typeof tryCompile>[0],
  previous: Parameters<typeof tryCompile>[1] = [],
): string[] => {
  const result = tryCompile(input, previous, 2);
  return result.ok ? [] : result.error.map(({ path, message }) => `${path.join('/')}: ${message}`);
};

describe('given two salts that hash alike', () => {
  const pair = (fields: object = {}): unknown => ({
    flags: { 'a.one': booleanFlag({ salt: ONE, ...fields }), 'a.two': booleanFlag({ salt: OTHER, ...fields }) },
  });

  it('R30: they are two texts of one hash', () => {
    expect(ONE).not.toBe(OTHER);
    expect(saltSeed(ONE)).toBe(saltSeed(OTHER));
  });

  it('R30: refuses two flags that have them, and the same salt twice', () => {
    const message =
      'hashes like that of a.one, so the two would share every cohort; take another, or name one cohortGroup in both';
    expect(mistakesIn(pair())).toEqual([`flags/a.two/salt: ${message}`]);
    expect(mistakesIn({ flags: { 'a.one': booleanFlag(), 'a.two': booleanFlag() } })).toEqual([
      `flags/a.two/salt: ${message}`,
    ]);
  });

  it('R30: takes them where both flags name the same cohort group', () => {
    expect(mistakesIn(pair({ cohortGroup: 'group' }))).toEqual([]);
    const [one, two] = [booleanFlag({ salt: ONE, cohortGroup: 'g' }), booleanFlag({ salt: OTHER, cohortGroup: 'h' })];
    expect(mistakesIn({ flags: { 'a.one': one, 'a.two': two } })).toHaveLength(1);
    expect(mistakesIn({ flags: { 'a.one': one, 'a.two': booleanFlag({ salt: OTHER }) } })).toHaveLength(1);
  });

  it('R30: refuses them between a flag, a layer and a holdout too', () => {
    const layers = { l: { description: 'd', salt: OTHER, slices: {} } };
    const holdouts = { h: { description: 'd', salt: OTHER, percent: 1 } };
    const flags = { 'a.one': booleanFlag({ salt: ONE, cohortGroup: 'group' }) };
    expect(mistakesIn({ flags, layers })).toHaveLength(1);
    expect(mistakesIn({ flags, holdouts })).toHaveLength(1);
    expect(mistakesIn({ layers, holdouts })).toHaveLength(1);
  });
});

describe('given a flag that was compiled', () => {
  it('R30: refuses another salt where users were split by the old one', () => {
    const { entries } = compileOk({ flags: { 'a.flag': rampFlag(5) } });
    expect(messagesOf({ flags: { 'a.flag': rampFlag(5, { salt: 'another' }) } }, entries)).toEqual([
      `flags/a.flag/salt: is immutable: it was one of seed ${seedOf('salt-1')}, and another salt gives every user another bucket`,
    ]);
  });

  it('R30: refuses another value under the name of a variation that there was', () => {
    const { entries } = compileOk({ flags: { 'a.flag': textFlag(['a', 'b']) } });
    const flag = textFlag(['a', 'b'], { variations: { a: 'a', b: 'changed' } });
    expect(messagesOf({ flags: { 'a.flag': flag } }, entries)).toEqual([
      'flags/a.flag/variations/b: is immutable: add a variation of another name with the new value, and shift traffic to it',
    ]);
  });

  it('R30: refuses another type under the name of a flag that there was', () => {
    const { entries } = compileOk({ flags: { 'a.flag': booleanFlag() } });
    const flag = booleanFlag({ type: 'string', variations: { off: 'off', on: 'on' } });
    expect(messagesOf({ flags: { 'a.flag': flag } }, entries)).toHaveLength(2);
  });

  it('R30: takes new variations, fewer, and others in another order', () => {
    const { entries } = compileOk({ flags: { 'a.flag': textFlag(['a', 'b']) } });
    for (const names of [['a', 'b', 'c'], ['a'], ['b', 'a']]) {
      expect(messagesOf({ flags: { 'a.flag': textFlag(names) } }, entries), names.join()).toEqual([]);
    }
  });

  it('R30: the id of a variation is that of its value, however its keys are ordered', () => {
    const object = (value: object): string | undefined => {
      const flag = booleanFlag({
        type: 'object',
        variations: { a: value as never },
        off: 'a',
        fallthrough: { serve: 'a' },
      });
      return flagIn(compileOk({ flags: { 'a.flag': flag } }), 'a.flag').v?.[0]?.[2];
    };
    expect(object({ x: 1, y: [1, { b: 1, a: 2 }] })).toBe(object({ y: [1, { a: 2, b: 1 }], x: 1 }));
    expect(object({ x: 1 })).not.toBe(object({ x: 2 }));
    expect(object({ x: 1.0 })).toBe(object({ x: 1 }));
  });

  it('R30: a boolean flag has the ids that a reader supplies where the variations are left out', () => {
    const { lines } = compileOk({ flags: { 'a.flag': booleanFlag() } });
    expect(lines).not.toContain('"v"');
    const spelled = booleanFlag({ variations: { off: false, on: true } });
    expect(compileOk({ flags: { 'a.flag': spelled } }).lines).toBe(lines);
  });
});
