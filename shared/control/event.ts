/**
 * What happened. The state is the fold of these, so each carries all that it brings about: the compiled entries, the status that a
 * request has from then on. Rules may change later; what they once came to does not.
 */
import type { ChangeClass } from '#ruleset/write/classify';
import type { Change, Confirmation, JournalEntry } from '#schema/control-command';
import type { EnvironmentBody, People, ProjectBody } from '#schema/control-operation';
import type { Policy } from '#schema/control-policy';
import type { Webhook } from '#schema/control-webhook';
import type { Content, Identity, ItemKind } from './item.ts';
import type { Refusal } from './refusal.ts';
import type {
  Approval,
  ChangeRequest,
  Effect,
  EntryChange,
  Party,
  RequestStatus,
  Requirement,
  SdkKey,
  ServiceToken,
} from './state.ts';

interface Named {
  readonly key: string;
  readonly revision: number;
}

interface OfItem extends Named {
  readonly environment: string;
  readonly kind: ItemKind;
}

/** A new item, a new body, or an archived one that is back; or, `archived`, one that is in the archive from now on, with that body. */
export interface ItemPut extends OfItem {
  readonly type: 'item-put';
  readonly content: Content;
  readonly people: People;
  readonly identity: Identity;
  readonly archived?: true;
}

export type ItemEvent =
  | ItemPut
  | (OfItem & { readonly type: 'item-archived' | 'item-deleted' })
  | (Named & { readonly type: 'project-put'; readonly body: ProjectBody })
  | (Named & { readonly type: 'environment-put'; readonly body: EnvironmentBody })
  | (Named & { readonly type: 'policy-put'; readonly body: Policy })
  | (Named & { readonly type: 'webhook-put'; readonly body: Webhook })
  | (Named & { readonly type: 'project-deleted' | 'environment-deleted' | 'policy-deleted' | 'webhook-deleted' })
  | { readonly type: 'sdk-key-put'; readonly sdkKey: SdkKey }
  | { readonly type: 'service-token-put'; readonly serviceToken: ServiceToken }
  | (Named & { readonly type: 'sdk-key-revoked' | 'service-token-revoked' });

/** What stands before it in the log was another's: see `docs/audit.md`. */
export interface LogRestored {
  readonly type: 'log-restored';
  readonly entries: number;
  /** So many of them a checkpoint covered. */
  readonly proven: number;
}

/** The payload of an environment is another: it is to be published. Without this event it is not. */
export interface PublishRequested {
  readonly type: 'publish-requested';
  readonly environment: string;
  readonly generation: number;
  readonly changes: readonly EntryChange[];
  /** Of all lines, from now on. */
  readonly bytes: number;
  readonly flags: Readonly<Record<string, ChangeClass>>;
  readonly confirm: readonly Confirmation[];
  /** Flags that wait for nobody. */
  readonly override?: readonly string[];
}

/** The publisher has put a generation in force. */
export interface Published {
  readonly type: 'published';
  readonly environment: string;
  readonly generation: number;
  readonly version: number;
  readonly digest: string;
  /** The entries whose revision is this version. */
  readonly stamped: readonly string[];
  /** Of its lines. */
  readonly bytes: number;
  readonly served: readonly (readonly [flag: string, contentDigest: string])[];
}

/** What the publisher's journal says, and what it has in force, is taken over. */
export interface JournalImported {
  readonly type: 'journal-imported';
  readonly environment: string;
  readonly entries: readonly JournalEntry[];
  readonly version: number;
  readonly digest: string;
  /** Where what is in force differs from what was known to be, with its revisions; null where there is none any more. */
  readonly force: readonly EntryChange[];
  readonly forceBytes: number;
  /** Entries that are as in force from now on. The items that go with them are events of their own. */
  readonly brought: readonly string[];
  /** Entries that were changed here and are not published yet. */
  readonly left: readonly string[];
  /** Flags in force that their items do not compile to: a layer or a holdout of theirs is another for flags beside them. */
  readonly unlike: readonly string[];
  readonly generation: number;
  /** Of all lines of the payload. */
  readonly bytes: number;
  readonly served: readonly (readonly [flag: string, contentDigest: string])[];
}

/** The publisher has put a document of SDK keys in force. */
export interface KeysPublished {
  readonly type: 'keys-published';
  readonly environment: string;
  readonly version: number;
  /** Of the lines that it was sent. */
  readonly digest: string;
}

interface OfRequest {
  readonly request: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type RequestEvent =
  | { readonly type: 'request-opened'; readonly request: ChangeRequest }
  | (OfRequest & {
      readonly type: 'request-amended';
      readonly change: Change;
      readonly hash: string;
      readonly by: Party;
      readonly status: RequestStatus;
      readonly effects: readonly Effect[];
      readonly requirements: readonly Requirement[];
      /** Of what it is now; an older log has none. */
      readonly bytes?: number;
      /** The approvals that are void by it. */
      readonly voided: readonly Approval[];
    })
  | (OfRequest & { readonly type: 'request-approved'; readonly approval: Approval; readonly status: RequestStatus })
  /** Approved, and not applied. */
  | (OfRequest & { readonly type: 'request-held'; readonly why: Refusal })
  /** What the approvals were given for is not what would be applied. */
  | (OfRequest & {
      readonly type: 'approvals-voided';
      readonly why: Refusal;
      readonly effects: readonly Effect[];
      readonly requirements: readonly Requirement[];
      readonly voided: readonly Approval[];
    })
  | (OfRequest & { readonly type: 'request-voided'; readonly why: Refusal; readonly voided: readonly Approval[] })
  | (OfRequest & {
      readonly type: 'request-declined' | 'request-withdrawn';
      readonly by: Party;
      readonly reason: string;
    })
  /** Also of a change that needed nobody else, and was never open. */
  | (OfRequest & {
      readonly type: 'request-applied';
      readonly hash: string;
      readonly approvals: readonly Approval[];
      readonly effects: readonly Effect[];
    });

export type Event =
  | ItemEvent
  | LogRestored
  | PublishRequested
  | Published
  | JournalImported
  | KeysPublished
  | RequestEvent;
