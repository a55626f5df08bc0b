/**
 * A map that is never changed: what `set` and `remove` give shares all but a few small nodes with what they were given. So a change among
 * many thousand items costs the same as among ten, and what was before is still there to compare with.
 */
import { xxh32 } from '#core/xxh32';

export interface PersistentMap<V> {
  readonly size: number;
  readonly root: Node<V>;
}

type Node<V> = Leaf<V> | Branch<V>;

interface Leaf<V> {
  readonly entries: ReadonlyMap<string, V>;
  readonly children?: undefined;
}

/** Children by five bits of the key's hash each. */
interface Branch<V> {
  readonly children: readonly Node<V>[];
}

const BITS = 5;
const FAN = 1 << BITS;
/** A leaf with more is split, as long as the hash has bits left. */
const FULL = 16;
const DEEPEST = 6;

const NONE: Leaf<never> = { entries: new Map<string, never>() };
const EMPTY: PersistentMap<never> = { size: 0, root: NONE };

export const emptyMap = <V>(): PersistentMap<V> => EMPTY;

export const mapOf = <V>(entries: Iterable<readonly [string, V]>): PersistentMap<V> => {
  let map: PersistentMap<V> = EMPTY;
  for (const [key, value] of entries) map = set(map, key, value);
  return map;
};

export function get<V>({ root }: PersistentMap<V>, key: string): V | undefined {
  let node = root;
  if (node.children !== undefined) {
    let hash = xxh32(key, 0);
    while (node.children !== undefined) {
      node = node.children[hash & (FAN - 1)] as Node<V>;
      hash >>>= BITS;
    }
  }
  return node.entries.get(key);
}

export const has = (map: PersistentMap<unknown>, key: string): boolean => get(map, key) !== undefined;

export function set<V>(map: PersistentMap<V>, key: string, value: V): PersistentMap<V> {
  const size = map.size + (get(map, key) === undefined ? 1 : 0);
  return { size, root: put(map.root, xxh32(key, 0), 0, (entries) => void entries.set(key, value)) };
}

export function remove<V>(map: PersistentMap<V>, key: string): PersistentMap<V> {
  if (get(map, key) === undefined) return map;
  return { size: map.size - 1, root: put(map.root, xxh32(key, 0), 0, (entries) => void entries.delete(key)) };
}

/** In no particular order. */
export function* entriesOf<V>({ root }: PersistentMap<V>): Generator<readonly [string, V]> {
  const pending: Node<V>[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.children === undefined) yield* node.entries;
    else pending.push(...node.children);
  }
}

/** In ascending order of key, by code unit. */
export const sortedEntries = <V>(map: PersistentMap<V>): (readonly [string, V])[] =>
  [...entriesOf(map)].sort(([a], [b]) => (a < b ? -1 : 1));

function put<V>(node: Node<V>, hash: number, depth: number, edit: (entries: Map<string, V>) => void): Node<V> {
  if (node.children !== undefined) {
    const at = hash & (FAN - 1);
    const children = node.children.slice();
    children[at] = put(node.children[at] as Node<V>, hash >>> BITS, depth + 1, edit);
    return { children };
  }
  const entries = new Map(node.entries);
  edit(entries);
  return entries.size > FULL && depth < DEEPEST ? split(entries, depth) : { entries };
}

function split<V>(entries: ReadonlyMap<string, V>, depth: number): Branch<V> {
  const parts = Array.from({ length: FAN }, () => new Map<string, V>());
  for (const [key, value] of entries) {
    const at = (xxh32(key, 0) >>> (BITS * depth)) & (FAN - 1);
    (parts[at] as Map<string, V>).set(key, value);
  }
  return { children: parts.map((part) => (part.size === 0 ? NONE : { entries: part })) };
}

/** The keys whose values are others, and what they are now (undefined: gone). Nodes that both maps share are not looked into. */
export function* changesBetween<V>(
  before: PersistentMap<V>,
  after: PersistentMap<V>,
): Generator<readonly [key: string, value: V | undefined]> {
  const pending: [Node<V>, Node<V>][] = [[before.root, after.root]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [old, next] = pair;
    if (old === next) continue;
    if (old.children !== undefined && next.children !== undefined) {
      for (let at = 0; at < FAN; at++) pending.push([old.children[at] as Node<V>, next.children[at] as Node<V>]);
      continue;
    }
    const [was, is] = [collected(old), collected(next)];
    for (const [key, value] of is) if (was.get(key) !== value) yield [key, value];
    for (const key of was.keys()) if (!is.has(key)) yield [key, undefined];
  }
}

const collected = <V>(root: Node<V>): ReadonlyMap<string, V> =>
  root.children === undefined ? root.entries : new Map(entriesOf({ root, size: 0 }));
