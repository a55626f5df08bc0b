import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it } from 'vitest';
import { createEmitter } from '#exposure/emitter';
import { createPseudonymiser } from '#exposure/pseudonym';
import { createMemorySpool } from '#exposure/spool';
import { type Beacons, createBeacons } from '#sdk/edge/beacons';
import type { IngestService } from '#sdk/edge/post-beacon';
import { createBeaconPost } from '#sdk/exposures/post-beacon';
import { systemClock } from '#sdk/stream/clock';
import { packPart } from '../../workers/ingest/inbox-part.ts';
import { keepPart } from '../../workers/ingest/keep-part.ts';
import type { Completeness } from '../../workers/ingest/merge-completeness.ts';
import {
  bearer,
  createIngest,
  exposureOf,
  type Ingest,
  inboxes,
  readExposures,
  sliceOf,
  unitOf,
} from './fixtures/ingest.ts';

// No alarm of one test is to count what waits in another.
afterEach(reset);

const unitKey = new Uint8Array(32).fill(7);
const shown = (flag: string, region: string, person: number) => ({
  ...{ flag, revision: 7, variation: 'v2', unitKey: `user-${person}`, reason: 'SPLIT', version: 9 },
  ...{ region, time: Date.now() },
});

/** What an isolate has for a binding. */
const serviceOf = ({ ask }: Ingest): IngestService => ({ fetch: (url, init) => ask(new URL(url).pathname, init) });

function isolateOf(service: IngestService, region: string): Beacons {
  return createBeacons({ service, ingestKey: bearer('server').replace('Bearer ', ''), unitKey, region });
}

const completeness = async (ingest: Ingest): Promise<Completeness> => (await ingest.ask('/v1/completeness')).json();

describe('I8: what was evaluated, against what was exposed, against what was received', () => {
  it('is told by emitter, region and flag, of POPs and of services', async () => {
    const ingest = await createIngest({ startAt: Date.now() });
    const [dub, sin] = [isolateOf(serviceOf(ingest), 'eu-west-1'), isolateOf(serviceOf(ingest), 'ap-southeast-1')];
    dub.evaluated(['a.flag', 'b.flag']);
    dub.evaluated(['a.flag', 'b.flag']);
    await Promise.all([dub.expose(shown('a.flag', 'eu-west-1', 1)), dub.expose(shown('a.flag', 'eu-west-1', 2))]);
    await sin.expose(shown('a.flag', 'ap-southeast-1', 3));
    const service = createEmitter({
      spool: Promise.resolve(createMemorySpool('service-1')),
      send: createBeaconPost({
        ...{ url: 'https://ingest.example', key: 'ls_server_of_the_test', clock: systemClock, gzip: undefined },
        fetch: (url, init) => ingest.ask(new URL(String(url)).pathname, init as RequestInit),
      }),
      pseudonym: createPseudonymiser(unitKey),
      ...{ clock: systemClock, random: Math.random, region: 'eu-west-1' },
    });
    service.served(shown('b.flag', 'eu-west-1', 1));
    expect(await service.close(5_000)).toBe(true);
    const { flags, emitters } = await completeness(ingest);
    // A slow machine has beacons sent again: repeats are received, and not counted.
    const found = flags.map(({ received, ...rest }) => ({ ...rest, isReceived: received >= rest.counted }));
    const whole = { completeness: 1, isReceived: true };
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        { region: 'ap-southeast-1', flag: 'a.flag', evaluated: 1, exposed: 1, counted: 1, ...whole },
        { region: 'eu-west-1', flag: 'a.flag', evaluated: 4, exposed: 2, counted: 2, ...whole },
        { region: 'eu-west-1', flag: 'b.flag', evaluated: 3, exposed: 1, counted: 1, ...whole },
      ]),
    );
    expect(emitters.map(({ region }) => region).sort()).toEqual(['ap-southeast-1', 'eu-west-1', 'eu-west-1']);
  });

  it('is incomplete where what an emitter exposed never came', async () => {
    const ingest = await createIngest({ startAt: Date.now() });
    const flags = { 'c.flag': [4, 4] };
    const ledger = { evaluated: 4, exposed: 4, sent: 1, dropped: 0, flags };
    const { unitKey: _, ...one } = { ...shown('c.flag', 'eu-west-1', 1), unit: unitOf(1) };
    // It had two batches before, and ended with them.
    await ingest.post([one], { emitter: 'isolate-2', region: 'eu-west-1', sequence: 3, ledger });
    const found = await completeness(ingest);
    expect(found.flags.filter(({ flag }) => flag === 'c.flag')).toEqual([
      { region: 'eu-west-1', flag: 'c.flag', evaluated: 4, exposed: 4, received: 1, counted: 1, completeness: 0.25 },
    ]);
    const isolate = found.emitters.find(({ emitter }) => emitter === 'isolate-2');
    expect(isolate).toMatchObject({ missing: 2, outstanding: 3 });
  });

  it('says how much waits where that is more than a question has counted, and is whole when it was asked again', async () => {
    const ingest = await createIngest({ startAt: Date.now() });
    const PARTS = 20;
    const head = { environment: 'production', inbox: 3, shard: 3, receivedAt: ingest.clock.now() };
    await runInDurableObject(inboxes.getByName('inbox-3'), (_, { storage }) => {
      const ledger = {
        evaluated: PARTS,
        exposed: PARTS,
        sent: 0,
        dropped: 0,
        flags: { 'd.flag': [PARTS, PARTS] as const },
      };
      const word = { emitter: 'isolate-4', region: 'eu-west-1', sentAt: head.receivedAt, ledger };
      for (let person = 0; person < PARTS; person++) {
        const good = readExposures([exposureOf(person, { flag: 'd.flag', region: 'eu-west-1' })]);
        keepPart(storage.sql, sliceOf(packPart({ ...head, word }, { good })), { quarantined: 1, emitters: 10 });
      }
    });
    const ask = async () => {
      const { waiting, flags } = await completeness(ingest);
      return { waiting, of: flags.find(({ flag }) => flag === 'd.flag') };
    };
    const before = await ask();
    expect(before.of).toMatchObject({ exposed: PARTS, received: expect.any(Number) });
    const { received = 0 } = before.of ?? {};
    // What has not come to be counted is never taken for what did not come: either it is received, or it waits.
    expect([received > 0, received < PARTS, before.waiting >= PARTS - received]).toEqual([true, true, true]);
    const whole = { exposed: PARTS, received: PARTS, counted: PARTS, completeness: 1 };
    expect(await ask()).toMatchObject({ waiting: 0, of: whole });
  });
});
