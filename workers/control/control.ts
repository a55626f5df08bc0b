/** An organisation at work: commands, the outbox behind them, the schedule, checkpoints of the log, and the alarm that sees to all. */
import type { NoteKey } from '#control/audit/note-key';
import type { NoteSigner, NoteVerifier } from '#control/audit/signed-note';
import { sortedEntries } from '#control/persistent-map';
import type { Result } from '#schema/result';
import { createCheckpoints } from './checkpoints.ts';
import { createDelivering, type Delivering } from './delivering.ts';
import { createExecuting, type Executing } from './executing.ts';
import type { FactPorts } from './find-facts.ts';
import { createKeyOutbox, type WaitingKeys } from './key-outbox.ts';
import { createLogExport, type LogExport } from './log-export.ts';
import type { Answer, Order, OrderRefusal } from './order.ts';
import type { OrganisationStore } from './organisation-store.ts';
import { createOutbox } from './outbox.ts';
import type { Trouble } from './parcel.ts';
import type { PublisherPort } from './publisher-port.ts';
import { createRestoring, type Restoring } from './restoring.ts';
import { createSchedule } from './schedule.ts';
import type { WebhookPort } from './webhook-port.ts';

export interface ControlDeps {
  /** Its name. */
  readonly organisation: string;
  readonly store: OrganisationStore;
  readonly publisher: PublisherPort;
  /** Base64url. */
  readonly sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
  readonly ports: FactPorts;
  /** Those of webhooks. */
  readonly receivers: WebhookPort;
  /** Says what is wrong with the address of a webhook, or nothing. */
  readonly addressFault: (url: string) => string | undefined;
  /** The name of the log. */
  readonly origin: string;
  readonly signers: readonly NoteSigner[];
  readonly verifierOf: (key: NoteKey) => NoteVerifier;
  /** Has `tend` called at that time, restarts or not; undefined: no more. Called right behind a change, it is kept together with it. */
  readonly wakeAt: (time: number | undefined) => Promise<void>;
  /** Lets work go on behind an answer; what becomes of it is nobody's to hear. */
  readonly behind: (work: Promise<void>) => void;
  readonly now: () => number;
  readonly newId: () => string;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export interface EnvironmentStatus {
  readonly environment: string;
  /** Of the payload, counted from 0. */
  readonly generation: number;
  /** Known to be in force at the publisher; 0 where nothing is. */
  readonly version: number;
  /** Something waits, and the publisher does not take it. */
  readonly frozen: boolean;
  /** What waits to be published, if anything does. Times are milliseconds since 1970. */
  readonly waiting?: {
    readonly since: number;
    readonly attempts: number;
    readonly nextAt: number;
    readonly trouble?: Trouble;
  };
  /** The document of SDK keys that the publisher has; 0 where it has none. `waiting` where it did not take the newest. */
  readonly keys: { readonly version: number; readonly waiting?: WaitingKeys };
}

export interface Status {
  /** Of the log. */
  readonly entries: number;
  /** How many of them a checkpoint covers. */
  readonly signed: number;
  readonly environments: readonly EnvironmentStatus[];
}

export interface Control extends LogExport {
  readonly executing: Executing;
  readonly restoring: Restoring;
  readonly delivering: Pick<Delivering, 'again' | 'test' | 'page'>;
  execute(order: Order): Promise<Result<Answer, OrderRefusal>>;
  status(): Status;
  /**
   * Applies, publishes and signs what is due, and resolves once all of it was tried: nobody has to wait for that, for a publisher may
   * hang. Rejects where the store fails.
   */
  tend(): Promise<void>;
  /** When to tend next (milliseconds since 1970); undefined where nothing is to be done. */
  dueAt(): number | undefined;
}

/** While something is under way, somebody comes and looks, though whoever began it is gone. */
const LOOK_MS = 10_000;
/** A store that has failed is left alone for so long. */
const REST_MS = 10_000;

export function createControl(deps: ControlDeps): Control {
  const { store, now, wakeAt, behind } = deps;
  const { log, deliveries } = store;
  const executing = createExecuting(deps);
  const end = (): ReturnType<typeof log.end> => executing.held().end;
  const outbox = createOutbox({ ...deps, executing });
  const keyOutbox = createKeyOutbox({ ...deps, executing });
  const schedule = createSchedule({ ...deps, executing });
  const delivering = createDelivering({ ...deps, executing, deliveries });
  const checkpoints = createCheckpoints({ ...deps, log, end });
  const checkpointKeys = deps.signers.map(({ key }) => key);
  const restoring = createRestoring({ ...deps, executing, checkpointKeys });
  const isRestoring = (): boolean => executing.held().restoring !== undefined;

  let underWay = 0;
  let restUntil = 0;

  function dueAt(): number | undefined {
    if (isRestoring()) return undefined;
    const all = [schedule.dueAt(), outbox.dueAt(), keyOutbox.dueAt(), delivering.dueAt(), checkpoints.dueAt()];
    const times = [...all, underWay > 0 ? now() + LOOK_MS : undefined].filter((time) => time !== undefined);
    if (times.length === 0) return undefined;
    // A clock that was set back must not make a rest long.
    return Math.max(now(), Math.min(restUntil, now() + REST_MS), Math.min(...times));
  }

  /** Of the six connections that it may have, an event gives keys theirs first: payloads are long, and their publisher may hang. */
  const publish = (): Promise<unknown>[] => [keyOutbox.run(), outbox.run()];

  /** What is applied is published at once, and what is not waits for nothing that is. */
  const work = (): Promise<unknown>[] => [
    ...publish(),
    schedule.run().then((applied) => (applied ? Promise.all(publish()) : undefined)),
  ];

  /** Nothing waits for a receiver of webhooks. */
  function deliver(): void {
    for (const lane of delivering.run(() => wakeAt(dueAt()))) behind(lane);
  }

  /** What comes of one is seen to at once, whatever another hangs in. */
  async function carry(work: Promise<unknown>): Promise<void> {
    underWay += 1;
    try {
      await work;
    } catch (error) {
      restUntil = now() + REST_MS;
      throw error;
    } finally {
      underWay -= 1;
    }
    deliver();
    await wakeAt(dueAt());
  }

  async function goOn(works: readonly Promise<unknown>[]): Promise<void> {
    const carried = Promise.allSettled(works.map(carry));
    deliver();
    await wakeAt(dueAt());
    for (const one of await carried) if (one.status === 'rejected') throw one.reason;
  }

  return {
    executing,
    restoring,
    delivering,
    ...createLogExport(log, end),
    async execute(order) {
      const done = executing.execute(order);
      if (!done.ok || done.value.seq === null) return done;
      await wakeAt(dueAt());
      const isRestored = order.command.type === 'finish-restore';
      behind(goOn([...(isRestored ? [outbox.catchUp()] : []), ...work()]));
      return done;
    },
    status() {
      const { state, parcels, end } = executing.held();
      const environments = sortedEntries(state.environments).map(([environment, { payload, force, keys }]) => {
        const { tried: _tried, ...waiting } = parcels.get(environment) ?? {};
        const waitingKeys = keyOutbox.waiting(environment);
        return {
          ...{ environment, generation: payload.generation, version: force.version },
          frozen: 'trouble' in waiting,
          ...('since' in waiting && { waiting }),
          keys: { version: keys.version, ...(waitingKeys && { waiting: waitingKeys }) },
        };
      });
      return { entries: end.size, signed: log.newestCheckpoint()?.size ?? 0, environments };
    },
    async tend() {
      if (isRestoring()) return;
      await goOn([checkpoints.run(), ...work()]);
    },
    dueAt,
  };
}
