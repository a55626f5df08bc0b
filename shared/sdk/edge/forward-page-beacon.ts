/** Hands what a page told on to ingest before the page is answered: it keeps what it told until ingest has it. */
import type { Refusal } from '#exposure/deliver-batch';
import type { Beacon, Ledger } from '#exposure/exposure';
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

/** `emitter`: a name of this isolate's for all that pages tell, since what a page says of itself anybody could. */
export function createPageForwarder(way: IngestWay, emitter: string): ForwardPageBeacon {
  let taken = 0;
  /** The evaluations were counted where the page was told. */
  const ledger = (): Ledger => ({ evaluated: 0, exposed: taken, sent: taken, dropped: 0 });

  return async ({ events, outcomes }, sentAt) => {
    const content = { events: events.map(({ what }) => what), outcomes: outcomes.map(({ what }) => what) };
    const beacon: Beacon = { emitter, sentAt, ledger: ledger(), ...content };
    const verdict = await withDeadline(DEADLINE_MS, () => post(beacon, way)).catch(() => undefined);
    if (verdict === undefined) return { fate: 'later', retryAfterSeconds: RETRY_AFTER_S };
    if (!Array.isArray(verdict)) return verdict;
    const rejected = verdict.flatMap(({ of, index, detail }): Rejection[] => {
      const one = of === 'collapsed' ? undefined : { events, outcomes }[of][index];
      return one === undefined || of === 'collapsed' ? [] : [{ index: one.index, of, status: 400, detail }];
    });
    taken += events.length - rejected.filter(({ of }) => of === 'events').length;
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
