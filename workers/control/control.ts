/** An organisation at work: commands, the outbox behind them, the schedule, checkpoints of the log, and the alarm that sees to all. */
import type { NoteKey } from '#control/audit/note-key';
import type { NoteSigner, NoteVerifier } from '#control/audit/signed-note';
import { sortedEntries } from '#control/persistent-map';
import type { Result } from '#schema/result';
import { createCarrying, type Work } from './carrying.ts';
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

const WEBHOOKS = 'webhooks';

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

  const carrying = createCarrying({ now, seeTo: () => begin(rested(effects())) });

  /** Of the six connections that it may have, an event gives keys theirs first: payloads are long, and their publisher may hang. */
  const effects = (): readonly Work[] => [...keyOutbox.works(), ...outbox.works(), ...schedule.works()];
  const works = (): readonly Work[] => [...checkpoints.works(), ...effects()];
  const rested = (works: readonly Work[]): readonly Work[] =>
    isRestoring() ? [] : carrying.due(works).filter(({ name }) => !carrying.rests(name));

  function dueAt(): number | undefined {
    if (isRestoring()) return undefined;
    const deliveries = { name: WEBHOOKS, at: delivering.dueAt() ?? Number.POSITIVE_INFINITY };
    const time = carrying.dueAt([...works(), deliveries]);
    return time === Number.POSITIVE_INFINITY ? undefined : Math.max(now(), time);
  }

  /** Nothing waits for a receiver of webhooks. */
  function deliver(): void {
    if (carrying.rests(WEBHOOKS)) return;
    for (const lane of delivering.run(() => wakeAt(dueAt()))) behind(carrying.watched(WEBHOOKS, lane));
  }

  async function begin(works: readonly Work[]): Promise<void> {
    const carried = Promise.allSettled(carrying.begin(works));
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
      const catchUp = { name: 'catching up', at: now(), run: outbox.catchUp };
      const isRestored = order.command.type === 'finish-restore';
      // The store has just done its work: none of these rests any more.
      behind(begin(carrying.due([...(isRestored ? [catchUp] : []), ...effects()])));
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
      await Promise.all([carrying.settled(), begin(rested(works()))]);
    },
    dueAt,
  };
}
