/**
 * What lies in EdgeKV. It is eventually consistent: whoever looks sees a write some time after it was made, each POP at a time of its own,
 * and the administration API too. Source: techdocs.akamai.com/edgekv/docs, "10 seconds or less in the majority of cases".
 */
import { createRandom } from '../sandbox/random.ts';
import type { ItemPath } from './key-rules.ts';

export type Network = 'staging' | 'production';

export interface Namespace {
  readonly namespace: string;
  /** 0: for ever. */
  readonly retentionInSeconds: number;
  readonly groupId: number;
  readonly geoLocation: string;
}

export interface StoredValue {
  readonly text: string;
  readonly type: 'application/json' | 'text/plain';
}

/** One write, or one deletion where there is no value. */
interface Write {
  readonly order: number;
  readonly at: number;
  readonly value?: StoredValue;
}

/** What a file can keep of it. */
export interface EdgeKvStoreDump {
  readonly order: number;
  readonly namespaces: readonly (readonly [Network, Namespace])[];
  readonly writes: readonly (readonly [key: string, writes: readonly Write[]])[];
}

export interface EdgeKvStoreOptions {
  /** In milliseconds since 1970. */
  readonly clock: () => number;
  /** The longest that a write takes to be seen; 0: at once. */
  readonly maxDelayMs: number;
  readonly seed: number;
  readonly lag?: ViewerLag;
  readonly restore?: EdgeKvStoreDump;
}

/** How much later than the others a viewer sees what is written (milliseconds). It is not put back behind what it has seen. */
export interface ViewerLag {
  of(viewer: string): number;
  readonly maxMs: number;
}

export interface EdgeKvStore {
  namespace(network: Network, name: string): Namespace | undefined;
  namespaces(network: Network): readonly Namespace[];
  putNamespace(network: Network, namespace: Namespace): void;
  write(network: Network, path: ItemPath, value: StoredValue | undefined): void;
  /** As `viewer` sees it: a POP, or `api`. */
  read(network: Network, path: ItemPath, viewer: string): StoredValue | undefined;
  groups(network: Network, namespace: string, viewer: string): readonly string[];
  items(network: Network, namespace: string, group: string, viewer: string): readonly string[];
  dump(): EdgeKvStoreDump;
}

/** Six months. Source: techdocs.akamai.com/edgekv/docs/limits. */
const DEFAULT: Namespace = { namespace: 'default', retentionInSeconds: 15_724_800, groupId: 0, geoLocation: 'US' };

const NO_LAG: ViewerLag = { of: () => 0, maxMs: 0 };

export function createEdgeKvStore(options: EdgeKvStoreOptions): EdgeKvStore {
  const { clock, maxDelayMs, seed, lag = NO_LAG, restore } = options;
  const namespaces = new Map<string, readonly [Network, Namespace]>();
  const history = new Map<string, readonly Write[]>(restore?.writes);
  /** By key and viewer, the newest write that it has seen. */
  const lastSeen = new Map<string, number>();
  let order = restore?.order ?? 0;

  const put = (network: Network, namespace: Namespace): void =>
    void namespaces.set(`${network}/${namespace.namespace}`, [network, namespace]);
  put('staging', DEFAULT);
  put('production', DEFAULT);
  for (const [network, namespace] of restore?.namespaces ?? []) put(network, namespace);

  const keyOf = (network: Network, { namespace, group, item }: ItemPath): string =>
    `${network}/${namespace}/${group}/${item}`;

  /** The same for the same write and viewer, whoever asks first. */
  const delayMs = (write: Write, viewer: string): number =>
    createRandom(seed ^ hash(`${write.order}/${viewer}`))() * maxDelayMs;

  function seen(key: string, viewer: string): StoredValue | undefined {
    const now = clock();
    const last = lastSeen.get(`${key} ${viewer}`) ?? 0;
    const isSeen = (one: Write): boolean => one.order <= last || one.at + delayMs(one, viewer) + lag.of(viewer) <= now;
    const write = history.get(key)?.findLast(isSeen);
    if (write) lastSeen.set(`${key} ${viewer}`, write.order);
    const [network = '', namespace = ''] = key.split('/');
    const retentionMs = (namespaces.get(`${network}/${namespace}`)?.[1].retentionInSeconds ?? 0) * 1_000;
    const isForgotten = write !== undefined && retentionMs > 0 && write.at + retentionMs <= now;
    return isForgotten ? undefined : write?.value;
  }

  /** What everybody sees something newer than, nobody needs. */
  function compact(writes: readonly Write[], now: number): readonly Write[] {
    const settled = writes.findLastIndex(({ at }) => at + maxDelayMs + lag.maxMs <= now);
    return settled < 0 ? writes : writes.slice(settled);
  }

  const visible = (prefix: string, viewer: string): readonly string[] =>
    [...history.keys()]
      .filter((key) => key.startsWith(prefix) && seen(key, viewer) !== undefined)
      .map((key) => key.slice(prefix.length));

  return {
    namespace: (network, name) => namespaces.get(`${network}/${name}`)?.[1],
    namespaces: (network) => [...namespaces.values()].filter(([one]) => one === network).map(([, value]) => value),
    putNamespace: put,
    write(network, path, value) {
      const key = keyOf(network, path);
      const now = clock();
      const write: Write = { order: ++order, at: now, ...(value && { value }) };
      history.set(key, [...compact(history.get(key) ?? [], now), write]);
    },
    read: (network, path, viewer) => seen(keyOf(network, path), viewer),
    groups: (network, namespace, viewer) => [
      ...new Set(visible(`${network}/${namespace}/`, viewer).map((rest) => rest.split('/', 1)[0] as string)),
    ],
    items: (network, namespace, group, viewer) => visible(`${network}/${namespace}/${group}/`, viewer),
    dump: () => ({ order, namespaces: [...namespaces.values()], writes: [...history] }),
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
