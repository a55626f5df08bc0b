/** The inboxes, as the Worker sees them. */
import type { KeyUse } from '#exposure/key-uses';
import type { CountsQuery } from './counts-query.ts';
import type { Part } from './inbox-part.ts';
import type { InboxProgress } from './inbox-progress.ts';
import type { KeyLastUse } from './keep-key-uses.ts';
import type { Received } from './merge-completeness.ts';
import type { Collapsed } from './read-collapsed.ts';
import type { InboxCounts } from './read-counts.ts';
import type { InboxMeasures } from './read-measures.ts';
import type { Quarantine } from './read-quarantine.ts';

/** All reject with an `InboxError`. */
export interface Inboxes {
  /** Keeps a part: all of it is on disk. */
  receive(part: Part): Promise<void>;
  counts(inbox: number, query: CountsQuery): Promise<InboxCounts>;
  keepUses(inbox: number, uses: readonly KeyUse[]): Promise<void>;
  keyUses(inbox: number): Promise<readonly KeyLastUse[]>;
  progress(inbox: number, now: number): Promise<InboxProgress>;
  collapsed(inbox: number, flag: string): Promise<readonly Collapsed[]>;
  received(inbox: number): Promise<readonly Received[]>;
  quarantine(inbox: number, limit: number): Promise<Quarantine>;
  replay(inbox: number): Promise<number>;
  measures(inbox: number, now: number): Promise<InboxMeasures>;
  addRejected(inbox: number, events: number): Promise<void>;
}

/** An inbox did not answer: it failed, is overloaded, or moves. What it was given may have been kept. */
export class InboxError extends Error {
  override readonly name = 'InboxError';
  /** It has too much to do: the platform asks to leave it alone for longer. */
  readonly overloaded: boolean;

  constructor(inbox: string, cause: unknown) {
    super(`${inbox}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    this.overloaded = cause instanceof Error && 'overloaded' in cause && cause.overloaded === true;
  }
}

/** More waits to be counted than an inbox keeps. */
class FullError extends Error {
  readonly overloaded = true;

  constructor() {
    super('too much waits to be counted');
  }
}

/** What a namespace of Durable Objects is to this. */
export interface InboxNamespace {
  getByName(name: string): {
    receive(part: Part): Promise<boolean>;
    counts(query: CountsQuery): Promise<InboxCounts>;
    keepUses(uses: readonly KeyUse[]): Promise<void>;
    keyUses(): Promise<readonly KeyLastUse[]>;
    progress(now: number): Promise<InboxProgress>;
    collapsed(flag: string): Promise<readonly Collapsed[]>;
    received(): Promise<readonly Received[]>;
    quarantine(inbox: number, limit: number): Promise<Quarantine>;
    replay(): Promise<number>;
    measures(now: number): Promise<InboxMeasures>;
    addRejected(events: number): Promise<void>;
  };
}

export function createInboxes(namespace: InboxNamespace): Inboxes {
  async function ask<T>(
    inbox: number,
    question: (stub: ReturnType<InboxNamespace['getByName']>) => Promise<T>,
  ): Promise<T> {
    const name = `inbox-${inbox}`;
    try {
      // A stub for each question: one that has failed once goes on failing.
      return await question(namespace.getByName(name));
    } catch (error) {
      throw new InboxError(name, error);
    }
  }
  return {
    receive: (part) =>
      ask(part.inbox, async (stub) => {
        if (!(await stub.receive(part))) throw new FullError();
      }),
    counts: (inbox, query) => ask(inbox, (stub) => stub.counts(query)),
    keepUses: (inbox, uses) => ask(inbox, (stub) => stub.keepUses(uses)),
    keyUses: (inbox) => ask(inbox, (stub) => stub.keyUses()),
    progress: (inbox, now) => ask(inbox, (stub) => stub.progress(now)),
    collapsed: (inbox, flag) => ask(inbox, (stub) => stub.collapsed(flag)),
    received: (inbox) => ask(inbox, (stub) => stub.received()),
    quarantine: (inbox, limit) => ask(inbox, (stub) => stub.quarantine(inbox, limit)),
    replay: (inbox) => ask(inbox, (stub) => stub.replay()),
    measures: (inbox, now) => ask(inbox, (stub) => stub.measures(now)),
    addRejected: (inbox, events) => ask(inbox, (stub) => stub.addRejected(events)),
  };
}
