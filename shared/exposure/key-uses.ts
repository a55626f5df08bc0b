/** When SDK keys were last used, to the minute: noted where requests are let in, until ingest has it. Pure: times come in. */
import { MAX_KEY_USES } from '#schema/exposure-limits';

/** The SHA-256 of a key, and when it was last used (milliseconds since 1970, a whole minute). Never the key. */
export type KeyUse = readonly [sha256: string, time: number];

export interface KeyUses {
  /** A key is used. Whether that is news: its first use in this minute. */
  note(sha256: string, now: number): boolean;
  /** What ingest has not heard yet, at most `MAX_KEY_USES`. */
  pending(): readonly KeyUse[];
  /** Ingest has heard these. */
  settle(uses: readonly KeyUse[]): void;
}

const MINUTE_MS = 60_000;

/** More is nobody's business: it would tell who was served when. */
export const wholeMinute = (time: number): number => time - (time % MINUTE_MS);

export function createKeyUses(): KeyUses {
  /** The last minute of each key, that which was idle for longest first; and those of them that are to be told. */
  const last = new Map<string, number>();
  const untold = new Set<string>();

  return {
    note(sha256, now) {
      const minute = wholeMinute(now);
      if (last.get(sha256) === minute) return false;
      last.delete(sha256);
      last.set(sha256, minute);
      untold.add(sha256);
      if (last.size > MAX_KEY_USES) {
        const [idle = ''] = last.keys();
        last.delete(idle);
        untold.delete(idle);
      }
      return true;
    },
    pending: () => [...untold].map((sha256): KeyUse => [sha256, last.get(sha256) as number]),
    settle(uses) {
      // What was noted meanwhile has not been heard.
      for (const [sha256, time] of uses) if (last.get(sha256) === time) untold.delete(sha256);
    },
  };
}
