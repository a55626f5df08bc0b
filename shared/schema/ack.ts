/** What an instance (a relay, an SDK, a POP) says that it has in force: the shape, for those who say it; `acks.ts` reads it from others. */

export type InstanceKind = 'relay' | 'sdk' | 'pop';

export interface Ack {
  readonly instance: string;
  readonly kind: InstanceKind;
  readonly region: string;
  readonly cloud: string;
  /** In force; 0 and an empty digest before anything is. */
  readonly version: number;
  readonly digest: string;
  /** The relay that it has its rulesets from. */
  readonly via?: string;
  /** How long ago that was last given or confirmed (milliseconds); how long it runs where it never was. */
  readonly ageMs: number;
  readonly stale: boolean;
  /** The last refusal: of which version, and why. Codes that only a later build knows are passed on as well. */
  readonly error?: { readonly code: string; readonly version: number; readonly message: string };
  /** Decisions of the last ten seconds, by the version that made them. */
  readonly decisions?: DecisionCounts;
}

export interface DecisionCounts {
  readonly total: number;
  readonly byVersion: readonly (readonly [version: number, count: number])[];
}
