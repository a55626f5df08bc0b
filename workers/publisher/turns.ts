/** One piece of work at a time, each in its turn; what is urgent goes before all that waits. */

export interface Turns {
  /** Does `work` once no other is under way; resolves or rejects as it does. */
  take<T>(work: () => Promise<T>, order?: 'in-order' | 'urgent'): Promise<T>;
}

export function createTurns(): Turns {
  const waiting: Record<'in-order' | 'urgent', (() => void)[]> = { 'in-order': [], urgent: [] };
  let isTaken = false;

  return {
    async take(work, order = 'in-order') {
      if (isTaken) await new Promise<void>((resolve) => waiting[order].push(resolve));
      isTaken = true;
      try {
        return await work();
      } finally {
        // Handed over while it is still taken: whoever comes in between cannot slip in.
        const next = waiting.urgent.shift() ?? waiting['in-order'].shift();
        if (next === undefined) isTaken = false;
        else next();
      }
    },
  };
}
