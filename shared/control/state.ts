/** The state of one organisation: the fold of its log. Nothing in it is ever changed; `evolve` gives the next. */
import type { ChangeClass } from '#ruleset/write/classify';
import type { Change, Confirmation } from '#schema/control-command';
import type { SdkKeyBody, ServiceTokenBody } from '#schema/control-keys';
import type { EnvironmentBody, Operation, ProjectBody } from '#schema/control-operation';
import type { Policy } from '#schema/control-policy';
import type { Webhook } from '#schema/control-webhook';
import type { Entry } from '#schema/entry';
import type { Item, Tombstone } from './item.ts';
import { emptyMap, type PersistentMap } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';

export interface State {
  readonly projects: PersistentMap<Recorded<ProjectBody>>;
  readonly environments: PersistentMap<EnvironmentState>;
  readonly policies: PersistentMap<Recorded<Policy>>;
  readonly sdkKeys: PersistentMap<SdkKey>;
  readonly serviceTokens: PersistentMap<ServiceToken>;
  readonly webhooks: PersistentMap<Recorded<Webhook>>;
  /** Open ones. What became of the others is in the log. */
  readonly requests: PersistentMap<ChangeRequest>;
  /** `<kind>:<key>` of what was deleted or revoked, with its last revision: none comes again. */
  readonly retired: PersistentMap<number>;
}

export interface Recorded<B> {
  readonly key: string;
  readonly revision: number;
  readonly body: B;
}

export type EnvironmentState = Recorded<EnvironmentBody> & {
  /** Live and archived ones, by id. */
  readonly items: PersistentMap<Item>;
  readonly tombstones: PersistentMap<Tombstone>;
  /** Ids by the hash of their salts, deleted ones included. */
  readonly salts: PersistentMap<readonly string[]>;
  /** Ids in lower case, deleted ones included, and how they are written. */
  readonly spellings: PersistentMap<string>;
  /** The layer that has a slice for a flag. */
  readonly layerOf: PersistentMap<string>;
  readonly payload: Payload;
  readonly force: Force;
  readonly keys: KeysInForce;
  /** What was changed since what is in force, oldest first. */
  readonly pending: readonly PendingPublish[];
  /** By flag, the digests of contents that were in force, oldest first, without those that were gone back from: what a return is recognised by. */
  readonly served: PersistentMap<readonly string[]>;
};

/** What the live items compile to. */
export interface Payload {
  /** Counts the changes of the payload, from 0 for none. */
  readonly generation: number;
  /** By key, their revisions 0: the publisher stamps them. */
  readonly entries: PersistentMap<Entry>;
  /** Of all lines. */
  readonly bytes: number;
  /** By id, the entries that refer to it. */
  readonly usedBy: PersistentMap<readonly string[]>;
}

/** What the publisher has in force, as far as is known here. */
export interface Force {
  /** 0 where nothing was published yet. */
  readonly version: number;
  readonly digest: string;
  readonly entries: PersistentMap<Entry>;
  readonly revisions: PersistentMap<number>;
  readonly bytes: number;
  /** The newest entry of the publisher's journal that was taken over. */
  readonly journalId: number;
}

/** The document of SDK keys that the publisher is known to have. */
export interface KeysInForce {
  /** 0 where it has none. */
  readonly version: number;
  /** Of the lines that it was sent. */
  readonly digest: string;
}

export interface EntryChange {
  readonly key: string;
  /** Null where it is taken away. */
  readonly entry: Entry | null;
}

export interface PendingPublish {
  readonly generation: number;
  readonly changes: readonly EntryChange[];
  readonly confirm: readonly Confirmation[];
  readonly override?: readonly string[];
}

/** A digest of a secret, and until when it is valid. */
export interface SecretDigest {
  readonly sha256: string;
  readonly expiresAt?: number;
}

export interface KeyDigest extends SecretDigest {
  /** Those that it sees, where it is an older one and the key was rotated to others. */
  readonly namespaces?: readonly string[];
}

export interface SdkKey extends Recorded<Omit<SdkKeyBody, 'sha256' | 'expiresAt'>> {
  /** The newest first. */
  readonly secrets: readonly KeyDigest[];
}

export interface ServiceToken extends Recorded<Omit<ServiceTokenBody, 'sha256' | 'expiresAt'>> {
  readonly secrets: readonly SecretDigest[];
  /** The persons who asked for a secret of it, and may know one. */
  readonly holders: readonly string[];
}

/** An identity, and the person behind it when it acted. */
export interface Party {
  readonly id: string;
  readonly person: string;
  /** Owner and holders of a service's secret: they are the author too. */
  readonly alsoPersons: readonly string[];
}

export interface Approval {
  readonly by: Party;
  /** Those that it had then. Whether they count is asked of those that it has when it comes to applying. */
  readonly roles: readonly string[];
  /** Of the change that was approved. */
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a policy asks of one change. */
export interface Requirement {
  /** The policy's id; `built-in:<kind>` where the rule cannot be changed. */
  readonly policy: string;
  readonly revision: number;
  /** Null for what is of the whole organisation. */
  readonly environment: string | null;
  readonly namespaces: readonly string[];
  readonly edit: readonly string[];
  readonly approvals: { readonly count: number; readonly roles: readonly string[] };
  readonly ticket: boolean;
  readonly training: readonly string[];
}

/** What a change does to the flags of an environment. */
export interface Effect {
  readonly environment: string;
  /** Every flag whose decisions may differ. */
  readonly flags: Readonly<Record<string, ChangeClass>>;
  /** SHA-256 (base64url) of what these flags then serve by, with all that they use: what an approval is for. */
  readonly content: string;
  readonly publishes: boolean;
}

/** `voided`: its base is gone; an amendment opens it again. */
export type RequestStatus = 'open' | 'approved' | 'scheduled' | 'voided';

export interface ChangeRequest {
  readonly id: string;
  readonly status: RequestStatus;
  readonly change: Change;
  /** SHA-256 of the change: what approvals are bound to. */
  readonly hash: string;
  /** Whoever wrote or amended it, the author first. */
  readonly editors: readonly Party[];
  readonly openedAt: number;
  readonly amendedAt: number;
  readonly effects: readonly Effect[];
  readonly requirements: readonly Requirement[];
  readonly approvals: readonly Approval[];
  /** See `request-bytes.ts`; an older log has none. */
  readonly bytes?: number;
  /** Why it is not applied though it is approved, or why it is void. */
  readonly held?: Refusal;
}

/** The kinds of what is of the whole organisation. */
export type RecordKind = Exclude<Operation['kind'], Item['kind']>;

export const emptyState: State = {
  projects: emptyMap(),
  environments: emptyMap(),
  policies: emptyMap(),
  sdkKeys: emptyMap(),
  serviceTokens: emptyMap(),
  webhooks: emptyMap(),
  requests: emptyMap(),
  retired: emptyMap(),
};

export const retiredId = (kind: RecordKind, key: string): string => `${kind}:${key}`;
