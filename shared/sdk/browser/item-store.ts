/** Where items outlive their page: a port, and IndexedDB behind it. Everything rejects where the quota is full or there is none. */
import type { Item } from './item.ts';

export interface ItemStore {
  add(items: readonly Item[]): Promise<void>;
  /** The oldest, at most so many. */
  oldest(count: number): Promise<readonly Item[]>;
  remove(ids: readonly string[]): Promise<void>;
}

const ITEMS = 'items';

export function createItemStore(name: string, factory: IDBFactory = indexedDB): ItemStore {
  let opening: Promise<IDBDatabase> | undefined;

  function open(): Promise<IDBDatabase> {
    opening ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = factory.open(name, 1);
      request.onupgradeneeded = () => void request.result.createObjectStore(ITEMS, { keyPath: 'id' });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error('blocked'));
    }).then((database) => {
      // Another page wants a newer form, or the browser let go of it: the next one opens it again.
      database.onversionchange = () => database.close();
      database.onclose = () => {
        opening = undefined;
      };
      return database;
    });
    opening.catch(() => {
      opening = undefined;
    });
    return opening;
  }

  /** Ends when what was asked for is on the disk, as far as browsers say. */
  async function within<T>(mode: IDBTransactionMode, work: (items: IDBObjectStore) => IDBRequest<T> | undefined) {
    const database = await open();
    return new Promise<T | undefined>((resolve, reject) => {
      const transaction = database.transaction(ITEMS, mode);
      const request = work(transaction.objectStore(ITEMS));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
      // Begun now, and not when the page has nothing else to do: it may be closed before.
      transaction.commit?.();
    });
  }

  return {
    async add(items) {
      await within('readwrite', (store) => {
        for (const item of items) store.put(item);
        return undefined;
      });
    },
    async oldest(count) {
      return (await within<Item[]>('readonly', (store) => store.getAll(null, count))) ?? [];
    },
    async remove(ids) {
      await within('readwrite', (store) => {
        for (const id of ids) store.delete(id);
        return undefined;
      });
    },
  };
}
