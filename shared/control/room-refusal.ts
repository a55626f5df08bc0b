/** Whether one more change request may wait: all of them are in memory, and nobody may take the room of everybody else. */
import {
  MAX_OPEN_BYTES,
  MAX_OPEN_BYTES_OF_PERSON,
  MAX_OPEN_REQUESTS,
  MAX_OPEN_REQUESTS_OF_PERSON,
  MAX_REQUEST_BYTES,
} from '#schema/control-limits';
import type { Facts } from './facts.ts';
import { entriesOf } from './persistent-map.ts';
import { nameOf } from './persons.ts';
import type { Refusal } from './refusal.ts';
import { requestBytes } from './request-bytes.ts';
import type { ChangeRequest, Party, State } from './state.ts';

interface Taken {
  readonly requests: number;
  readonly bytes: number;
}

/** `request` is as it would be kept; one of the same id makes room for it. */
export function roomRefusal(
  state: State,
  request: Pick<ChangeRequest, 'id' | 'editors'> & { readonly bytes: number },
  facts: Pick<Facts, 'linked'>,
): Refusal | undefined {
  if (request.bytes > MAX_REQUEST_BYTES)
    return { code: 'too-large-to-wait', size: request.bytes, most: MAX_REQUEST_BYTES };
  const others = [...entriesOf(state.requests)].flatMap(([id, one]) => (id === request.id ? [] : [one]));
  const person = answerable(request, facts);
  const own = others.filter((one) => answerable(one, facts) === person);
  return (
    fullRefusal('of one person', withOne(own, request.bytes), MAX_OPEN_REQUESTS_OF_PERSON, MAX_OPEN_BYTES_OF_PERSON) ??
    fullRefusal('of the organisation', withOne(others, request.bytes), MAX_OPEN_REQUESTS, MAX_OPEN_BYTES)
  );
}

/** Whoever opened it; of a service, its owner. Who amended it has not taken room for more. */
function answerable({ editors }: Pick<ChangeRequest, 'editors'>, { linked }: Pick<Facts, 'linked'>): string {
  const { person, alsoPersons } = editors[0] as Party;
  return nameOf(alsoPersons[0] ?? person, linked);
}

const withOne = (others: readonly ChangeRequest[], bytes: number): Taken => ({
  requests: others.length + 1,
  // Those of an older log have no size with them.
  bytes: others.reduce((sum, one) => sum + (one.bytes ?? requestBytes(one)), bytes),
});

function fullRefusal(whose: string, { requests, bytes }: Taken, most: number, mostBytes: number): Refusal | undefined {
  const mend = 'withdraw some (voided ones count, too), or have them applied or declined';
  if (requests > most) return { code: 'too-many', what: `open change requests ${whose}`, most, mend };
  const what = `bytes of open change requests ${whose}`;
  return bytes > mostBytes ? { code: 'too-many', what, most: mostBytes, mend } : undefined;
}
