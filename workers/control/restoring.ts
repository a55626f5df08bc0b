/**
 * An organisation that has nothing of its own takes the log of another over, page by page, and then goes on behind it (docs/audit.md).
 * Until it says so, it takes nothing else.
 */
import { openCheckpoint } from '#control/audit/checkpoint';
import { rootAt } from '#control/audit/merkle-tree';
import { type NoteKey, noteKey } from '#control/audit/note-key';
import type { NoteVerifier } from '#control/audit/signed-note';
import { readRestoredPage, type UnfitLine } from '#control/restored-page';
import { rowsBetween } from '#control/state-rows';
import type { Command } from '#schema/control-command';
import { ok, type Result, refused } from '#schema/result';
import type { Executing } from './executing.ts';
import type { OrderRefusal } from './order.ts';
import type { Held, OrganisationStore } from './organisation-store.ts';

export interface RestoringDeps {
  readonly store: OrganisationStore;
  readonly executing: Pick<Executing, 'held' | 'restore' | 'abandonRestore'>;
  /** The name of the organisation's own log. */
  readonly origin: string;
  /** The public keys that checkpoints are verified with, under whatever name their log had. */
  readonly checkpointKeys: readonly NoteKey[];
  readonly verifierOf: (key: NoteKey) => NoteVerifier;
}

export interface Restored {
  /** How many entries there are by now. */
  readonly entries: number;
  /** How many of them a checkpoint covers. */
  readonly proven: number;
}

export type RestoreRefusal =
  | { readonly code: 'has-begun' }
  | { readonly code: 'not-restoring' }
  /** Another page came meanwhile. */
  | { readonly code: 'restored-otherwise'; readonly entries: number }
  | ({ readonly code: 'unfit-log' } & UnfitLine)
  | { readonly code: 'unfit-checkpoint'; readonly message: string };

export interface Restoring {
  /** All of a page, or nothing. */
  add(page: string): Promise<Result<Restored, RestoreRefusal>>;
  /** It was the wrong log: there is nothing again. `entries`: as many as whoever asks knows to be there. */
  abandon(entries: number): Result<{ readonly entries: number }, RestoreRefusal>;
}

interface Signed {
  readonly size: number;
  readonly root: string;
}

export function createRestoring({ store, executing, origin, checkpointKeys, verifierOf }: RestoringDeps): Restoring {
  const { log } = store;
  const unfit = (message: string): Result<never, RestoreRefusal> => refused({ code: 'unfit-checkpoint', message });

  async function opened(note: string): Promise<Result<Signed, RestoreRefusal>> {
    const name = note.slice(0, Math.max(0, note.indexOf('\n')));
    if (name === origin) {
      return unfit(
        `the log is named ${origin}, as this one is: name this one otherwise (AUDIT_ORIGIN), or entries behind ` +
          'those that were exported would have the places of others',
      );
    }
    const verifiers = checkpointKeys.map(({ publicKey }) => verifierOf(noteKey(name, publicKey)));
    const checkpoint = await openCheckpoint(note, verifiers);
    return checkpoint.ok ? checkpoint : unfit(`a checkpoint ${checkpoint.error.message}`);
  }

  return {
    async add(page) {
      const { state, end, restoring } = executing.held();
      if (end.size > 0 && restoring === undefined) return refused({ code: 'has-begun' });
      const hashAt = (seq: number): string | undefined => [...log.leaves(seq, 1)][0]?.hash;
      const read = readRestoredPage(page, { state, ...end }, hashAt);
      if (!read.ok) return refused({ code: 'unfit-log', ...read.error });
      // What has no entry yet can begin in any way: nothing was taken over.
      if (read.value.size === 0) return ok({ entries: 0, proven: 0 });
      const signed: Signed[] = [];
      for (const note of read.value.notes) {
        const checkpoint = await opened(note);
        if (!checkpoint.ok) return checkpoint;
        signed.push(checkpoint.value);
      }
      // Others may have been asked meanwhile.
      const now = executing.held();
      if (now.end.size !== end.size || now.end.hash !== end.hash)
        return refused({ code: 'restored-otherwise', entries: now.end.size });
      return keep(read.value, now, signed);
    },
    abandon(entries) {
      const { end, restoring } = executing.held();
      if (restoring === undefined) return refused({ code: 'not-restoring' });
      if (entries !== end.size) return refused({ code: 'restored-otherwise', entries: end.size });
      executing.abandonRestore();
      return ok({ entries });
    },
  };

  function keep(
    { leaves, state, size, hash }: Extract<ReturnType<typeof readRestoredPage>, { ok: true }>['value'],
    before: Held,
    signed: readonly Signed[],
  ): Result<Restored, RestoreRefusal> {
    const proven = Math.max(before.restoring ?? 0, ...signed.map((one) => one.size));
    let wrong: Signed | undefined;
    try {
      executing.restore(
        {
          ...{ leaves, rows: rowsBetween(before.state, state), proven },
          check() {
            wrong = signed.find((one) => one.size > size || rootAt(log.nodes, one.size) !== one.root);
            if (wrong !== undefined) throw new Error('a checkpoint of other entries');
          },
        },
        { state, end: { size, hash }, restoring: proven },
      );
    } catch (error) {
      if (wrong === undefined) throw error;
      return unfit(`a checkpoint covers ${wrong.size} entries, and those here are others, or fewer`);
    }
    return ok({ entries: size, proven });
  }
}

/** While it is restored it takes nothing but the end of that; and that only of all that has come. */
export function restoringRefusal(command: Command, { restoring, end }: Held): OrderRefusal | undefined {
  if (command.type !== 'finish-restore') return restoring === undefined ? undefined : { code: 'restoring' };
  if (restoring === undefined) return { code: 'not-restoring' };
  return command.entries === end.size && command.proven === restoring
    ? undefined
    : { code: 'restored-otherwise', entries: end.size };
}
