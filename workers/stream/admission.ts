/**
 * How many streams are opened, and how fast: a thousand relays that restart together come in one after another, whatever they do
 * themselves. Clock and randomness come in.
 */
import { ok, type Result, refused } from '#schema/result';

export interface AdmissionOptions {
  /** New streams a second, and as many at once after a quiet second. */
  readonly perSecond: number;
  /** Streams at a time. */
  readonly most: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export interface Admission {
  /** `open`: how many there are already. Refused with how long to stay away (whole seconds). */
  admit(open: number): Result<undefined, number>;
}

/** Nobody is sent away for longer than that (seconds). */
export const LONGEST_AWAY = 30;
/** Where there is no room at all, nothing changes within a second or two. */
const FULL_AWAY = 10;

export function createAdmission({ perSecond, most, now, random }: AdmissionOptions): Admission {
  let allowance = perSecond;
  let at = now();
  /** Those that were sent away and are to come back: they get more time the more of them there are. */
  let away = 0;

  function refill(): void {
    // A clock that was set back gives nothing, and takes nothing.
    const earned = (Math.max(0, now() - at) * perSecond) / 1_000;
    at = now();
    allowance = Math.min(perSecond, allowance + earned);
    away = Math.max(0, away - earned);
  }

  /** Spread over the time that it takes to let all of them in, twice over. */
  const spread = (seconds: number): number => 1 + Math.floor(random() * Math.min(LONGEST_AWAY, Math.ceil(seconds)));

  return {
    admit(open) {
      refill();
      if (open >= most) return refused(spread(FULL_AWAY));
      if (allowance < 1) {
        away++;
        return refused(spread((2 * away) / perSecond + 1));
      }
      allowance--;
      return ok(undefined);
    },
  };
}
