import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changesBetween,
  emptyMap,
  entriesOf,
  get,
  type PersistentMap,
  remove,
  set,
  sortedEntries,
} from '#control/persistent-map';

const edits = fc.array(
  fc.tuple(
    fc.nat(200).map((at) => `key-${at}`),
    fc.option(fc.nat(9), { nil: undefined }),
  ),
  { maxLength: 400 },
);

const applied = (
  map: PersistentMap<number>,
  list: readonly (readonly [string, number | undefined])[],
): PersistentMap<number> =>
  list.reduce((all, [key, value]) => (value === undefined ? remove(all, key) : set(all, key, value)), map);

describe('a persistent map', () => {
  it('holds what a map holds', () => {
    fc.assert(
      fc.property(edits, (list) => {
        const plain = new Map<string, number>();
        for (const [key, value] of list) value === undefined ? plain.delete(key) : plain.set(key, value);
        const map = applied(emptyMap(), list);
        expect(map.size).toBe(plain.size);
        expect(new Map(entriesOf(map))).toEqual(plain);
        expect(sortedEntries(map)).toEqual([...plain].sort(([a], [b]) => (a < b ? -1 : 1)));
        for (const [key, value] of plain) expect(get(map, key)).toBe(value);
      }),
    );
  });

  it('tells what differs between two of them, and leaves the earlier one as it was', () => {
    fc.assert(
      fc.property(edits, edits, (list, more) => {
        const before = applied(emptyMap(), list);
        const earlier = new Map(entriesOf(before));
        const after = applied(before, more);
        const changes = new Map(changesBetween(before, after));
        for (const [key, value] of changes) expect(get(before, key)).not.toBe(value);
        const restored = applied(before, [...changes]);
        expect(new Map(entriesOf(restored))).toEqual(new Map(entriesOf(after)));
        expect(new Map(entriesOf(before))).toEqual(earlier);
      }),
    );
  });

  it('shares all but a few nodes with what it was made from', () => {
    const list = Array.from({ length: 5_000 }, (_, at) => [`key-${at}`, at] as const);
    const before = applied(emptyMap(), list);
    const after = set(before, 'key-17', -1);
    const nodes = (map: PersistentMap<number>): Set<object> => {
      const found = new Set<object>();
      const pending: PersistentMap<number>['root'][] = [map.root];
      for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
        found.add(node);
        pending.push(...(node.children ?? []));
      }
      return found;
    };
    const shared = nodes(before);
    expect([...nodes(after)].filter((node) => !shared.has(node)).length).toBeLessThanOrEqual(7);
    expect([...changesBetween(before, after)]).toEqual([['key-17', -1]]);
  });
});
