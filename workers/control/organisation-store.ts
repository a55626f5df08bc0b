/** All that an organisation keeps, and the one way in which a command changes it: entry, tree, state, outbox and key in one transaction. */
import type { SealedLeaf } from '#control/audit/entry';
import type { State } from '#control/state';
import type { Row } from '#control/state-rows';
import { type AnswerStore, createAnswerStore, type KeyedCommand } from './answer-store.ts';
import { createTables, emptyTables } from './control-tables.ts';
import { createDeliveryStore, type DeliveryStore, type Mail, type Turns } from './delivery-store.ts';
import { createLogStore, type LogEnd, type LogStore } from './log-store.ts';
import type { Parcel, Parcels } from './parcel.ts';
import type { ControlStorage } from './sql.ts';
import { createStateStore } from './state-store.ts';

/** What is held in memory of it. */
export interface Held {
  readonly state: State;
  readonly end: LogEnd;
  readonly parcels: Parcels;
  readonly turns: Turns;
  /** Its entries are those of another log, so far: how many of them a checkpoint covers. Undefined once it has some of its own. */
  readonly restoring: number | undefined;
}

/** What a command comes to. */
export interface Step {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined where there was nothing to do. */
  readonly leaf?: SealedLeaf;
  readonly rows: Iterable<Row>;
  readonly parcels: ReadonlyMap<string, Parcel | undefined>;
  readonly mail: Mail;
  readonly keyed?: KeyedCommand;
  /** What comes behind it is its own. */
  readonly endsRestore?: boolean;
}

/** Entries of another log, and what they come to. */
export interface RestoreStep {
  readonly leaves: readonly SealedLeaf[];
  readonly rows: Iterable<Row>;
  /** As many entries a checkpoint covers. */
  readonly proven: number;
  /** Asked once the entries are there; throws where they are not to stay. */
  readonly check: () => void;
}

export interface OrganisationStore {
  readonly log: LogStore;
  readonly answers: Pick<AnswerStore, 'find'>;
  readonly deliveries: Omit<DeliveryStore, 'take'>;
  read(): Held;
  /** Keeps all of it, or throws; then perhaps all of it is kept, and else nothing. */
  commit(step: Step): void;
  putParcel(environment: string, parcel: Parcel): void;
  /** Keeps all of it, or throws. */
  restore(step: RestoreStep): void;
  /** Forgets all that was restored, or throws. */
  abandonRestore(): void;
}

type ParcelRow = { environment: string; parcel: string };

export function createOrganisationStore(storage: ControlStorage): OrganisationStore {
  const { sql } = storage;
  createTables(sql);
  const log = createLogStore(sql);
  const state = createStateStore(sql);
  const answers = createAnswerStore(sql);
  const deliveries = createDeliveryStore(storage);

  function putParcel(environment: string, parcel: Parcel | undefined): void {
    if (parcel === undefined) sql.exec('DELETE FROM outbox WHERE environment = ?', environment);
    else {
      const insert = 'INSERT OR REPLACE INTO outbox (environment, parcel) VALUES (?, ?)';
      sql.exec(insert, environment, JSON.stringify(parcel));
    }
  }

  function readParcels(): Parcels {
    const rows = [...sql.exec<ParcelRow>('SELECT environment, parcel FROM outbox')];
    return new Map(rows.map(({ environment, parcel }) => [environment, JSON.parse(parcel) as Parcel]));
  }

  return {
    log,
    answers,
    deliveries,
    read: () => ({
      ...{ state: state.read(), end: log.end(), parcels: readParcels(), turns: deliveries.turns() },
      restoring: [...sql.exec<{ proven: number }>('SELECT proven FROM restoring')][0]?.proven,
    }),
    commit({ now, leaf, rows, parcels, mail, keyed, endsRestore }) {
      storage.transactionSync(() => {
        if (leaf !== undefined) log.append(leaf);
        if (endsRestore) sql.exec('DELETE FROM restoring');
        state.write(rows);
        for (const [environment, parcel] of parcels) putParcel(environment, parcel);
        deliveries.take(mail, now);
        if (keyed !== undefined) answers.keep(keyed, leaf?.seq ?? null, now);
      });
    },
    putParcel,
    restore({ leaves, rows, proven, check }) {
      storage.transactionSync(() => {
        for (const leaf of leaves) log.append(leaf);
        state.write(rows);
        sql.exec('INSERT OR REPLACE INTO restoring (id, proven) VALUES (1, ?)', proven);
        check();
      });
    },
    abandonRestore: () => storage.transactionSync(() => emptyTables(sql)),
  };
}
