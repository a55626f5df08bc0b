/** Signs how long the log is, and its root: soon after it has grown, and not while it does not. */
import { signCheckpoint } from '#control/audit/checkpoint';
import { rootAt } from '#control/audit/merkle-tree';
import type { NoteSigner } from '#control/audit/signed-note';
import type { Work } from './carrying.ts';
import type { LogEnd, LogStore } from './log-store.ts';

export interface CheckpointsDeps {
  readonly log: LogStore;
  readonly end: () => LogEnd;
  /** The name of the log, which is that of its keys. */
  readonly origin: string;
  /** All of them sign: during a rotation there are two. */
  readonly signers: readonly NoteSigner[];
  readonly now: () => number;
}

export interface Checkpoints {
  /** Signs once that is due; none where all is signed. */
  works(): readonly Work[];
}

/** A minute is promised, and an alarm may come late. */
export const CHECKPOINT_INTERVAL_MS = 20_000;

export function createCheckpoints({ log, end, origin, signers, now }: CheckpointsDeps): Checkpoints {
  let signed = log.newestCheckpoint()?.size ?? 0;
  /** Of the oldest entry that is not signed. What was left at a start has waited long enough. */
  let since: number | undefined = 0;

  async function sign(): Promise<void> {
    const { size } = end();
    if (size === signed) return;
    const root = rootAt(log.nodes, size);
    const time = now();
    const note = await signCheckpoint({ origin, size, root }, signers);
    log.addCheckpoint({ size, time, note });
    signed = Math.max(signed, size);
    since = end().size === signed ? undefined : time;
  }

  return {
    works() {
      if (end().size === signed) return [];
      since ??= now();
      return [{ name: 'checkpoints', at: since + CHECKPOINT_INTERVAL_MS, run: sign }];
    },
  };
}
