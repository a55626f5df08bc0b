import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { Beacon, Exposure } from '#exposure/exposure';
import { openSpill } from '#sdk/node/open-spill';
import { createExposureCustody, type ExposureCustody } from '../../../workers/relay/exposure-custody.ts';
import { createExposureForwarder } from '../../../workers/relay/exposure-forwarder.ts';
import { type Answering, createIngestModel, type IngestModel, LATER } from '../exposure/fixtures/ingest-model.ts';
import { createSpillFiles, type SpillFiles } from '../sdk/fixtures/spill-files.ts';
import { createTurnedClock, type TurnedClock } from '../sdk/fixtures/turned-clock.ts';

const UNIT = '6JB9pVk_FeX-gIxYKR6gsA';
/** For what comes, however slow the machine is. */
const WAIT = { timeout: 30_000 };

const event = (fields: object = {}): Exposure => ({
  ...{ flag: 'pricing.fareBundlingV2', revision: 7, variation: 'v2', unit: UNIT, reason: 'SPLIT', version: 9 },
  ...{ time: 1_795_420_000_000, ...fields },
});

const beacon = (sequence: number, fields: Partial<Beacon> = {}): Beacon => ({
  ...{ emitter: 'booking-1', sentAt: 1_795_420_700_000, sequence, region: 'dub' },
  ledger: { evaluated: 9, exposed: 2, sent: 1, dropped: 0 },
  events: [event({ revision: sequence }), event({ revision: sequence, variation: 'control' })],
  outcomes: [],
  collapsed: [],
  ...fields,
});

interface Relay {
  readonly custody: ExposureCustody;
  readonly ingest: IngestModel;
  readonly clock: TurnedClock;
  readonly quarantined: object[];
  /** Beacons that went on at once, with their sender's key. */
  readonly forwarded: string[];
  post(beacon: unknown, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>;
}

function startRelay(files: SpillFiles, answering?: Answering, isGood?: (event: object) => boolean): Relay {
  const clock = createTurnedClock();
  const ingest = createIngestModel(answering, isGood);
  const quarantined: object[] = [];
  const forwarded: string[] = [];
  const custody = createExposureCustody({
    spool: openSpill({ disk: files, clock, newName: () => 'relay-dub', diskAlone: true }),
    ...{ send: ingest.send, clock, random: () => 0.5 },
    quarantined: (item) => void quarantined.push(item),
  });
  const forward = createExposureForwarder({
    ...{ ingestUrl: 'https://ingest.example', custody },
    async fetch(_, init) {
      forwarded.push(new Headers(init?.headers).get('authorization') ?? '');
      return Response.json({ accepted: 0, rejected: [{ index: 0 }] }, { status: 400 });
    },
  });
  return {
    ...{ custody, ingest, clock, quarantined, forwarded },
    async post(sent, headers = {}) {
      const body = sent instanceof Uint8Array ? (sent as Uint8Array<ArrayBuffer>) : JSON.stringify(sent);
      const all = { 'content-type': 'application/json', authorization: 'Bearer ls_server_1', ...headers };
      const reply = await forward(new Request('https://relay', { method: 'POST', headers: all, body }));
      return { status: reply.status, body: JSON.parse(String(reply.body)) };
    },
  };
}

describe('a beacon in the custody of a relay', () => {
  it('is on the disk before it is answered, and goes on as its sender sent it', async () => {
    const files = createSpillFiles();
    const { post, ingest, custody, clock, forwarded } = startRelay(files);
    const steps = files.steps.length;
    const sent = gzipSync(JSON.stringify(beacon(4)));
    const { status, body } = await post(sent, { 'content-encoding': 'gzip' });
    expect([status, body]).toEqual([202, { accepted: 2, quarantined: 0, rejected: [] }]);
    expect(files.steps.slice(steps).some((step) => step.do === 'append')).toBe(true);
    await clock.forward(0);
    const { outcomes: _, collapsed: __, ...plain } = beacon(4);
    expect(ingest.beacons).toEqual([plain]);
    expect([custody.waiting(), forwarded]).toEqual([0, []]);
  });

  it('R15, B35: outlives the relay, killed while ingest is dark for hours; its events are as old then as they are', async () => {
    const files = createSpillFiles();
    const dark = startRelay(files, () => LATER);
    for (let sequence = 1; sequence <= 20; sequence++) {
      expect((await dark.post(beacon(sequence))).status).toBe(202);
      await dark.clock.forward(600_000);
    }
    expect(dark.custody.waiting()).toBe(40);
    const next = startRelay(createSpillFiles(files.files));
    next.clock.jump(dark.clock.elapsed());
    await vi.waitUntil(() => next.ingest.exposures.size === 40, WAIT);
    expect(next.ingest.beacons.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    const [first] = next.ingest.beacons;
    expect((first?.sentAt ?? 0) - beacon(1).sentAt).toBeGreaterThanOrEqual(dark.clock.elapsed());
    expect(first?.events[0]?.time).toBe(beacon(1).events[0]?.time);
    await vi.waitUntil(() => next.custody.waiting() === 0, WAIT);
  });

  it('of which many come at once are all kept, in order', async () => {
    const files = createSpillFiles();
    const { post } = startRelay(files, () => LATER);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => post(beacon(at + 1))));
    expect(answers.every(({ status }) => status === 202)).toBe(true);
    const next = startRelay(createSpillFiles(files.files));
    await vi.waitUntil(() => next.ingest.exposures.size === 100, WAIT);
    const sent = next.ingest.beacons.map(({ sequence }) => sequence);
    expect(sent).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  });

  it('B36: is halved, and what ingest will never take is told of', async () => {
    const isGood = (one: object): boolean => !('variation' in one) || one.variation !== 'control';
    const { post, ingest, clock, quarantined, custody } = startRelay(createSpillFiles(), undefined, isGood);
    await post(beacon(1));
    await clock.forward(0);
    expect([ingest.exposures.size, quarantined.length, custody.waiting()]).toEqual([1, 1, 0]);
  });
});

