/**
 * What of a page's beacon goes on to ingest. Anybody can send what a page sends: an exposure is taken as far as the edge has signed for it,
 * and of an outcome nothing is believed here, since ingest asks for its token.
 */
import type { Place } from '#core/context';
import type { Exposure, Outcome } from '#exposure/exposure';
import type { ExposureTokens } from '#exposure/exposure-token';
import { isFields } from '#http/settings';
import { MAX_BEACON_EVENTS, MAX_EXPOSURE_AGE_MS, MAX_TIME } from '#schema/exposure-limits';
import { ok, type Result, refused } from '#schema/result';

export interface PageBeacon {
  /** By the page's clock (milliseconds since 1970). */
  readonly sentAt: number;
  readonly events: readonly unknown[];
  readonly outcomes: readonly unknown[];
}

export interface Rejection {
  readonly index: number;
  readonly of: 'events' | 'outcomes';
  readonly status: 400;
  readonly detail: string;
}

/** An event or an outcome, and its place in the page's beacon. */
export interface Vetted<T> {
  readonly index: number;
  readonly what: T;
}

export interface VettedBeacon {
  readonly events: readonly Vetted<Exposure>[];
  /** Ingest judges their form. */
  readonly outcomes: readonly Vetted<Outcome>[];
  readonly rejected: readonly Rejection[];
}

export interface Vetting {
  /** Undefined where the edge signs for nothing. */
  readonly tokens: Pick<ExposureTokens, 'verify'> | undefined;
  /** Where the beacon came in. */
  readonly place: Place;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

const MINUTE_MS = 60_000;
/** Whatever the page says: a rule that it does not know cannot be held against it, nor can it hold anything against a rule. */
const REASON = 'UNKNOWN';

export function readPageBeacon(json: unknown): Result<PageBeacon, string> {
  if (!isFields(json)) return refused('the body must be a JSON object');
  const { sentAt, events, outcomes = [] } = json;
  // A clock that says less has never been set, and would leave no room for what is older.
  if (!isWhole(sentAt, MAX_TIME) || sentAt < 2 * MAX_EXPOSURE_AGE_MS)
    return refused('sentAt: must be whole milliseconds since 1970');
  if (!Array.isArray(events) || !Array.isArray(outcomes)) return refused('events, outcomes: must be lists');
  if (events.length + outcomes.length > MAX_BEACON_EVENTS)
    return refused(`events, outcomes: at most ${MAX_BEACON_EVENTS} together`);
  return ok({ sentAt, events, outcomes });
}

export function vetPageBeacon({ sentAt, events, outcomes }: PageBeacon, vetting: Vetting): VettedBeacon {
  const rejected: Rejection[] = [];
  const vetted = <T>(of: Rejection['of'], all: readonly unknown[], vet: (one: Fields) => Result<T, string>) =>
    all.flatMap((one, index): Vetted<T>[] => {
      const found = isFields(one) ? vet(one) : refused('must be an object');
      if (found.ok) return [{ index, what: found.value }];
      rejected.push({ index, of, status: 400, detail: found.error });
      return [];
    });
  return {
    events: vetted('events', events, (one) => exposureIn(one, sentAt, vetting)),
    outcomes: vetted('outcomes', outcomes, (one) => outcomeIn(one, vetting.place)),
    rejected,
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Said of whom the edge served, as it served it, in the minute in which it did. */
function exposureIn(one: Fields, sentAt: number, { tokens, place, receivedAt }: Vetting): Result<Exposure, string> {
  const { time, version, token } = one;
  if (!isWhole(time, MAX_TIME)) return refused('time: must be whole milliseconds since 1970');
  if (!isWhole(version, Number.MAX_SAFE_INTEGER)) return refused('version: must be a whole number');
  const happened = receivedAt - Math.max(0, sentAt - time);
  // What waited for days was vouched for when it happened; what did not is, though the page's clock was set meanwhile.
  const vouched =
    typeof token === 'string' ? (tokens?.verify(token, happened) ?? tokens?.verify(token, receivedAt)) : undefined;
  if (vouched === undefined) return refused('token: is not the word of this edge');
  const { unit, flag, revision, variation, minute } = vouched;
  const said = [one['unit'], one['flag'], one['revision'], one['variation']];
  if ([unit, flag, revision, variation].some((word, at) => word !== said[at]))
    return refused('token: is of another exposure');
  const served = Math.min(Math.max(happened, minute * MINUTE_MS), (minute + 1) * MINUTE_MS - 1);
  // By the page's clock again, as ingest expects it.
  const told = sentAt - Math.max(0, receivedAt - served);
  return ok({ flag, revision, variation, unit, reason: REASON, version, ...place, time: told });
}

/** As a page's, whoever it says that it is. */
function outcomeIn({ name, unit, time, value, id, source, token }: Fields, place: Place): Result<Outcome, string> {
  if (source !== 'client') return refused('source: must be client');
  // JSON leaves out what is undefined.
  const said = { name, unit, time, value, id, token } as Pick<Outcome, 'name' | 'unit' | 'time'>;
  return ok({ ...said, ...place, source });
}

const isWhole = (value: unknown, max: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
