/** What an instance says of itself: what it has in force, and what it last refused. */
import type { RefusalCode } from '#ruleset/verify';

export interface Ack {
  readonly instance: string;
  readonly kind: InstanceKind;
  readonly region: string;
  readonly cloud: string;
  /** In force; 0 and no digest before anything is. */
  readonly version: number;
  readonly digest: string;
  /** The relay that passed it on. */
  readonly via?: string;
  /** Since the upstream last gave or confirmed it; how long it runs where it never did. */
  readonly ageMs: number;
  readonly stale: boolean;
  readonly error?: Nack;
  /** Of the last 10 s. */
  readonly decisions?: DecisionCounts;
}

export type InstanceKind = 'relay' | 'sdk' | 'pop';

/** A version that was refused, or that ended the process. */
export interface Nack {
  readonly code: RefusalCode | 'crashed';
  readonly version: number;
  readonly message: string;
}

export interface DecisionCounts {
  readonly total: number;
  readonly byVersion: readonly (readonly [version: number, count: number])[];
}

/** Who an instance is: what it says of itself with each request. */
export interface Identity {
  /** Made when the process starts: 1 to 64 of `[A-Za-z0-9._-]`. */
  readonly instance: string;
  readonly kind: InstanceKind;
  readonly region: string;
  readonly cloud: string;
  /** Name and version of the software. */
  readonly sdk: string;
  /** Whether it offers to be the first that gets a version. */
  readonly canary?: boolean;
}
