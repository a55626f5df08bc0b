import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyUses } from '#schema/exposure';
import { type Beacons, REPORT_DELAY_MS } from '#sdk/edge/beacons';
import { createEmitter } from './fixtures/emitter.ts';
import { exposure } from './fixtures/ingest.ts';

const MINUTE = 60_000;
const START = 1_795_420_800_000 + 7;
const [SHOP, APP] = ['s'.repeat(43), 'a'.repeat(43)];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: START });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** So that what waits for bytes has them. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await new Promise((resolve) => setImmediate(resolve));
}

/** Requests with a key, every so often, for a while. */
async function use(beacons: Beacons, sha256: string, everyMs: number, forMs: number): Promise<void> {
  for (let at = 0; at < forMs; at += everyMs) {
    beacons.used(sha256);
    await pass(everyMs);
  }
}

describe('uses of SDK keys', () => {
  it('travel with exposures, to the minute, in the form that ingest takes', async () => {
    const { ingest, beacons, expose } = createEmitter();
    beacons.used(SHOP);
    beacons.used(APP);
    beacons.used(SHOP);
    await expose([exposure()]);
    const minute = START - 7;
    expect(ingest.posts.map(({ beacon }) => beacon.uses)).toEqual([
      [
        [SHOP, minute],
        [APP, minute],
      ],
    ]);
    expect(keyUses.safeParse(ingest.posts[0]?.beacon.uses).success).toBe(true);
    await pass(REPORT_DELAY_MS);
    expect(ingest.posts, 'what has gone along does not go again').toHaveLength(1);
    await expose([exposure()]);
    expect(ingest.posts[1]?.beacon).not.toHaveProperty('uses');
  });

  it('travel alone where nobody is exposed: once a minute, and counted as nothing', async () => {
    const { ingest, beacons } = createEmitter();
    await use(beacons, SHOP, 500, 3 * MINUTE);
    await pass(REPORT_DELAY_MS);
    expect(ingest.posts.map(({ beacon }) => [beacon.events, beacon.uses])).toEqual(
      [0, 1, 2].map((at) => [[], [[SHOP, START - 7 + at * MINUTE]]]),
    );
    expect(beacons.ledger()).toEqual({ evaluated: 0, exposed: 0, sent: 0, dropped: 0 });
  });

  it('wait for one another: one request for all of them, and none is left untold', async () => {
    const { ingest, beacons } = createEmitter();
    const waiting = Array.from({ length: 10 }, (_, at) => beacons.used(String(at).padEnd(43, 'x')));
    expect(waiting.filter((one) => one !== undefined)).toHaveLength(1);
    await pass(REPORT_DELAY_MS);
    expect(ingest.posts.map(({ beacon }) => beacon.uses?.length)).toEqual([10]);
    expect(beacons.used(APP)).toBeDefined();
    await pass(REPORT_DELAY_MS);
    expect(ingest.posts[1]?.beacon.uses?.map(([key]) => key)).toEqual([APP]);
  });

  it.each([
    ['does not answer', () => new Response('no', { status: 503 })],
    ['refuses the beacon', () => new Response('{}', { status: 400 })],
    ['finds it too large', () => new Response('{}', { status: 413 })],
  ])('are told again where ingest %s, and no request waits for that', async (_what, refusing) => {
    let isDown = true;
    const { ingest, beacons } = createEmitter(() =>
      isDown ? refusing() : Response.json({ accepted: 0, rejected: [] }, { status: 202 }),
    );
    beacons.used(SHOP);
    await pass(REPORT_DELAY_MS);
    expect([ingest.posts.length, vi.getTimerCount()]).toEqual([1, 0]);
    isDown = false;
    beacons.used(APP);
    await pass(REPORT_DELAY_MS);
    expect(ingest.posts[1]?.beacon.uses?.map(([key]) => key)).toEqual([SHOP, APP]);
  });

  it('that are noted while a beacon is on its way are not taken for told', async () => {
    const { ingest, beacons } = createEmitter(() => {
      vi.setSystemTime(START + MINUTE);
      beacons.used(SHOP);
      return Response.json({ accepted: 0, rejected: [] }, { status: 202 });
    });
    beacons.used(SHOP);
    await pass(REPORT_DELAY_MS);
    await pass(REPORT_DELAY_MS);
    expect(ingest.posts.map(({ beacon }) => beacon.uses)).toEqual([[[SHOP, START - 7]], [[SHOP, START - 7 + MINUTE]]]);
  });
});
