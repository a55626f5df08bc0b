/** Sends the edge's exposures to ingest: pseudonyms for keys, one gzipped beacon for many requests. */
import { createBatchNumbers } from '#exposure/batch-numbers';
import { createCustody, type Delivery, type Settle, type Timer } from '#exposure/custody';
import type { Beacon, Exposure, Ledger } from '#exposure/exposure';
import { createFlagCounts } from '#exposure/flag-counts';
import { createKeyUses } from '#exposure/key-uses';
import { createPseudonymiser, type Pseudonymiser } from '#exposure/pseudonym';
import { type IngestWay, postBeacon } from './post-beacon.ts';

/** An exposure as it lies in an isolate's memory: the unit's key has not been pseudonymised yet. */
export interface HeldExposure extends Omit<Exposure, 'unit'> {
  readonly unitKey: string;
}

export interface BeaconOptions extends IngestWay {
  readonly unitKey: Uint8Array;
  /** Where the isolate is. */
  readonly region?: string | undefined;
}

export interface Beacons {
  /** Counts evaluations that expose nobody. */
  evaluated(flags: readonly string[]): void;
  /** Takes an exposure; what it returns is for `waitUntil`, and never rejects. */
  expose(event: HeldExposure): Promise<void>;
  /** An SDK key is used. What it returns, where there is something to do, is for `waitUntil`, and never rejects. */
  used(sha256: string): Promise<void> | undefined;
  ledger(): Ledger;
}

/** How long uses of keys wait for exposures that take them along, and for one another, before they travel alone. */
export const REPORT_DELAY_MS = 10_000;

/** To be called inside a request: the emitter's name is random. */
export function createBeacons({ service, ingestKey, unitKey, region }: BeaconOptions): Beacons {
  const emitter = crypto.randomUUID();
  /** Made when something is sent: the first answer of an isolate does not wait for its hashes. */
  let pseudonym: Pseudonymiser | undefined;
  let evaluated = 0;
  let exposed = 0;
  const uses = createKeyUses();
  const numbers = createBatchNumbers();
  const flagCounts = createFlagCounts();
  let waitingSince = Number.NEGATIVE_INFINITY;
  const custody = createCustody({ send, timer, now: () => Date.now(), random: Math.random });

  function exposureOf({ unitKey: key, ...rest }: HeldExposure): Exposure {
    pseudonym ??= createPseudonymiser(unitKey);
    return { ...rest, unit: pseudonym('user', key) };
  }

  const ledger = (): Ledger => ({ evaluated, exposed, ...custody.counts() });

  async function send(events: readonly HeldExposure[], settle: Settle<HeldExposure>): Promise<Delivery> {
    const sequence = numbers.take(Date.now());
    const delivery = await sendAs(sequence, events, settle);
    numbers.done(sequence);
    return delivery;
  }

  function headAt(sentAt: number): Omit<Beacon, 'events'> {
    const flags = flagCounts.due(sentAt);
    return { emitter, sentAt, ...(region && { region }), ledger: { ...ledger(), ...(flags && { flags }) } };
  }

  async function sendAs(
    sequence: number,
    events: readonly HeldExposure[],
    settle: Settle<HeldExposure>,
  ): Promise<Delivery> {
    try {
      const told = uses.pending();
      const head = { ...headAt(Date.now()), sequence, ...(told.length > 0 && { uses: told }) };
      const beacon: Beacon = { ...head, events: events.map(exposureOf) };
      const response = await postBeacon(JSON.stringify(beacon), { service, ingestKey });
      const refused = await verdictsIn(response);
      // A yes without verdicts is somebody else's.
      if (refused !== undefined && (response.ok || refused.size === events.length)) {
        if (response.ok) {
          uses.settle(told);
          numbers.arrived(sequence);
        }
        events.forEach((event, at) => {
          settle(event, refused.has(at) ? 'refused' : 'sent');
        });
        return {};
      }
      const isRefused = response.status === 400 || response.status === 413;
      if (isRefused && events.length > 0) return await sendHalves(sequence, events, settle);
      const retryAfter = Number(response.headers.get('retry-after'));
      return retryAfter > 0 ? { retryAfterMs: retryAfter * 1_000 } : {};
    } catch {
      return {};
    }
  }

  /** Down to the one event that ingest will never take: it must not keep the others from arriving. */
  async function sendHalves(
    sequence: number,
    events: readonly HeldExposure[],
    settle: Settle<HeldExposure>,
  ): Promise<Delivery> {
    const [first] = events;
    if (events.length === 1 && first !== undefined) {
      settle(first, 'refused');
      return {};
    }
    const middle = events.length >> 1;
    const delivery = await sendAs(sequence, events.slice(0, middle), settle);
    return delivery.retryAfterMs === undefined ? sendAs(sequence, events.slice(middle), settle) : delivery;
  }

  async function report(): Promise<void> {
    await timer(REPORT_DELAY_MS).done;
    if (uses.pending().length > 0) await send([], () => {});
  }

  return {
    evaluated(flags) {
      evaluated += flags.length;
      flagCounts.evaluatedAll(flags);
    },
    used(sha256) {
      const now = Date.now();
      if (!uses.note(sha256, now)) return undefined;
      // One request waits for all. It can be ended; and a clock that was set back puts nothing off.
      if (now >= waitingSince && now - waitingSince < REPORT_DELAY_MS) return undefined;
      waitingSince = now;
      return report();
    },
    expose(event) {
      evaluated++;
      exposed++;
      flagCounts.evaluated(event.flag);
      flagCounts.exposed(event.flag);
      return custody.hold(event);
    },
    ledger,
  };
}

/** As much of ingest's answer as is used. */
interface Verdicts {
  readonly rejected?: readonly { readonly index: number }[];
}

/** The places of the events that ingest never takes, where it judged each; undefined where it did not. */
async function verdictsIn(response: Response): Promise<ReadonlySet<number> | undefined> {
  if (!response.ok && response.status !== 400) {
    await response.body?.cancel();
    return undefined;
  }
  const { rejected } = (await response.json().catch(() => ({}))) as Verdicts;
  return rejected && new Set(rejected.map(({ index }) => index));
}

function timer(ms: number): Timer {
  let cancel = (): void => {};
  const done = new Promise<void>((resolve) => {
    const handle = setTimeout(resolve, ms);
    cancel = () => clearTimeout(handle);
  });
  return { done, cancel: () => cancel() };
}
