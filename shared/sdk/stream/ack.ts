/** What an instance knows of itself: who it is, and what it last refused. */
import type { RefusalCode } from '#ruleset/verify';
import type { InstanceKind } from '#schema/ack';

/** A version that was refused, or that ended the process. */
export interface Nack {
  readonly code: RefusalCode | 'crashed';
  readonly version: number;
  readonly message: string;
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
