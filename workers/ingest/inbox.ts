/**
 * An inbox: keeps exposures, each once, and counts them. A Durable Object, because somebody has to be the one who has seen an
 * id before; `inbox-layout.ts` tells which exposures are whose.
 */
import { DurableObject } from 'cloudflare:workers';
import type { KeyUse } from '#exposure/key-uses';
import type { CountsQuery } from './counts-query.ts';
import type { Part } from './inbox-part.ts';
import { createTables } from './inbox-tables.ts';
import { type KeyLastUse, keepKeyUses, readKeyUses } from './keep-key-uses.ts';
import { type InboxCounts, readCounts } from './read-counts.ts';
import { type InboxBounds, type Receipt, storePart } from './store-part.ts';

const BOUNDS: InboxBounds = { quarantined: 10_000, emitters: 2_500 };
/** SDK keys whose last use is kept: a keys document holds at most 1,500. */
const MAX_KEYS = 5_000;

export class Inbox extends DurableObject {
  readonly #storage = this.ctx.storage;

  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env);
    createTables(this.#storage.sql);
  }

  /** Keeps a part, or throws and keeps nothing of it. The platform gives nobody the receipt before all of it is on disk. */
  receive(part: Part): Receipt {
    return this.#storage.transactionSync(() => storePart(this.#storage.sql, part, BOUNDS));
  }

  keepUses(uses: readonly KeyUse[]): void {
    this.#storage.transactionSync(() => keepKeyUses(this.#storage.sql, uses, MAX_KEYS));
  }

  keyUses(): KeyLastUse[] {
    return readKeyUses(this.#storage.sql);
  }

  counts(query: CountsQuery): InboxCounts {
    return readCounts(this.#storage.sql, query);
  }
}
