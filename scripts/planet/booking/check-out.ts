/** A check-out: what is ordered, and how the bank answers. There is no bank: as with any provider's test cards, the card says it. */
import { boundedJson } from '#http/bounded-json';
import { ok, type Result, refused } from '#schema/result';

export interface CheckOut {
  readonly user: string;
  /** The user's own name for it: the same again is the same order. */
  readonly order: string;
  readonly card: Card;
}

const CARDS = ['approved', 'declined'] as const;
type Card = (typeof CARDS)[number];

const MAX_BYTES = 1_024;
const MAX_USER = 256;
/** Visible ASCII, as an outcome's id has to be. */
const ORDER = /^[!-~]{1,64}$/;

/** Refused with what the caller should mend. */
export async function readCheckOut(request: Request): Promise<Result<CheckOut, string>> {
  const body = await boundedJson(request, MAX_BYTES, 1);
  if (!body.ok) return refused(`the body must be JSON of at most ${MAX_BYTES} bytes (${body.error})`);
  const { user, order, card } = (body.value ?? {}) as Partial<Record<keyof CheckOut, unknown>>;
  if (typeof user !== 'string' || user === '' || user.length > MAX_USER)
    return refused(`user must be a text of 1 to ${MAX_USER} characters`);
  if (typeof order !== 'string' || !ORDER.test(order)) return refused('order must be 1 to 64 visible ASCII characters');
  const known = CARDS.find((one) => one === card);
  return known === undefined ? refused(`card must be ${CARDS.join(' or ')}`) : ok({ user, order, card: known });
}
