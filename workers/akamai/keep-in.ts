/** What an instance keeps between events, in whatever it keeps it: best effort, as the platform has it. */
export interface Store {
  get(name: string): object | undefined;
  set(name: string, thing: object): unknown;
}

/** Gives the thing of a name, and makes it where there is none. The names are the caller's own, so they are few. */
export const keepIn =
  (store: Store) =>
  <T extends object>(name: string, make: () => T): T => {
    const found = store.get(name) as T | undefined;
    if (found !== undefined) return found;
    const made = make();
    store.set(name, made);
    return made;
  };
