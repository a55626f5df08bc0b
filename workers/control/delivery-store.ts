/** What webhooks are to be sent, and what became of it. For each, the oldest that waits is its turn: there is no other cursor. */
import type { ControlStorage, SqlRow } from './sql.ts';
import type { Message } from './webhook-message.ts';

export interface Delivery extends Message {
  readonly status: 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  /** When it is tried next, if it waits. All times are milliseconds since 1970. */
  readonly nextAt: number;
  /** Of the last attempt: when, what status the receiver answered, and what went wrong. */
  readonly triedAt: number | null;
  readonly code: number | null;
  readonly error: string | null;
}

/** `place` grows with each that is added. */
export interface PlacedDelivery extends Delivery {
  readonly place: number;
}

/** What a command makes of deliveries. */
export interface Mail {
  readonly messages: readonly Message[];
  /** Webhooks that are changed: what waits for them is tried at once. */
  readonly woken: readonly string[];
  /** Webhooks that are disabled: what waits for them is given up. */
  readonly closed: readonly string[];
  readonly deleted: readonly string[];
}

/** By webhook that something waits for: when to try. */
export type Turns = ReadonlyMap<string, number>;

export type Attempted = Pick<
  Delivery,
  'webhook' | 'id' | 'status' | 'attempts' | 'nextAt' | 'triedAt' | 'code' | 'error'
>;

export interface DeliveryStore {
  turns(): Turns;
  /** When to try what waits for a webhook; undefined where nothing does. */
  turnOf(webhook: string): number | undefined;
  /** Within a transaction. */
  take(mail: Mail, now: number): void;
  /** The oldest that waits. */
  first(webhook: string): Delivery | undefined;
  find(webhook: string, id: string): Delivery | undefined;
  /** Since when a webhook has failed at all that it was sent; undefined where it took the last. */
  failingSince(webhook: string): number | undefined;
  /** What became of an attempt. Of those that wait, what happened before `givenUpBefore` is given up with it. */
  keep(attempted: Attempted, givenUpBefore: number): void;
  /** One that nobody has to be told of: it was sent because somebody asked. */
  add(message: Message, attempted: Attempted): void;
  /** Newest first, behind the one with number `before`. */
  page(webhook: string, before: number, limit: number): readonly PlacedDelivery[];
}

/** Of each webhook, as many that are done are kept, the newest; and as many may wait. */
export const MAX_KEPT = 1_000;
export const MAX_WAITING = 10_000;

type Row = SqlRow & {
  readonly place: number;
  readonly webhook: string;
  readonly id: string;
  readonly seq: number | null;
  readonly type: string;
  readonly time: number;
  readonly body: string;
  readonly status: Delivery['status'];
  readonly attempts: number;
  readonly nextAt: number;
  readonly triedAt: number | null;
  readonly code: number | null;
  readonly error: string | null;
};

const WAITING = "webhook = ? AND status = 'waiting'";

export function createDeliveryStore(storage: ControlStorage): DeliveryStore {
  const { sql } = storage;
  const rows = (query: string, ...values: (string | number)[]): readonly Row[] => [...sql.exec<Row>(query, ...values)];

  const first = (webhook: string): Row | undefined =>
    rows(`SELECT * FROM deliveries WHERE ${WAITING} ORDER BY place LIMIT 1`, webhook)[0];

  function insert({ webhook, id, seq, type, time, body }: Message, status: Delivery['status'], now: number): void {
    sql.exec(
      'INSERT INTO deliveries (webhook, id, seq, type, time, body, status, attempts, nextAt) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)',
      ...[webhook, id, seq, type, time, body, status, now],
    );
  }

  function update({ webhook, id, status, attempts, nextAt, triedAt, code, error }: Attempted): void {
    sql.exec(
      'UPDATE deliveries SET status = ?, attempts = ?, nextAt = ?, triedAt = ?, code = ?, error = ? WHERE webhook = ? AND id = ?',
      ...[status, attempts, nextAt, triedAt, code, error, webhook, id],
    );
  }

  const giveUp = (webhook: string, error: string, which = '', ...values: number[]): void =>
    void sql.exec(
      `UPDATE deliveries SET status = 'failed', error = ? WHERE ${WAITING}${which}`,
      error,
      webhook,
      ...values,
    );

  const forgive = (webhook: string): void => void sql.exec('DELETE FROM failing WHERE webhook = ?', webhook);

  function forget(webhook: string): void {
    const beyond = `SELECT place FROM deliveries WHERE webhook = ? AND status <> 'waiting' ORDER BY place DESC LIMIT 1 OFFSET ${MAX_KEPT}`;
    sql.exec(
      `DELETE FROM deliveries WHERE webhook = ? AND status <> 'waiting' AND place <= (${beyond})`,
      webhook,
      webhook,
    );
  }

  return {
    first,
    turns() {
      const oldest = "SELECT MIN(place) FROM deliveries WHERE status = 'waiting' GROUP BY webhook";
      return new Map(
        rows(`SELECT * FROM deliveries WHERE place IN (${oldest})`).map(({ webhook, nextAt }) => [webhook, nextAt]),
      );
    },
    turnOf: (webhook) => first(webhook)?.nextAt,
    take({ messages, woken, closed, deleted }, now) {
      for (const message of messages) insert(message, 'waiting', now);
      for (const webhook of woken) sql.exec(`UPDATE deliveries SET nextAt = ? WHERE ${WAITING}`, now, webhook);
      for (const webhook of closed) giveUp(webhook, 'the webhook was disabled');
      for (const webhook of deleted) sql.exec('DELETE FROM deliveries WHERE webhook = ?', webhook);
      for (const webhook of [...woken, ...closed, ...deleted]) forgive(webhook);
    },
    find: (webhook, id) => rows('SELECT * FROM deliveries WHERE webhook = ? AND id = ?', webhook, id)[0],
    failingSince: (webhook) =>
      [...sql.exec<SqlRow & { readonly since: number }>('SELECT since FROM failing WHERE webhook = ?', webhook)][0]
        ?.since,
    keep(attempted, givenUpBefore) {
      const { webhook, status, error, triedAt } = attempted;
      storage.transactionSync(() => {
        update(attempted);
        if (status === 'delivered') forgive(webhook);
        else sql.exec('INSERT OR IGNORE INTO failing (webhook, since) VALUES (?, ?)', webhook, triedAt);
        giveUp(webhook, error ?? 'given up', ' AND time < ?', givenUpBefore);
        const newest = `SELECT place FROM deliveries WHERE ${WAITING} ORDER BY place DESC LIMIT ${MAX_WAITING}`;
        sql.exec(
          `UPDATE deliveries SET status = 'failed', error = ? WHERE ${WAITING} AND place NOT IN (${newest})`,
          ...[`more than ${MAX_WAITING} waited`, webhook, webhook],
        );
        forget(webhook);
      });
    },
    add(message, attempted) {
      storage.transactionSync(() => {
        insert(message, 'failed', message.time);
        update(attempted);
        forget(message.webhook);
      });
    },
    page: (webhook, before, limit) =>
      rows(
        'SELECT * FROM deliveries WHERE webhook = ? AND place < ? ORDER BY place DESC LIMIT ?',
        webhook,
        before,
        limit,
      ),
  };
}
