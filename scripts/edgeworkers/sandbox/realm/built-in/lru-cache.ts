/**
 * The module `lru-cache`, of 2026-10-29. Of its page only the beginning could be read: options `max`, `maxSize`, `ttl` and `fetchMethod`,
 * `set()` and `fetch()`, coalescing. The rest follows the npm package of that name. Source: techdocs.akamai.com/edgeworkers/docs/iru-cache.
 */

export interface LruOptions<K, V> {
  /** Entries. */
  readonly max?: number;
  /** Of the sizes of all entries. */
  readonly maxSize?: number;
  /** Milliseconds. Time stands still within an event. */
  readonly ttl?: number;
  sizeCalculation?(value: V, key: K): number;
  fetchMethod?(key: K, stale: V | undefined): V | undefined | Promise<V | undefined>;
}

interface Entry<V> {
  readonly value: V;
  readonly size: number;
  readonly expiresAt: number;
}

interface SetOptions {
  readonly ttl?: number;
  readonly size?: number;
}

export class LRUCache<K, V> {
  /** The longest unused first. */
  readonly #entries = new Map<K, Entry<V>>();
  readonly #fetching = new Map<K, Promise<V | undefined>>();
  readonly #options: LruOptions<K, V>;
  #size = 0;

  constructor(options: LruOptions<K, V> = {}) {
    const { max, maxSize, ttl } = options;
    if (max === undefined && maxSize === undefined && ttl === undefined) {
      throw new TypeError('At least one of max, maxSize, or ttl is required');
    }
    for (const [name, value] of Object.entries({ max, maxSize, ttl })) {
      if (value !== undefined && (!Number.isInteger(value) || value <= 0)) {
        throw new TypeError(`${name} must be a positive integer`);
      }
    }
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  get calculatedSize(): number {
    return this.#size;
  }

  set(key: K, value: V, { ttl = this.#options.ttl, size }: SetOptions = {}): this {
    this.delete(key);
    const { max = Number.POSITIVE_INFINITY, maxSize = Number.POSITIVE_INFINITY } = this.#options;
    const entry = {
      value,
      size: this.#sizeOf(key, value, size),
      expiresAt: ttl === undefined ? Number.POSITIVE_INFINITY : Date.now() + ttl,
    };
    if (entry.size > maxSize) return this;
    while (this.#entries.size >= max || this.#size + entry.size > maxSize) this.#evict();
    this.#entries.set(key, entry);
    this.#size += entry.size;
    return this;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt <= Date.now()) {
      this.delete(key);
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  has(key: K): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > Date.now();
  }

  delete(key: K): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#size -= entry.size;
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#size = 0;
  }

  /** What is there, or what `fetchMethod` gives; whoever asks meanwhile waits for the same. */
  async fetch(key: K): Promise<V | undefined> {
    const { fetchMethod } = this.#options;
    const stale = this.#entries.get(key)?.value;
    const found = this.get(key);
    if (found !== undefined || fetchMethod === undefined) return found;
    const running = this.#fetching.get(key) ?? this.#load(key, stale, fetchMethod);
    this.#fetching.set(key, running);
    return running;
  }

  async #load(
    key: K,
    stale: V | undefined,
    fetchMethod: NonNullable<LruOptions<K, V>['fetchMethod']>,
  ): Promise<V | undefined> {
    try {
      const value = await fetchMethod(key, stale);
      if (value !== undefined) this.set(key, value);
      return value;
    } finally {
      this.#fetching.delete(key);
    }
  }

  #sizeOf(key: K, value: V, given: number | undefined): number {
    const { maxSize, sizeCalculation } = this.#options;
    if (maxSize === undefined) return 0;
    const size = given ?? sizeCalculation?.(value, key);
    if (size === undefined || !Number.isInteger(size) || size <= 0) {
      throw new TypeError('With maxSize each entry needs a size: give sizeCalculation, or size to set()');
    }
    return size;
  }

  #evict(): void {
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.delete(oldest.value);
  }
}
