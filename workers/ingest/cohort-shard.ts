/**
 * A cohort shard: keeps who was exposed to what first, joins outcomes to it, and counts for rollouts. A Durable Object, because somebody
 * has to be the one who has seen a unit before. Inboxes feed it, in order, each part as often as they are not sure.
 */
import { DurableObject } from 'cloudflare:workers';
import { type Bindings, readSettings } from '#http/settings';
import type { CohortCounts } from '#rollout/cohort/cohort-statistics';
import type { Cohort } from '#schema/cohort';
import { ok, type Result, refused } from '#schema/result';
import { countDeclared, dropCohort, keepDeclaration } from './declare-cohort.ts';
import { keepIncidents, readIncidents, type ShardIncidents } from './keep-incidents.ts';
import { retentionMs } from './keeping-settings.ts';
import { mergeParts } from './merge-parts.ts';
import { createPruner, type Pruner } from './prune-tables.ts';
import { readCohort } from './read-cohort.ts';
import { readSightings, type Sighted } from './read-sightings.ts';
import { settleUnits } from './settle-units.ts';
import { readPlan, type ShardPlan } from './shard-plan.ts';
import { shardRetention } from './shard-retention.ts';
import { createCountsToAdd, createShardTables } from './shard-tables.ts';
import { createShardTexts, type ShardTexts } from './shard-texts.ts';
import { nextDue, sweepOutcomes } from './sweep-outcomes.ts';
import { type ShardState, takeExposures } from './take-exposures.ts';
import { takeOutcomes } from './take-outcomes.ts';
import { joinUnits } from './unit-bytes.ts';

/** A part as it lies in an inbox's log: lists are JSON. */
export interface LoggedPart {
  /** Its number in the log, which only grows. */
  readonly sequence: number;
  readonly receivedAt: number;
  readonly cells: string;
  readonly exposures: string;
  readonly units: Uint8Array;
  readonly outcomes: string;
  readonly outcomeIds: Uint8Array;
  readonly outcomeUnits: Uint8Array;
}

export interface Applied {
  /** Parts up to this one are in the shard; 0 where none is. */
  readonly applied: number;
  /** Why the part behind it is not. */
  readonly refused?: string;
}

export interface ShardCohort extends CohortCounts {
  readonly declaration: Cohort;
}

const SWEPT_AT_ONCE = 1_000;
/** How late an outcome that has waited its time may be let go: nobody waits for it. */
const SWEEP_DELAY_MS = 1_000;

const NOTE_APPLIED = 'INSERT INTO sources VALUES (?1, ?2) ON CONFLICT DO UPDATE SET applied = ?2';

