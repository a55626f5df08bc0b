/** Hands what a page told on to ingest before the page is answered: it keeps what it told until ingest has it. */
import type { Refusal } from '#exposure/deliver-batch';
import type { Beacon } from '#exposure/exposure';
import { createFlagCounts } from '#exposure/flag-counts';
import { refusedIn } from '#exposure/refused-in';
import { withDeadline } from '#http/with-deadline';
import { type IngestWay, postBeacon } from './post-beacon.ts';
import type { Rejection, VettedBeacon } from './vet-page-beacon.ts';

/** `refused`: as a whole; halved, it leads to what ingest will never take. */
export type Forwarded =
  | { readonly fate: 'taken'; readonly rejected: readonly Rejection[] }
  | { readonly fate: 'refused'; readonly status: 400 | 413 }
  | { readonly fate: 'later'; readonly retryAfterSeconds: number };

/** Never rejects. */
export type ForwardPageBeacon = (vetted: VettedBeacon, sentAt: number) => Promise<Forwarded>;

/** A page waits for 10 s. */
const DEADLINE_MS = 8_000;
const RETRY_AFTER_S = 5;
const MAX_RETRY_AFTER_S = 300;

export interface PageEmitter {
  /** Of this isolate, for all that pages tell: what a page says of itself anybody could. */
  readonly emitter: string;
  readonly region?: string | undefined;
  /** By this isolate's clock, whatever a page's says. */
  readonly now: () => number;
}

export function createPageForwarder(way: IngestWay, { emitter, region, now }: PageEmitter): ForwardPageBeacon {
  let taken = 0;
  const flagCounts = createFlagCounts();

  /** What ingest has acknowledged: until then it is the page's. The evaluations were counted where the page was told. */
  function headAt(sentAt: number): Omit<Beacon, 'events'> {
    const flags = flagCounts.due(now());
    const ledger = { evaluated: 0, exposed: taken, sent: taken, dropped: 0, ...(flags && { flags }) };
    return { emitter, sentAt, ...(region && { region }), ledger };
  }

  return async ({ events, outcomes }, sentAt) => {
    const content = { events: events.map(({ what }) => what), outcomes: outcomes.map(({ what }) => what) };
    const beacon: Beacon = { ...headAt(sentAt), ...content };
    const verdict = await withDeadline(DEADLINE_MS, () => post(beacon, way)).catch(() => undefined);
    if (verdict === undefined) return { fate: 'later', retryAfterSeconds: RETRY_AFTER_S };
    if (!Array.isArray(verdict)) return verdict;
    const rejected = verdict.flatMap(({ of, index, detail }): Rejection[] => {
      const one = of === 'collapsed' ? undefined : { events, outcomes }[of][index];
      return one === undefined || of === 'collapsed' ? [] : [{ index: one.index, of, status: 400, detail }];
    });
    const refused = new Set(rejected.filter(({ of }) => of === 'events').map(({ index }) => index));
    for (const { index, what } of events) {
      if (refused.has(index)) continue;
      taken++;
      flagCounts.exposed(what.flag);
    }
    return { fate: 'taken', rejected };
  };
}

/** What ingest refused of a beacon that it has judged one by one. */
async function post(beacon: Beacon, way: IngestWay): Promise<Refusal[] | Exclude<Forwarded, { fate: 'taken' }>> {
  const response = await postBeacon(JSON.stringify(beacon), way);
  const { ok, status } = response;
  const refused = ok || status === 400 ? refusedIn(await response.text(), beacon) : undefined;
  if (refused !== undefined && (ok || refused.length > 0)) return refused;
  if (status === 400 || status === 413) return { fate: 'refused', status };
  // Whatever else it is, a yes without verdicts among it: a page may come again.
  const asked = Number(response.headers.get('retry-after'));
  return {
    fate: 'later',
    retryAfterSeconds: asked > 0 ? Math.min(Math.ceil(asked), MAX_RETRY_AFTER_S) : RETRY_AFTER_S,
  };
}