describe('what a relay does not vouch for', () => {
  it.each<[string, unknown, Record<string, string>?]>([
    ['an event that is not of the form', beacon(1, { events: [event(), event({ unit: 'anna' })] })],
    ['an outcome that is not', beacon(1, { outcomes: [{ name: 'no name' }] as never })],
    ['counts without a number', { ...beacon(1), sequence: undefined, collapsed: [{}] }],
    ['a ledger that is not', { ...beacon(1), ledger: { evaluated: -1 } }],
    ['uses of keys', { ...beacon(1), uses: [] }],
    ['too many events', beacon(1, { events: Array.from({ length: 1_001 }, () => event()) })],
    ['no beacon', 'beacon'],
    ['no gzip', beacon(1), { 'content-encoding': 'gzip' }],
    ['a bomb', gzipSync(`[${'0,'.repeat(2_000_000)}0]`), { 'content-encoding': 'gzip' }],
    ['another encoding', beacon(1), { 'content-encoding': 'br' }],
    ['another type', beacon(1), { 'content-type': 'text/plain' }],
  ])('B36: %s is for ingest to judge, with the sender’s own key', async (_, sent, headers) => {
    const files = createSpillFiles();
    const { post, forwarded } = startRelay(files);
    const { status, body } = await post(sent, headers);
    expect([status, forwarded]).toEqual([400, ['Bearer ls_server_1']]);
    expect(body).toMatchObject({ rejected: [{ index: 0 }] });
    expect(files.steps.some((step) => step.do === 'append')).toBe(false);
  });

  it('is what its disk does not take', async () => {
    const files = createSpillFiles();
    const { post, forwarded } = startRelay(files);
    expect((await post(beacon(1))).status).toBe(202);
    files.fault = 'ENOSPC: no space left on device';
    expect((await post(beacon(2))).status).toBe(400);
    expect(forwarded).toHaveLength(1);
  });
});
