/** Why a request is refused: what the deciders say, and what is wrong with the request itself. */
import type { DeliveryRefusal } from '../delivering.ts';
import type { NobodyKnown } from '../find-facts.ts';
import type { LogRefusal } from '../log-export.ts';
import type { OrderRefusal } from '../order.ts';
import type { RestoreRefusal } from '../restoring.ts';

/** Where in the request, as `body.operations[0].key`; and in a file, where it came as one. */
export interface RequestIssue {
  readonly path: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

export type WireRefusal =
  | { readonly code: 'no-route' }
  | { readonly code: 'wrong-method'; readonly allow: readonly string[] }
  | { readonly code: 'unauthorized' }
  | { readonly code: 'not-json' }
  | { readonly code: 'repeated-member'; readonly path: string }
  | { readonly code: 'too-deep'; readonly most: number }
  | { readonly code: 'too-large'; readonly most: number }
  | { readonly code: 'media-type'; readonly takes: readonly string[] }
  | { readonly code: 'malformed'; readonly issues: readonly RequestIssue[] }
  | { readonly code: 'precondition-missing'; readonly takes: readonly string[] }
  | { readonly code: 'precondition-failed' }
  /** Nothing of the log that the caller may read. */
  | { readonly code: 'no-entry'; readonly what: string };

export type ApiRefusal = OrderRefusal | RestoreRefusal | NobodyKnown | LogRefusal | DeliveryRefusal | WireRefusal;
