/** Counts events that were out of form: an inbox keeps the number, behind the answer, and of many requests at once it hears once. */
import type { Inboxes } from './inboxes.ts';

export interface Rejections {
  /** What it returns, where there is something to do, is for `waitUntil`, and never rejects. */
  count(events: number): Promise<void> | undefined;
}

/** Any one of them: nothing is known of what was rejected. */
const KEEPER = 0;

const TELLING_MS = 30_000;

export function createRejections(inboxes: Pick<Inboxes, 'addRejected'>, now: () => number): Rejections {
  let pending = 0;
  let toldAt = Number.NEGATIVE_INFINITY;

  async function tell(): Promise<void> {
    toldAt = now();
    while (pending > 0) {
      const told = pending;
      pending = 0;
      try {
        await inboxes.addRejected(KEEPER, told);
      } catch (error) {
        // It goes along with the next.
        pending += told;
        console.error(`rejected events: ${error}`);
        break;
      }
    }
    toldAt = Number.NEGATIVE_INFINITY;
  }

  return {
    count(events) {
      pending += events;
      // Whoever was telling may have been ended with its request.
      return pending > 0 && now() - toldAt > TELLING_MS ? tell() : undefined;
    },
  };
}
