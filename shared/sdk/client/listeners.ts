/** Whoever wants to be told. */

export interface Listeners<Event> {
  /** What is returned ends it. */
  add(listener: (event: Event) => void): () => void;
  tell(event: Event): void;
  clear(): void;
}

export function createListeners<Event>(): Listeners<Event> {
  const all = new Set<(event: Event) => void>();
  return {
    add(listener) {
      all.add(listener);
      return () => void all.delete(listener);
    },
    tell(event) {
      for (const listener of [...all]) {
        try {
          listener(event);
        } catch {
          // What a listener throws is its own business.
        }
      }
    },
    clear: () => all.clear(),
  };
}
