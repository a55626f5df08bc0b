/**
 * An inbox: keeps exposures, each once, and counts them; what it took it hands on to the cohort shards, and what was new to the archive.
 * A Durable Object, because somebody has to be the one who has seen an id before; `inbox-layout.ts` tells which exposures are whose.
 */
import { DurableObject } from 'cloudflare:workers';
import type { KeyUse } from '#exposure/key-uses';
import { type Bindings, readSettings } from '#http/settings';
import { createR2Archive } from './archive-port.ts';
import { createLogCounter, type LogCounter } from './count-log.ts';
import type { CountsQuery } from './counts-query.ts';
import { type Archiver, createArchiver } from './drain-archive.ts';
import { createDrain, type Drain } from './drain-log.ts';
import { createPartGatherer } from './gather-parts.ts';
import type { Part } from './inbox-part.ts';
import { type InboxProgress, readProgress } from './inbox-progress.ts';
import { inboxRetention } from './inbox-retention.ts';
import { addToTally, createTables } from './inbox-tables.ts';
import { type KeyLastUse, keepKeyUses, readKeyUses } from './keep-key-uses.ts';
import { type InboxBounds, keepPart } from './keep-part.ts';
import { type KeepingSettings, keepingSettings } from './keeping-settings.ts';
import type { Received } from './merge-completeness.ts';
import { createPruner, type Pruner } from './prune-tables.ts';
import { type Collapsed, readCollapsed } from './read-collapsed.ts';
import { readReceived } from './read-completeness.ts';
import { type InboxCounts, readCounts } from './read-counts.ts';
import { type InboxMeasures, readMeasures } from './read-measures.ts';
import { type Quarantine, readQuarantine } from './read-quarantine.ts';
import { shardName } from './shards.ts';

const BOUNDS: InboxBounds = { quarantined: 10_000, emitters: 2_500 };
/** SDK keys whose last use is kept: a keys document holds at most 1,500. */
const MAX_KEYS = 5_000;

/** How long a part waits for others to be drained with. */
const GATHER_MS = 250;
/** Of an inbox's id, which tell it apart in the archive. */
const INBOX_CHARACTERS = 8;
/** After so long somebody looks whether the archive has what it was given. */
const ARCHIVE_WATCH_MS = 30_000;
/** ... and whether the shards have. */
const DRAIN_WATCH_MS = 5_000;
/** How long an alarm waits for shards that it sent something to: none rings meanwhile, and nothing is counted. */
const DRAIN_PATIENCE_MS = 1_000;
/** Where archive or retention went wrong. */
const KEEP_AGAIN_MS = 60_000;

