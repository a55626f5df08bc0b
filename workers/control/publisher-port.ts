/** As much of the publisher as the outbox needs (docs/publisher.md). A fake is in test/unit/control-worker/fixtures. */
import type { Confirmation, JournalEntry } from '#schema/control-command';
import type { Trouble } from './parcel.ts';

/** No method throws, whatever a publisher or a network does. */
export interface PublisherPort {
  publish(environment: string, request: PublishRequest): Promise<PublishOutcome>;
  /** What is in force, and what its journal has behind entry `after`, in order. */
  news(environment: string, after: number): Promise<News | Trouble>;
  /** Puts SDK keys in force. */
  putKeys(environment: string, request: KeysRequest): Promise<KeysOutcome>;
}

export interface PublishRequest {
  /** The version that the lines were made from; 0 where nothing was in force. */
  readonly base: number;
  /** What differs from what is in force; absent where nothing is. */
  readonly changed?: ChangedLines;
  /** All lines. Made only where they are needed, for they take as long as there are many. */
  readonly lines: () => string;
  readonly confirm: readonly Confirmation[];
  /** Flags that wait for nobody. */
  readonly override?: readonly string[];
  /** The newest journal entry that is in the log here. */
  readonly acknowledge?: number;
  readonly reason: string;
}

export interface ChangedLines {
  /** As in a delta for readers. */
  readonly changes: string;
  /** Of the lines that they apply to. */
  readonly digest: string;
}

/** `behind`: something else is in force, or a return was ordered there. */
export type PublishOutcome =
  | {
      readonly kind: 'in-force';
      readonly version: number;
      readonly digest: string;
      /** Flags that it stamped with that version; absent where it stamped what was sent alone. */
      readonly stamped?: string[];
    }
  | { readonly kind: 'behind'; readonly message: string }
  | Trouble;

export interface KeysRequest {
  /** The version of the document that was known; 0 where there was none. A request that comes late must not bring back what was revoked. */
  readonly base: number;
  readonly lines: string;
}

/** `digest` is of the lines as they were sent; `behind`: another version is in force than `base`. */
export type KeysOutcome =
  | { readonly kind: 'in-force'; readonly version: number; readonly digest: string }
  | { readonly kind: 'behind'; readonly inForce: number }
  | Trouble;

/** An entry with what tells whether it is one's own. */
export interface PublisherEntry extends JournalEntry {
  /** The version in force before. */
  readonly base: number;
  /** Of the lines that it put in force. */
  readonly digest: string;
  /** Flags that it stamped with its version. */
  readonly stamped?: string[];
}

export interface News {
  readonly kind: 'news';
  readonly entries: readonly PublisherEntry[];
  readonly version: number;
  readonly digest: string;
  readonly lines: string;
}
