/** What waits for a shell: payloads and SDK keys to publish, and changes whose time has come. Asked after every command and at every start. */

import type { Confirmation } from '#schema/control-command';
import { keyDocument } from './key-document.ts';
import { overrideOf } from './override-of.ts';
import { sortedEntries } from './persistent-map.ts';
import type { State } from './state.ts';

export interface DuePublish {
  readonly environment: string;
  /** The newest: what was changed since the last publish goes out as one. */
  readonly generation: number;
  /** For `base` of the publish. */
  readonly version: number;
  readonly confirm: readonly Confirmation[];
  /** Flags that wait for nobody. */
  readonly override?: readonly string[];
  /** For `acknowledge` of the publish; 0 where no journal was imported. */
  readonly journalId: number;
}

export const duePublishes = (state: State): DuePublish[] =>
  sortedEntries(state.environments).flatMap(([environment, { pending, force }]) => {
    const newest = pending.at(-1);
    if (newest === undefined) return [];
    const confirm = [...new Set(pending.flatMap((one) => one.confirm))].sort();
    const { version, journalId } = force;
    return [{ environment, generation: newest.generation, version, confirm, ...overrideOf(pending), journalId }];
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

export interface DueKeys {
  readonly environment: string;
  /** For `base`: the version that the publisher was last known to have, 0 for none. */
  readonly version: number;
  readonly lines: string;
  /** Of the lines: what the publisher answers once it has them. */
  readonly digest: string;
}

/** Environments whose SDK keys are others than the publisher is known to have. Where there never were any, none are published. */
export const dueKeys = (state: State, now: number): DueKeys[] =>
  sortedEntries(state.environments).flatMap(([environment, { keys }]) => {
    const { lines, digest } = keyDocument(state, environment, now);
    const isKnown = keys.version === 0 ? lines === '' : keys.digest === digest;
    return isKnown ? [] : [{ environment, version: keys.version, lines, digest }];
  });
