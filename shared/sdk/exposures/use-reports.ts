/** Tells ingest when SDK keys were last used, where no beacon of exposures takes that along: in one of its own, ten seconds together. */
import type { SendBeacon } from '#exposure/deliver-batch';
import { createKeyUses } from '#exposure/key-uses';
import type { Clock } from '#sdk/stream/clock';

export interface UseReportsOptions {
  /** Only spreads beacons over inboxes. */
  readonly emitter: string;
  readonly send: SendBeacon;
  readonly clock: Clock;
}

export interface UseReports {
  /** A key is used. What it returns, where there is something to do, never rejects; it is for `waitUntil`, where there is one. */
  used(sha256: string): Promise<void> | undefined;
  /** Tells at once what ingest has not heard. */
  tell(): Promise<void>;
}

/** How long uses wait for one another. */
export const USES_DELAY_MS = 10_000;

export function createUseReports({ emitter, send, clock }: UseReportsOptions): UseReports {
  const uses = createKeyUses();
  let waitingSince = Number.NEGATIVE_INFINITY;

  async function tell(): Promise<void> {
    const told = uses.pending();
    if (told.length === 0) return;
    const verdict = await send({ emitter, sentAt: clock.now(), uses: told, events: [] });
    // Otherwise they go along with the next: a key in use is noted every minute.
    if (verdict.kind === 'taken') uses.settle(told);
  }

  async function report(): Promise<void> {
    await new Promise<void>((resolve) => void clock.after(USES_DELAY_MS, resolve));
    await tell();
  }

  return {
    used(sha256) {
      const now = clock.now();
      if (!uses.note(sha256, now)) return undefined;
      // One waits for all. It can be ended; and a clock that was set back puts nothing off.
      if (now >= waitingSince && now - waitingSince < USES_DELAY_MS) return undefined;
      waitingSince = now;
      return report();
    },
    tell,
  };
}
