/** `POST /v1/exposures`: answers only when every inbox has committed its part. */
import { envelope, ledger } from '#schema/exposure';
import { MAX_BEACON_EVENTS } from '#schema/exposure-limits';
import { divide } from './divide.ts';
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

/** Rejects where an inbox fails: the sender is to send all of it again, for a part that was kept is then a duplicate. */
export async function receiveBeacon(
  request: Request,
  environment: string,
  inboxes: Inboxes,
  receivedAt: number,
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
  const receipts = await Promise.all(parts.map(([inbox, part]) => inboxes.receive(inbox, part)));
  const answer: BeaconAnswer = {
    ...sum(receipts),
    rejected: verdicts.rejected,
    ...(counters?.error && { ledger: detailOf(counters.error) }),
  };
  return Response.json(answer, { status: 202 });
}

const sum = (receipts: readonly Receipt[]): Receipt => ({
  accepted: receipts.reduce((total, { accepted }) => total + accepted, 0),
  duplicates: receipts.reduce((total, { duplicates }) => total + duplicates, 0),
  quarantined: receipts.reduce((total, { quarantined }) => total + quarantined, 0),
});
