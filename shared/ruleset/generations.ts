/** Rulesets that proved themselves before the one in force: for whoever may step back to one (relays, SDKs). */
import type { VerifiedRuleset } from './verify.ts';

export interface Generation {
  readonly ruleset: VerifiedRuleset;
  /** When it came into force (milliseconds since 1970). */
  readonly since: number;
}

export interface GenerationsOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long a ruleset serves before it counts as known to be good (milliseconds; 60 s by default). */
  readonly soakMs?: number;
  /** How many are kept, 3 by default. */
  readonly keep?: number;
}

export interface Generations {
  /** Told what is in force from now on. */
  replace(next: Generation): void;
  /** Newest first. What is in force is among them once it has soaked. */
  known(): readonly Generation[];
}

export function createGenerations({ now, soakMs = 60_000, keep = 3 }: GenerationsOptions): Generations {
  let inForce: Generation | undefined;
  let good: readonly Generation[] = [];

  function settle(): void {
    if (inForce === undefined || now() - inForce.since < soakMs) return;
    if (good[0]?.ruleset.claims.version === inForce.ruleset.claims.version) return;
    good = [inForce, ...good].slice(0, keep);
  }

  return {
    replace(next) {
      settle();
      inForce = next;
    },
    known() {
      settle();
      return good;
    },
  };
}
