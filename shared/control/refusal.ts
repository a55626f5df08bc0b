/** Why a command is refused. All of these are expected; `refusal-message.ts` says each in words that tell what to mend. */
import type { Issue } from '#ruleset/write/issue';
import type { Confirmation } from '#schema/control-command';
import type { Operation } from '#schema/control-operation';
import type { Action } from '#schema/control-principal';
import type { ItemKind } from './item.ts';

type Kind = Operation['kind'];

/** Something that a change is made on, at another revision than it says. */
export interface StaleBase {
  readonly kind: Kind;
  /** Null for what is of the whole organisation. */
  readonly environment: string | null;
  readonly key: string;
  readonly base: number;
  /** 0 where there is none. */
  readonly revision: number;
}

export interface MissingRole {
  readonly policy: string;
  readonly environment: string | null;
  readonly namespaces: readonly string[];
  /** One of them is needed. */
  readonly roles: readonly string[];
}

export interface MissingApproval extends MissingRole {
  readonly missing: number;
}

/** `unknown`: no such ticket; `unreachable`: its system gives no answer, or nobody asked it. */
export type TicketTrouble = 'missing' | 'unknown' | 'closed' | 'unreachable';

export type Refusal =
  | { readonly code: 'not-found'; readonly what: Kind | 'request'; readonly key: string }
  | { readonly code: 'founded-already' }
  | { readonly code: 'stale'; readonly items: readonly StaleBase[] }
  | { readonly code: 'repeated'; readonly kind: Kind; readonly key: string }
  | { readonly code: 'used-before'; readonly kind: Kind; readonly key: string }
  | { readonly code: 'twin'; readonly kind: Kind; readonly key: string; readonly other: string }
  | { readonly code: 'archived'; readonly kind: ItemKind; readonly key: string }
  | { readonly code: 'not-archived'; readonly kind: ItemKind; readonly key: string }
  | {
      readonly code: 'immutable';
      readonly kind: Kind;
      readonly key: string;
      readonly field: string;
      readonly was: string;
    }
  | { readonly code: 'salt-taken'; readonly kind: ItemKind; readonly key: string; readonly by: string }
  | { readonly code: 'holds-secret'; readonly path: string }
  | { readonly code: 'secret-taken'; readonly by: string }
  /** A service has one key of a kind in an environment: this one. */
  | {
      readonly code: 'service-has-key';
      readonly service: string;
      readonly keyKind: string;
      readonly environment: string;
      readonly key: string;
    }
  /** It would end before it begins. `at`: milliseconds since 1970. */
  | { readonly code: 'over-already'; readonly kind: Kind; readonly key: string; readonly at: number }
  /** It has ended, and is rotated no more. */
  | { readonly code: 'ended'; readonly kind: Kind; readonly key: string; readonly at: number }
  /** The secret before is valid until then (milliseconds since 1970), and a third beside the two would be more than there may be. */
  | { readonly code: 'overlap-runs'; readonly kind: Kind; readonly key: string; readonly until: number }
  | { readonly code: 'in-use'; readonly kind: Kind; readonly key: string; readonly by: readonly string[] }
  | {
      readonly code: 'policies-overlap';
      readonly key: string;
      readonly other: string;
      readonly namespace: string;
      readonly environment: string;
    }
  /** `mend`: what makes room, where something does. */
  | { readonly code: 'too-many'; readonly what: string; readonly most: number; readonly mend?: string }
  /** In bytes: a change that is not applied at once. */
  | { readonly code: 'too-large-to-wait'; readonly size: number; readonly most: number }
  /** Flags that the change does not put. */
  | { readonly code: 'override-of-others'; readonly flags: readonly string[] }
  | { readonly code: 'invalid'; readonly environment: string; readonly issues: readonly Issue[] }
  | {
      readonly code: 'unconfirmed';
      readonly environment: string;
      readonly confirm: Confirmation;
      readonly found: string;
    }
  | { readonly code: 'nothing-changes' }
  | { readonly code: 'no-policy'; readonly environment: string; readonly namespace: string }
  | {
      readonly code: 'out-of-scope';
      readonly action: Action;
      readonly environment: string | null;
      readonly namespace: string | null;
    }
  | { readonly code: 'not-allowed'; readonly missing: readonly MissingRole[] }
  | { readonly code: 'editor-gone'; readonly id: string }
  | { readonly code: 'own-change' }
  | { readonly code: 'not-the-author' }
  | { readonly code: 'no-approver'; readonly roles: readonly string[] }
  | { readonly code: 'approved-already' }
  | { readonly code: 'hash-differs'; readonly hash: string }
  | { readonly code: 'wrong-status'; readonly status: string; readonly takes: readonly string[] }
  | { readonly code: 'approvals-missing'; readonly missing: readonly MissingApproval[] }
  | { readonly code: 'requirements-changed'; readonly policies: readonly string[] }
  /** What the change refers to, or what refers to it, is another than when it was approved. */
  | { readonly code: 'effects-changed' }
  | { readonly code: 'not-due'; readonly at: number }
  | { readonly code: 'too-far-ahead'; readonly at: number; readonly most: number }
  | { readonly code: 'ticket'; readonly trouble: TicketTrouble; readonly ticket: string | null }
  | { readonly code: 'training'; readonly person: string; readonly missing: readonly string[] }
  | {
      readonly code: 'unknown-generation';
      readonly environment: string;
      readonly generation: number;
      readonly newest: number;
    }
  | {
      readonly code: 'digest-differs';
      readonly environment: string;
      readonly version: number;
      readonly digest: string;
      readonly found: string;
    }
  | { readonly code: 'system-only' }
  | { readonly code: 'principals-only' };
