/**
 * Custody of beacons on the relay's disk: who sent one need not keep it any more, though ingest be dark for hours. They go on under the
 * relay's own key, the oldest first, with the numbers and ledgers of those who sent them.
 */
import { deliverBatch, type HeadOf, type SendBeacon } from '#exposure/deliver-batch';
import { createDelivery } from '#exposure/delivery';
import type { EmitterClock } from '#exposure/emitter-clock';
import type { Beacon } from '#exposure/exposure';
import { exposuresIn, NOTHING, type Spool } from '#exposure/spool';
import type { Reply } from '#http/reply';
import { readGoodBeacon } from './read-good-beacon.ts';

export interface CustodyOptions {
  /** It keeps on its disk, or not at all. */
  readonly spool: Promise<Spool>;
  readonly send: SendBeacon;
  readonly clock: EmitterClock;
  readonly random: () => number;
  /** What ingest will never take, though its form is good. */
  readonly quarantined: (item: object, why: string) => void;
}

export interface ExposureCustody {
  /** When it answers, the beacon is on the disk. Undefined where it is not: ingest is to be asked. */
  take(bytes: Uint8Array, headers: Headers): Promise<Reply | undefined>;
  /** Exposures that have not arrived. */
  waiting(): number;
  close(): Promise<void>;
}

export function createExposureCustody({ clock, random, ...options }: CustodyOptions): ExposureCustody {
  let waiting = 0;
  let next = 1;

  const opened = options.spool.then((spool) => {
    next = spool.start.sequence;
    waiting += spool.start.ledger.spilled;
    const delivery = createDelivery({
      ...{ spool, clock, random, failed: () => {} },
      deliver: (batch) => deliverBatch(batch, headAt(clock), options.send),
      async settle(batch, quarantined) {
        waiting -= exposuresIn(batch);
        for (const { item, why } of quarantined) options.quarantined(item, why);
        await spool.settle(batch.sequence, NOTHING);
      },
    });
    delivery.wake();
    return { spool, delivery };
  });

  return {
    async take(bytes, headers) {
      const beacon = readGoodBeacon(bytes, headers);
      if (beacon === undefined) return undefined;
      const { spool, delivery } = await opened;
      const { events, outcomes = [], collapsed = [], ...passedOn } = beacon;
      const content = { events, outcomes, ...(collapsed.length > 0 && { collapsed }) };
      const batch = { sequence: next++, ...content, passedOn: { ...passedOn, receivedAt: clock.now() } };
      if ((await spool.append(batch, NOTHING)) === 'full') return undefined;
      waiting += exposuresIn(batch);
      delivery.wake();
      return taken(beacon);
    },
    waiting: () => waiting,
    async close() {
      const { spool, delivery } = await opened;
      delivery.stop();
      await spool.close(NOTHING);
    },
  };
}

/** What happened an hour before the beacon left its sender is to be an hour and what it lay here before it leaves the relay. */
const headAt =
  (clock: EmitterClock): HeadOf =>
  ({ passedOn, sequence }) => {
    if (passedOn === undefined) throw new Error(`batch ${sequence} is of no emitter`);
    const { receivedAt, ...head } = passedOn;
    return { ...head, sentAt: head.sentAt + Math.max(0, clock.now() - receivedAt) };
  };

/** As ingest says it. */
function taken({ events, outcomes = [] }: Beacon): Reply {
  const all = (accepted: number): object => ({ accepted, quarantined: 0 });
  const verdicts = { ...all(events.length), ...(outcomes.length > 0 && { outcomes: all(outcomes.length) }) };
  const body = JSON.stringify({ ...verdicts, rejected: [] });
  return { status: 202, headers: { 'content-type': 'application/json' }, body };
}
