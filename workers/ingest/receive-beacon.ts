/** `POST /v1/exposures`: answers only when every inbox has committed its part. */
import { type KeyUse, wholeMinute } from '#exposure/key-uses';
import { type Envelope, envelope, keyUses, ledger } from '#schema/exposure';
import { MAX_BEACON_EVENTS } from '#schema/exposure-limits';
import { divide } from './divide.ts';
import { eventTime } from './event-time.ts';
import { inboxOfEmitter } from './inbox-layout.ts';
import type { Inboxes } from './inboxes.ts';
import { badBody, badRequest, noneGood, tooManyEvents } from './problems.ts';
import { readBody } from './read-body.ts';
import type { Receipt } from './store-part.ts';
import { detailOf, judge, type Rejection } from './verdicts.ts';

export interface BeaconAnswer extends Receipt {
  readonly rejected: readonly Rejection[];
  /** Why the ledger was not kept. It costs no event. */
  readonly ledger?: string;
}

export interface Reception {
  readonly environment: string;
  readonly inboxes: Inboxes;
  /** Whether the sender is a POP of our own: what that says of keys is believed. */
  readonly isPop: boolean;
  readonly receivedAt: number;
}

/** Rejects where an inbox fails: the sender is to send all of it again, for a part that was kept is then a duplicate. */
export async function receiveBeacon(
  request: Request,
  { environment, inboxes, isPop, receivedAt }: Reception,
): Promise<Response> {
  const body = await readBody(request);
  if (!body.ok) return badBody(body.error);
  const beacon = envelope.safeParse(body.value);
  if (!beacon.success) return badRequest(detailOf(beacon.error));
  const { emitter, sentAt, events } = beacon.data;
  if (events.length > MAX_BEACON_EVENTS) return tooManyEvents(events.length);
  const verdicts = judge(events, sentAt, receivedAt);
  if (verdicts.rejected.length > 0 && verdicts.rejected.length === events.length) return noneGood(verdicts.rejected);
  const counters = beacon.data.ledger === undefined ? undefined : ledger.safeParse(beacon.data.ledger);
  const word = counters?.success ? { emitter, sentAt, ledger: counters.data } : undefined;
  const parts = [...divide(environment, verdicts, receivedAt, word)];
  const uses = isPop ? usesIn(beacon.data, receivedAt) : [];
  const [receipts] = await Promise.all([
    Promise.all(parts.map(([inbox, part]) => inboxes.receive(inbox, part))),
    uses.length > 0 && inboxes.keepUses(inboxOfEmitter(emitter), uses),
  ]);
  const answer: BeaconAnswer = {
    ...sum(receipts),
    rejected: verdicts.rejected,
    ...(counters?.error && { ledger: detailOf(counters.error) }),
  };
  return Response.json(answer, { status: 202 });
}

/** By ingest's clock. None where they are out of form: they cost no event. */
function usesIn({ uses = [], sentAt }: Envelope, receivedAt: number): KeyUse[] {
  return (keyUses.safeParse(uses).data ?? []).flatMap(([sha256, time]): KeyUse[] => {
    const at = eventTime(time, sentAt, receivedAt);
    return at === undefined ? [] : [[sha256, wholeMinute(at)]];
  });
}

const sum = (receipts: readonly Receipt[]): Receipt => ({
  accepted: receipts.reduce((total, { accepted }) => total + accepted, 0),
  duplicates: receipts.reduce((total, { duplicates }) => total + duplicates, 0),
  quarantined: receipts.reduce((total, { quarantined }) => total + quarantined, 0),
});
