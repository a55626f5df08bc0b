/** Why the publisher does not do what it was asked for. All of these are expected; `refusal-problem.ts` tells them to the caller. */
import type { ChangeClass } from '#ruleset/write/classify';

/** What is wrong with an entry; `key` is empty where it is about all of them. */
export interface EntryIssue {
  readonly key: string;
  readonly message: string;
}

/** What a caller must say to be on purpose. */
export type Confirmation = 'size' | 'emptied';

export type Refusal =
  | { readonly code: 'too-large'; readonly length: number; readonly most: number }
  | { readonly code: 'invalid-entries'; readonly issues: readonly EntryIssue[] }
  | { readonly code: 'unconfirmed'; readonly confirm: Confirmation; readonly found: string }
  | { readonly code: 'wrong-base'; readonly base: number; readonly inForce: number }
  /** Changes were made from lines that are not in force; `digest` is that of those which are, empty where none are. */
  | { readonly code: 'other-lines'; readonly digest: string }
  | { readonly code: 'unacknowledged'; readonly ids: readonly number[] }
  | { readonly code: 'nothing-to-acknowledge'; readonly id: number }
  /** For each view that outgrew its item, what to split. */
  | { readonly code: 'view-too-large'; readonly messages: readonly string[] }
  | { readonly code: 'refused-by-canary'; readonly message: string }
  | { readonly code: 'store-unreachable'; readonly target: string }
  | { readonly code: 'store-unreadable'; readonly target: string; readonly message: string }
  | { readonly code: 'nothing-in-force' }
  | { readonly code: 'unknown-version'; readonly version: number; readonly first: number; readonly last: number }
  | { readonly code: 'unknown-flags'; readonly flags: readonly string[] }
  | { readonly code: 'nothing-before'; readonly flag: string; readonly revision: number }
  | { readonly code: 'returned-already'; readonly flag: string; readonly version: number; readonly journalId: number }
  | { readonly code: 'versions-differ'; readonly key: string; readonly flags: readonly string[] }
  | { readonly code: 'not-a-return'; readonly changes: Readonly<Record<string, ChangeClass>> };
