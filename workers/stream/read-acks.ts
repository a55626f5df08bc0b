/** Acknowledgements out of a request's body: bounded, and each with a verdict of its own. */
import { boundedJson } from '#http/bounded-json';
import { type Ack, ack, ackBatch } from '#schema/acks';
import { ok, type Result, refused } from '#schema/result';
import { MAX_ACKS_BODY, MAX_ACKS_DEPTH } from '#schema/stream-limits';
import { badBody, badRequest, type RejectedAck } from './problems.ts';

export interface ReadAcks {
  readonly good: readonly Ack[];
  readonly rejected: readonly RejectedAck[];
}

/** Refused with the answer. */
export async function readAcks(request: Request): Promise<Result<ReadAcks, Response>> {
  const body = await boundedJson(request, MAX_ACKS_BODY, MAX_ACKS_DEPTH);
  if (!body.ok) return refused(badBody(body.error, MAX_ACKS_BODY));
  const batch = ackBatch.safeParse(body.value);
  if (!batch.success) return refused(badRequest(`the body must be {"acks": [...]}: ${detailOf(batch.error)}`));
  const good: Ack[] = [];
  const rejected: RejectedAck[] = [];
  for (const [index, one] of batch.data.acks.entries()) {
    const read = ack.safeParse(one);
    if (read.success) good.push(read.data);
    else rejected.push({ index, detail: detailOf(read.error) });
  }
  return ok({ good, rejected });
}

/** Of a zod error: the first issue, with its path. */
export function detailOf({
  issues: [first],
}: {
  readonly issues: readonly { path: PropertyKey[]; message: string }[];
}): string {
  return `${first?.path.map(String).join('.')}: ${first?.message}`.slice(0, 300);
}
