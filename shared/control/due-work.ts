/** What waits for a shell: payloads to publish, and changes whose time has come. Asked after every command and at every start. */

import type { Confirmation } from '#schema/control-command';
import { sortedEntries } from './persistent-map.ts';
import type { State } from './state.ts';

export interface DuePublish {
  readonly environment: string;
  /** The newest: what was changed since the last publish goes out as one. */
  readonly generation: number;
  /** For `base` of the publish. */
  readonly version: number;
  readonly confirm: readonly Confirmation[];
  /** For `acknowledge` of the publish; 0 where no journal was imported. */
  readonly journalId: number;
}

export const duePublishes = (state: State): DuePublish[] =>
  sortedEntries(state.environments).flatMap(([environment, { pending, force }]) => {
    const newest = pending.at(-1);
    if (newest === undefined) return [];
    const confirm = [...new Set(pending.flatMap((one) => one.confirm))].sort();
    const { version, journalId } = force;
    return [{ environment, generation: newest.generation, version, confirm, journalId }];
  });

export interface DueRequest {
  readonly request: string;
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Scheduled ones, and approved ones that something outside has held, earliest first. */
export const dueRequests = (state: State): DueRequest[] =>
  sortedEntries(state.requests)
    .flatMap(([request, { status, change, hash, amendedAt }]) => {
      if (status === 'scheduled' && typeof change.apply === 'object') return [{ request, hash, at: change.apply.at }];
      return status === 'approved' && change.apply !== 'by-hand' ? [{ request, hash, at: amendedAt }] : [];
    })
    .sort((a, b) => a.at - b.at);
