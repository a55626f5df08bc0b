/** `POST /v1/exposures`: answers only when every inbox has committed its part. */
import type { ExposureTokens } from '#exposure/exposure-token';
import { type KeyUse, wholeMinute } from '#exposure/key-uses';
import { type Envelope, emitterRegion, envelope, keyUses, ledger, sequence } from '#schema/exposure';
import { MAX_BEACON_EVENTS } from '#schema/exposure-limits';
import { divide } from './divide.ts';
import { eventTime } from './event-time.ts';
import { inboxOfEmitter } from './inbox-layout.ts';
import type { EmitterWord } from './inbox-part.ts';
import type { Inboxes } from './inboxes.ts';
import { badBody, badRequest, noneGood, tooManyEvents } from './problems.ts';
import { readBody } from './read-body.ts';
import type { ExposureReader } from './read-exposures.ts';
import { detailOf, judge, type Rejection } from './verdicts.ts';

/** What is on disk now. Which of it was there before is found out when it is counted. */
interface Kept {
  /** To be counted, each once. */
  readonly accepted: number;
  /** Put aside. */
  readonly quarantined: number;
}

export interface BeaconAnswer extends Kept {
  /** Where there were some. */
  readonly outcomes?: Kept;
  readonly rejected: readonly Rejection[];
  /** Why the ledger was not kept, or the batch's number. It costs no event. */
  readonly ledger?: string;
  readonly sequence?: string;
}

export interface Reception {
  readonly environment: string;
  readonly inboxes: Inboxes;
  readonly read: ExposureReader;
  /** Whether the sender is believed that a key was used. */
  readonly believesUse: (sha256: string) => boolean;
  readonly receivedAt: number;
  /** None where the edge signs none. */
  readonly tokens?: Pick<ExposureTokens, 'verify'> | undefined;
  /** Told how many events are out of form, where some are. */
  rejected(events: number): void;
}

/** Rejects where an inbox fails: the sender is to send all of it again, for a part that was kept is then a duplicate. */
export async function receiveBeacon(
  request: Request,
  { environment, inboxes, read, believesUse, receivedAt, tokens, rejected: tell }: Reception,
): Promise<Response> {
  const body = await readBody(request);
  if (!body.ok) return badBody(body.error);
  const beacon = envelope.safeParse(body.value);
  if (!beacon.success) return badRequest(detailOf(beacon.error));
  const { emitter, events, outcomes, collapsed } = beacon.data;
  const things = events.length + outcomes.length;
  if (Math.max(things, collapsed.length) > MAX_BEACON_EVENTS) return tooManyEvents(Math.max(things, collapsed.length));
  const verdicts = judge(beacon.data, {
    environment,
    receivedAt,
    read,
    vouches: ({ unit, token = '' }) => tokens?.verify(token, receivedAt)?.unit === unit,
  });
  const { good, old, goodOutcomes, asideOutcomes, rejected } = verdicts;
  if (rejected.length > 0) tell(rejected.length);
  if (rejected.length > 0 && rejected.length === things + collapsed.length) return noneGood(rejected);
  const { word, faults } = wordIn(beacon.data);
  if (collapsed.length > 0 && word?.sequence === undefined)
    return badRequest('sequence: must be there with collapsed counts, a whole number from 1, so that they count once');
  const parts = divide(environment, verdicts, receivedAt, word && { ...word, collapsed: verdicts.collapsed });
  const uses = usesIn(beacon.data, receivedAt).filter(([sha256]) => believesUse(sha256));
  await Promise.all([
    ...parts.map((part) => inboxes.receive(part)),
    uses.length > 0 && inboxes.keepUses(inboxOfEmitter(emitter), uses),
  ]);
  const answer: BeaconAnswer = {
    ...{ accepted: good.length, quarantined: old.length },
    ...(outcomes.length > 0 && { outcomes: { accepted: goodOutcomes.length, quarantined: asideOutcomes.length } }),
    rejected,
    ...faults,
  };
  return Response.json(answer, { status: 202 });
}

interface ReadWord {
  /** None where the emitter says nothing of itself. */
  readonly word?: EmitterWord;
  readonly faults: Pick<BeaconAnswer, 'ledger' | 'sequence'>;
}

function wordIn(beacon: Envelope): ReadWord {
  const { emitter, sentAt } = beacon;
  const counters = beacon.ledger === undefined ? undefined : ledger.safeParse(beacon.ledger);
  const number = beacon.sequence === undefined ? undefined : sequence.safeParse(beacon.sequence);
  const region = emitterRegion.safeParse(beacon.region);
  const faults = {
    ...(counters?.error && { ledger: detailOf(counters.error) }),
    ...(number?.error && { sequence: detailOf(number.error) }),
  };
  if (!counters?.success && !number?.success) return { faults };
  const word: EmitterWord = {
    emitter,
    sentAt,
    ...(region.success && { region: region.data }),
    ...(number?.success && { sequence: number.data }),
    ...(counters?.success && { ledger: counters.data }),
  };
  return { word, faults };
}

/** By ingest's clock. None where they are out of form: they cost no event. */
function usesIn({ uses = [], sentAt }: Envelope, receivedAt: number): KeyUse[] {
  return (keyUses.safeParse(uses).data ?? []).flatMap(([sha256, time]): KeyUse[] => {
    const at = eventTime(time, sentAt, receivedAt);
    return at === undefined ? [] : [[sha256, wholeMinute(at)]];
  });
}
