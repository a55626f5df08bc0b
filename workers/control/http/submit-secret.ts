/** A change that brings a secret which was made just now: the answer shows it, this once. */
import type { Event } from '#control/event';
import type { Change } from '#schema/control-command';
import type { Operation } from '#schema/control-operation';
import { ok } from '#schema/result';
import type { NewToken } from '../access-token.ts';
import type { Api } from './api.ts';
import { carriedOut } from './give-command.ts';
import type { Answer } from './route.ts';
import { type Submitter, submitChange } from './submit-change.ts';
import { writeReply } from './write-reply.ts';

/**
 * Only where it is this secret that is kept. Of requests at once with the same Idempotency-Key one is carried out, and the others get its
 * answer: theirs would be secrets that nobody knows.
 */
export async function submitSecret(api: Api, caller: Submitter, change: Change, made: NewToken): Promise<Answer> {
  if (caller.isDryRun) return submitChange(api, caller, change);
  const done = await carriedOut(api, caller, { type: 'submit', change });
  if (!done.ok) return done;
  const answer = await writeReply(api, caller.principal, done.value);
  if (!answer.ok || !done.value.events.some((event) => keeps(event, made.sha256))) return answer;
  return ok({ ...answer.value, body: { ...(answer.value.body as object), secret: made.text } });
}

function keeps(event: Event, digest: string): boolean {
  switch (event.type) {
    case 'sdk-key-put':
      return event.sdkKey.secrets.some(({ sha256 }) => sha256 === digest);
    case 'service-token-put':
      return event.serviceToken.secrets.some(({ sha256 }) => sha256 === digest);
    case 'request-opened':
      return event.request.change.operations.some((operation) => digestIn(operation) === digest);
    default:
      return false;
  }
}

function digestIn(operation: Operation): string | undefined {
  if (operation.op === 'create') return operation.body.sha256;
  return operation.op === 'rotate' ? operation.sha256 : undefined;
}
