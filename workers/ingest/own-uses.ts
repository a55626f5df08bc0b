/** The use of issued keys that come to ingest themselves: kept behind the answer, once a minute. */
import { createKeyUses } from '#exposure/key-uses';
import type { KeyRecord } from '#http/sdk-keys';
import { inboxOfEmitter } from './inbox-layout.ts';
import type { Inboxes } from './inboxes.ts';
import type { IngestKeyKind } from './key-kinds.ts';

export interface OwnUses {
  /** What it returns, where there is something to do, is for `waitUntil`, and never rejects. */
  used(record: KeyRecord<IngestKeyKind>, now: number): Promise<void> | undefined;
}

export function createOwnUses(inboxes: Pick<Inboxes, 'keepUses'>): OwnUses {
  const uses = createKeyUses();

  async function keep(sha256: string): Promise<void> {
    const told = uses.pending();
    try {
      await inboxes.keepUses(inboxOfEmitter(sha256), told);
      uses.settle(told);
    } catch (error) {
      // It goes along with the next.
      console.error(`uses of keys: ${error}`);
    }
  }

  return {
    used: ({ sha256, issued = false }, now) => (issued && uses.note(sha256, now) ? keep(sha256) : undefined),
  };
}
