/** Sends a batch until each of its events has its fate: one that ingest never takes must not keep the others from arriving. */
import type { Beacon } from './exposure.ts';
import { type Batch, sizeOf } from './spool.ts';

/** An event that ingest refused, with its reason. */
export interface Refusal {
  readonly index: number;
  readonly of: 'events' | 'outcomes' | 'collapsed';
  readonly detail: string;
}

/** The same batch is to be sent again, not at once. */
export interface Later {
  readonly kind: 'later';
  readonly why: string;
  readonly retryAfterMs?: number;
  /** 401, 403. */
  readonly isKeyRefused?: true;
}

/** What ingest said of a beacon: kept but for some, nothing of it because of some (400, 413), or not now. */
export type Verdict =
  | { readonly kind: 'taken'; readonly refused: readonly Refusal[] }
  | { readonly kind: 'refused'; readonly why: string }
  | Later;

/** Never rejects. */
export type SendBeacon = (beacon: Beacon) => Promise<Verdict>;

/** What ingest will never take, with its reason. */
export interface Quarantined {
  readonly of: Refusal['of'];
  readonly item: object;
  readonly why: string;
}

export type Delivered = { readonly kind: 'done'; readonly quarantined: readonly Quarantined[] } | Later;

/** All of a beacon but its batch. */
export type HeadOf = (batch: Batch) => Omit<Beacon, 'events'>;

export async function deliverBatch(batch: Batch, head: HeadOf, send: SendBeacon): Promise<Delivered> {
  const { events, outcomes, collapsed } = batch;
  const verdict = await send({
    ...head(batch),
    events,
    ...(outcomes.length > 0 && { outcomes }),
    ...(collapsed && { collapsed }),
  });
  switch (verdict.kind) {
    case 'later':
      return verdict;
    case 'taken':
      return { kind: 'done', quarantined: verdict.refused.flatMap((refusal) => named(batch, refusal)) };
    case 'refused':
      if (sizeOf(batch) > 1) return deliverHalves(batch, head, send);
      return { kind: 'done', quarantined: allOf(batch, verdict.why) };
    default:
      return verdict satisfies never;
  }
}

async function deliverHalves(batch: Batch, ...rest: Rest): Promise<Delivered> {
  const [front, back] = halvesOf(batch);
  const first = await deliverBatch(front, ...rest);
  if (first.kind === 'later') return first;
  const second = await deliverBatch(back, ...rest);
  return second.kind === 'later' ? second : { ...second, quarantined: [...first.quarantined, ...second.quarantined] };
}

type Rest = [head: HeadOf, send: SendBeacon];

/** Both bear the number of the whole. */
function halvesOf(batch: Batch): readonly [Batch, Batch] {
  const { events, outcomes } = batch;
  const middle = sizeOf({ events, outcomes }) >> 1;
  const rest = Math.max(0, middle - events.length);
  return [
    { ...batch, events: events.slice(0, middle), outcomes: outcomes.slice(0, rest) },
    { ...batch, events: events.slice(middle), outcomes: outcomes.slice(rest) },
  ];
}

function named(batch: Batch, { index, of, detail: why }: Refusal): readonly Quarantined[] {
  const item: object | undefined = batch[of]?.[index];
  return item === undefined ? [] : [{ of, item, why }];
}

const allOf = ({ events, outcomes, collapsed = [] }: Batch, why: string): readonly Quarantined[] => [
  ...events.map((item) => ({ of: 'events', item, why }) as const),
  ...outcomes.map((item) => ({ of: 'outcomes', item, why }) as const),
  ...collapsed.map((item) => ({ of: 'collapsed', item, why }) as const),
];
