/** What webhooks were sent, and trying it again. They themselves are records. */
import { type ControlClient, type ControlRequest, pathOf } from '../control-client.ts';
import { list } from './listing.ts';
import type { ControlOptions, ListOptions } from './options.ts';
import { print, safeTable } from './print.ts';
import { withControl } from './with-control.ts';

export interface DeliveryAnswer {
  readonly id: string;
  /** Of the entry in the log; null of a test. */
  readonly seq: number | null;
  readonly type: string;
  readonly time: string;
  readonly status: 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly nextAt?: string;
  readonly code: number | null;
  readonly error: string | null;
}

export const DELIVERY_HEAD = ['id', 'time', 'event', 'entry', 'state', 'attempts', 'outcome'] as const;

export const deliveryRow = ({ id, time, type, seq, status, attempts, ...rest }: DeliveryAnswer): string[] => [
  ...[id, time, type, seq === null ? 'a test' : String(seq), status, String(attempts)],
  outcomeOf(rest),
];

function outcomeOf({ code, error, nextAt }: Pick<DeliveryAnswer, 'code' | 'error' | 'nextAt'>): string {
  const last = [...(code === null ? [] : [`HTTP ${code}`]), ...(error === null ? [] : [error])].join(': ');
  const next = nextAt === undefined ? [] : [`again at ${nextAt}`];
  return [...(last === '' ? [] : [last]), ...next].join('; ') || '-';
}

export const listDeliveries = (key: string, options: ListOptions): Promise<number> =>
  withControl(options, (control) =>
    list<DeliveryAnswer>(control, { path: pathOf('webhooks', key, 'deliveries') }, options, {
      ...{ head: DELIVERY_HEAD, row: deliveryRow, none: 'it was sent nothing yet' },
    }),
  );

export const testWebhook = (key: string, options: ControlOptions): Promise<number> =>
  withControl(options, (control) => tried(control, { path: pathOf('webhooks', key, 'test') }, options));

export const retryDelivery = (key: string, id: string, options: ControlOptions): Promise<number> =>
  withControl(options, (control) =>
    tried(control, { path: pathOf('webhooks', key, 'deliveries', id, 'retry') }, options),
  );

/** 1 where the receiver did not take it. */
async function tried(control: ControlClient, request: ControlRequest, { json }: ControlOptions): Promise<number> {
  const delivery = await control.must<DeliveryAnswer>({ ...request, method: 'POST' });
  print(json, delivery, () => safeTable([DELIVERY_HEAD, deliveryRow(delivery)]));
  return delivery.status === 'delivered' ? 0 : 1;
}

/** One a line, as libraries of Standard Webhooks take them. */
export const webhookKeys = (options: ControlOptions): Promise<number> =>
  withControl(options, async (control) => {
    const found = await control.must<{ readonly keys: readonly string[] }>({ path: pathOf('webhooks', 'keys') });
    print(options.json, found, () => safeTable(found.keys.map((key) => [key])));
    return 0;
  });
