/** As much of the platform's module as is used: its published types do not have it yet. */
declare module 'lru-cache' {
  export class LRUCache<K, V extends object> {
    constructor(options: { readonly max: number });
    get(key: K): V | undefined;
    set(key: K, value: V): unknown;
  }
}