export class Inbox extends DurableObject<Cloudflare.Env> {
  readonly #storage = this.ctx.storage;
  readonly #drain: Drain;
  readonly #archiver: Archiver | undefined;
  readonly #pruner: Pruner;
  readonly #counter: LogCounter;
  readonly #gather = createPartGatherer((part) => this.#keepPart(part));
  /** When the alarm rings, as far as is known. */
  #alarm = Number.POSITIVE_INFINITY;

  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env);
    createTables(this.#storage.sql);
    this.#drain = createDrain({
      storage: this.#storage,
      source: state.id.toString(),
      shard: (shard) => env.COHORTS.getByName(shardName(shard)),
      now: () => Date.now(),
      random: Math.random,
    });
    const settings = readSettings(env as unknown as Bindings, keepingSettings);
    this.#archiver = archiverOf(state, env.ARCHIVE, settings);
    this.#pruner = createPruner({
      ...inboxRetention(this.#storage.sql),
      storage: this.#storage,
      retentionMs: settings.retentionMs,
      now: () => Date.now(),
    });
    const archives = this.#archiver !== undefined;
    this.#counter = createLogCounter({
      storage: this.#storage,
      counting: { environment: settings.environment, archives },
      now: () => Date.now(),
      random: Math.random,
    });
  }

  /**
   * Keeps a part, or rejects and keeps nothing of it; false where too much waits to be counted. The platform gives nobody the answer before
   * all of it is on disk.
   */
  receive(part: Part): Promise<boolean> {
    return this.#gather(part);
  }

  #keepPart(part: Part): boolean {
    if (!this.#counter.hasRoom()) return false;
    const bytes = this.#storage.transactionSync(() => keepPart(this.#storage.sql, part, BOUNDS));
    this.#counter.added(bytes);
    // An alarm that is not known of may be set all the same: one that comes soon sets the next, of retention too, as it should be.
    if (bytes > 0 || this.#alarm === Number.POSITIVE_INFINITY) this.#arm(GATHER_MS);
    return true;
  }

  /** How far the shards are, at `now` (milliseconds since 1970). */
  progress(now: number): InboxProgress {
    this.#counter.catchUp();
    return this.#storage.transactionSync(() => readProgress(this.#storage.sql, now));
  }

  collapsed(flag: string): Collapsed[] {
    return readCollapsed(this.#storage.sql, flag);
  }

  received(): Received[] {
    this.#counter.catchUp();
    return readReceived(this.#storage.sql);
  }

  /** At most `limit` of each sort. `inbox`: its own number. */
  quarantine(inbox: number, limit: number): Quarantine {
    return readQuarantine(this.#storage.sql, inbox, limit);
  }

  /** Sends parts to their shards again that were put aside. How many there were. */
  replay(): number {
    const replayed = this.#counter.replay();
    if (replayed > 0) this.#arm(0);
    return replayed;
  }

  /** What monitoring wants to know, at `now` (milliseconds since 1970). */
  measures(now: number): InboxMeasures {
    this.#counter.catchUp();
    return this.#storage.transactionSync(() => readMeasures(this.#storage.sql, now));
  }

  addRejected(events: number): void {
    addToTally(this.#storage.sql, 'rejected', events);
  }

  override async alarm(): Promise<void> {
    this.#alarm = Number.POSITIVE_INFINITY;
    const uncountedMs = await this.#counter.run();
    this.#keep();
    const fed = this.#feedShards();
    if (uncountedMs !== undefined) return this.#arm(uncountedMs);
    await Promise.race([fed, scheduler.wait(DRAIN_PATIENCE_MS)]);
    if (this.#drain.isFeeding()) this.#arm(DRAIN_WATCH_MS);
  }

  /** Behind the alarm, since counting is not to wait for a shard; what is ended with the object is begun again by the next. */
  #feedShards(): Promise<void> {
    const run = this.#drain.run().then((pauseMs) => {
      if (pauseMs !== undefined) this.#arm(Math.max(GATHER_MS, pauseMs));
    });
    this.ctx.waitUntil(run);
    return run;
  }

  /** Whatever is wrong with what is kept, shards get what waits for them. */
  #keep(): void {
    try {
      if (this.#archiver !== undefined) this.#archive(this.#archiver);
      this.#pruner.step();
      this.#arm(this.#pruner.dueIn());
    } catch (error) {
      console.error(`archive and retention: ${error}`);
      this.#arm(KEEP_AGAIN_MS);
    }
  }

  /** Behind the alarm, since cohort shards are not to wait for it; one that is ended with the object is begun again by the next. */
  #archive(archiver: Archiver): void {
    const dueMs = archiver.dueIn();
    if (dueMs === undefined) return;
    this.#arm(dueMs || ARCHIVE_WATCH_MS);
    if (dueMs > 0) return;
    const run = archiver.run().then((pauseMs) => pauseMs !== undefined && this.#arm(pauseMs));
    this.ctx.waitUntil(run);
  }

  keepUses(uses: readonly KeyUse[]): void {
    this.#storage.transactionSync(() => keepKeyUses(this.#storage.sql, uses, MAX_KEYS));
  }

  keyUses(): KeyLastUse[] {
    return readKeyUses(this.#storage.sql);
  }

  counts(query: CountsQuery): InboxCounts {
    this.#counter.catchUp();
    return readCounts(this.#storage.sql, query);
  }

  /** Within `ms`. With the write that it is for: after a crash there is either both or neither. */
  #arm(ms: number): void {
    const at = Date.now() + ms;
    if (at >= this.#alarm) return;
    this.#alarm = at;
    void this.#storage.setAlarm(at);
  }
}

/** None where no archive is bound. */
function archiverOf(
  { id, storage }: DurableObjectState,
  bucket: R2Bucket | undefined,
  { environment, archiveAfterMs }: KeepingSettings,
): Archiver | undefined {
  if (bucket === undefined) return undefined;
  return createArchiver({
    storage,
    archive: createR2Archive(bucket),
    environment,
    inbox: id.toString().slice(0, INBOX_CHARACTERS),
    afterMs: archiveAfterMs,
    now: () => Date.now(),
    random: Math.random,
  });
}