export class CohortShard extends DurableObject {
  readonly #storage = this.ctx.storage;
  readonly #texts: ShardTexts;
  readonly #pruner: Pruner;
  #plan: ShardPlan;
  /** When the alarm rings, as far as is known. */
  #alarm = Number.POSITIVE_INFINITY;

  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env);
    createShardTables(this.#storage.sql);
    this.#texts = createShardTexts(this.#storage.sql);
    this.#plan = readPlan(this.#storage.sql, this.#texts);
    this.#pruner = createPruner({
      ...shardRetention(this.#storage.sql, () => this.#plan),
      storage: this.#storage,
      retentionMs: readSettings(env as unknown as Bindings, retentionMs),
      now: () => Date.now(),
    });
  }

  /** Takes parts of an inbox, each whole or not at all, up to the first that it cannot take. */
  take(source: string, parts: readonly LoggedPart[]): Applied {
    const before = this.#appliedOf(source);
    const fresh = parts.filter(({ sequence }) => sequence > before);
    const together = this.#tryToApply(source, before, fresh);
    // One of them it cannot take: those in front of that one are not to wait for it.
    const taken =
      together.refused === undefined || fresh.length === 1 ? together : this.#applySingly(source, before, fresh);
    this.#wake();
    return taken;
  }

  /** Refused where it contradicts what was declared before. */
  declare(name: string, next: Cohort): Result<Cohort, string> {
    const declared = this.#change((state): Result<Cohort, string> => {
      const before = keepDeclaration(state.sql, name, next);
      if (!before.ok) return refused(before.error);
      const plan = readPlan(state.sql, this.#texts);
      const cohort = plan.cohorts.find((one) => one.name === name);
      if (cohort !== undefined) countDeclared({ ...state, plan }, cohort, before.value);
      return ok(next);
    });
    this.#plan = readPlan(this.#storage.sql, this.#texts);
    return declared;
  }

  /** Whether there was one. */
  drop(name: string): boolean {
    const dropped = this.#change(({ sql }) => dropCohort(sql, name));
    this.#plan = readPlan(this.#storage.sql, this.#texts);
    return dropped;
  }

  read(name: string): ShardCohort | undefined {
    const cohort = this.#plan.cohorts.find((one) => one.name === name);
    return cohort && { declaration: cohort.declaration, ...readCohort(this.#storage.sql, this.#texts, cohort) };
  }

  names(): string[] {
    return this.#plan.cohorts.map(({ name }) => name);
  }

  incidents(limit: number): ShardIncidents {
    return readIncidents(this.#storage.sql, this.#texts, limit);
  }

  sightings(flag: string, unit: Uint8Array): Sighted[] {
    return readSightings(this.#storage.sql, this.#texts, flag, unit);
  }

  /** Lets outcomes go that have waited their time by `now` (milliseconds since 1970). */
  sweep(now: number): void {
    while (this.#change((state) => sweepOutcomes(state, now, SWEPT_AT_ONCE)) === SWEPT_AT_ONCE);
  }

  override async alarm(): Promise<void> {
    this.#alarm = Number.POSITIVE_INFINITY;
    this.sweep(Date.now());
    this.#pruner.step();
    this.#wake();
  }

  #applySingly(source: string, before: number, parts: readonly LoggedPart[]): Applied {
    let applied = before;
    for (const part of parts) {
      const taken = this.#tryToApply(source, applied, [part]);
      if (taken.refused !== undefined) return taken;
      applied = taken.applied;
    }
    return { applied };
  }

  /** All of them or none. */
  #tryToApply(source: string, before: number, parts: readonly LoggedPart[]): Applied {
    const last = parts.at(-1);
    if (last === undefined) return { applied: before };
    try {
      this.#change((state) => {
        const merged = mergeParts(parts);
        const { touched, conflicts } = takeExposures(state, merged);
        takeOutcomes(state, merged);
        settleUnits(state, joinUnits([touched, merged.outcomeUnits]));
        keepIncidents(state, conflicts, last.receivedAt);
        state.sql.exec(NOTE_APPLIED, source, last.sequence);
      });
      return { applied: last.sequence };
    } catch (error) {
      return { applied: before, refused: String(error) };
    }
  }

  #appliedOf(source: string): number {
    const rows = this.#storage.sql.exec<{ applied: number }>('SELECT applied FROM sources WHERE source = ?', source);
    return [...rows][0]?.applied ?? 0;
  }

  /** All that the work does is kept, its counts included, or nothing. */
  #change<T>(work: (state: ShardState) => T): T {
    const { sql } = this.#storage;
    const counts = createCountsToAdd();
    try {
      return this.#storage.transactionSync(() => {
        const done = work({ sql, texts: this.#texts, plan: this.#plan, counts });
        counts.write(sql);
        return done;
      });
    } catch (error) {
      this.#texts.forget();
      throw error;
    }
  }

  #wake(): void {
    const due = (nextDue(this.#storage.sql) ?? Number.POSITIVE_INFINITY) + SWEEP_DELAY_MS;
    const at = Math.min(due, Date.now() + this.#pruner.dueIn());
    if (at >= this.#alarm) return;
    this.#alarm = at;
    void this.#storage.setAlarm(this.#alarm);
  }
}
