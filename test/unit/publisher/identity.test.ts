import { describe, expect, it } from 'vitest';
import { variationId } from '#ruleset/write/digest';
import { seedOf } from '#ruleset/write/seeds';
import type { Entry } from '#schema/entry';
import { type Identity, identityIssues, newIdentities } from '../../../workers/publisher/identity.ts';
import { flag, ramp, segment, texts } from './fixtures/entries.ts';

/** What is known after these sets were published, one after the other. */
function knownAfter(...sets: readonly (readonly Entry[])[]): (key: string) => Identity | undefined {
  const known = new Map<string, Identity>();
  for (const entries of sets) {
    for (const [key, identity] of newIdentities(entries, (one) => known.get(one))) known.set(key, identity);
  }
  return (key) => known.get(key);
}

/** `key: message` of what contradicts what was published before, last of all `entries`. */
const issuesAfter = (before: readonly (readonly Entry[])[], entries: readonly Entry[]): string[] =>
  identityIssues(entries, knownAfter(...before)).map(({ key, message }) => `${key}: ${message}`);

const holdout = (salt: string): Entry => flag('a.flag', 0, { h: ['q4', salt, 2_000] });
const layer = (k: string, salt: string): Entry => flag(k, 0, { l: ['experiments', salt, [0, 1_000]] });

describe('R30: the salt of a flag that was published', () => {
  it('is kept', () => {
    expect(issuesAfter([[ramp('a', 5)]], [ramp('a', 50)])).toEqual([]);
    expect(issuesAfter([[ramp('a', 5)]], [ramp('a', 5, { s: 'another' })])).toEqual([
      'a: salt is immutable: it was "salt of a"',
    ]);
  });

  it('is the same where its line has the seed instead', () => {
    const seeded = (z: number): Entry => ramp('a', 5, { s: undefined, z });
    const seed = seedOf('salt of a');
    expect(issuesAfter([[ramp('a', 5)]], [seeded(seed)])).toEqual([]);
    expect(issuesAfter([[seeded(seed)], [flag('a')]], [ramp('a', 5)])).toEqual([]);
    expect(issuesAfter([[seeded(seed)]], [seeded(7)])).toEqual([`a: salt is immutable: it was one of seed ${seed}`]);
    expect(issuesAfter([[ramp('a', 5)]], [seeded(7)])).toEqual(['a: salt is immutable: it was "salt of a"']);
  });

  it('is kept over times in which its line has none', () => {
    const whole = flag('a', 1);
    expect(issuesAfter([[ramp('a', 5)], [whole]], [ramp('a', 5)])).toEqual([]);
    expect(issuesAfter([[ramp('a', 5)], [whole]], [ramp('a', 5, { s: 'another' })])).toHaveLength(1);
  });

  it('is kept over times in which there is no such flag', () => {
    expect(issuesAfter([[ramp('a', 5)], []], [ramp('a', 5)])).toEqual([]);
    expect(issuesAfter([[ramp('a', 5)], [], [flag('b')]], [ramp('a', 5, { s: 'another' })])).toHaveLength(1);
  });

  it('may come where there was none', () => {
    expect(issuesAfter([[flag('a')]], [ramp('a', 5)])).toEqual([]);
  });
});

describe('R30: the salts of a layer and of a holdout', () => {
  it('are kept', () => {
    expect(issuesAfter([[holdout('one')]], [holdout('one')])).toEqual([]);
    expect(issuesAfter([[holdout('one')], [flag('a.flag')]], [holdout('two')])).toEqual([
      'a.flag: holdout q4: salt is immutable: it was "one"',
    ]);
    expect(issuesAfter([[layer('a', 'one')], []], [layer('b', 'two')])).toEqual([
      'b: layer experiments: salt is immutable: it was "one"',
    ]);
  });

  it('are the same in all flags', () => {
    expect(issuesAfter([], [layer('a', 'one'), layer('b', 'one')])).toEqual([]);
    expect(issuesAfter([], [layer('a', 'one'), layer('b', 'two')])).toEqual([
      'b: layer experiments: salt is immutable: it was "one"',
    ]);
  });

  it('are not those of flags, whatever their names', () => {
    expect(issuesAfter([[layer('a', 'one')]], [ramp('experiments', 5), ramp('q4', 5)])).toEqual([]);
  });
});

describe('R30: a name that was used', () => {
  it('is given no other value under a variation that there is', () => {
    const before = texts('a', { x: 'one', y: 'two' });
    expect(issuesAfter([[before]], [texts('a', { y: 'two', z: 'three' })])).toEqual([]);
    expect(issuesAfter([[before]], [texts('a', { x: 'one', y: 'other' })])).toEqual([
      'a: variation y is immutable: it had another value',
    ]);
    expect(issuesAfter([[before], []], [texts('a', { y: 'other' })])).toHaveLength(1);
  });

  it('is given no other value under the names that a boolean flag has without listing them', () => {
    const swapped = flag('a', 0, {
      v: [
        ['off', true, variationId(true)],
        ['on', false, variationId(false)],
      ],
    });
    expect(issuesAfter([[flag('a')]], [swapped])).toHaveLength(2);
  });

  it('is given no other type, even after it was taken away', () => {
    expect(issuesAfter([[flag('a')], []], [texts('a', { x: 'one' })])).toEqual([
      'a: variations were of type boolean, and are of type string',
    ]);
  });

  it('is free where it was a segment’s', () => {
    expect(issuesAfter([[segment('a', ['user-1'])]], [ramp('a', 5)])).toEqual([]);
    expect(issuesAfter([[segment('a', ['user-1'])]], [segment('a', ['user-2'])])).toEqual([]);
  });
});

describe('what is to be remembered', () => {
  it('is what is new, and nothing else', () => {
    const known = knownAfter([ramp('a', 5), flag('b')]);
    expect([...newIdentities([ramp('a', 50), flag('b'), flag('c')], known).keys()]).toEqual(['c']);
    expect([...newIdentities([flag('a', 1)], known).keys()]).toEqual([]);
  });
});
