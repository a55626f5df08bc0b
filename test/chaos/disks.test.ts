/** What disks do to relays: they are full, are no folder, are wiped, lie; and the clock that is wrong when a relay starts. */
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../e2e/fixtures/poll.ts';
import { endAll, kill } from '../e2e/fixtures/processes.ts';
import {
  endHomes,
  hasVersion,
  newFolder,
  type RelayOptions,
  type RelayProcess,
  startHome,
  startRelay,
  statusOf,
} from '../e2e/fixtures/relay-process.ts';
import { CHANGED, ENTRIES, publish, type Serving } from '../unit/relay/fixtures/serving.ts';

const DAY_MS = 86_400_000;
const NOBODY = { url: 'http://127.0.0.1:9' };
const ONE = '/ofrep/v1/evaluate/flags/checkout.form';

// They are mostly waiting, and have nothing in common.
afterAll(async () => {
  endAll();
  await endHomes();
});

async function homeOf(): Promise<{ home: Serving; relayOf(more?: Partial<RelayOptions>): Promise<RelayProcess> }> {
  const home = await startHome();
  await publish(home, ENTRIES, 7);
  return { home, relayOf: (more = {}) => startRelay({ home, publicKey: home.held.signer.publicKey, ...more }) };
}

interface DiskStatus {
  readonly saved?: number;
  readonly alarm?: string;
}

const diskOf = async (relay: RelayProcess): Promise<DiskStatus> =>
  ((await statusOf(relay))['disk'] as DiskStatus | undefined) ?? {};

async function expectServed(relay: RelayProcess, version: number): Promise<void> {
  const answer = await relay.call(ONE, { method: 'POST', body: JSON.stringify({ context: { targetingKey: 'anna' } }) });
  expect([answer.status, await answer.json()]).toMatchObject([
    200,
    { value: version % 2 === 1, metadata: { version } },
  ]);
  expect((await relay.call('/readyz', { key: '' })).status).toBe(200);
}

describe.concurrent('B13, R20: a disk that takes nothing', () => {
  it('full, or no folder at all: everything is served, home’s changes too, and an alarm says so until it is mended', async () => {
    const { relayOf } = await homeOf();
    const folder = await newFolder();
    await writeFile(join(folder, 'rulesets'), 'in the place of a folder');
    const [full, blocked] = await Promise.all([
      relayOf({ script: 'test/chaos/fixtures/small-files.ts' }),
      relayOf({ folder }),
    ]);
    for (const [relay, alarm] of [
      [full, /EFBIG/],
      [blocked, /ENOTDIR|EEXIST/],
    ] as const) {
      await hasVersion(relay, 7);
      await until('it is told of', async () => alarm.test((await diskOf(relay)).alarm ?? ''));
      await expectServed(relay, 7);
      expect(await (await relay.call('/metrics')).text()).toMatch(/lockstep_relay_disk_alarm 1/);
    }
    await rm(join(folder, 'rulesets'));
    await until('it is written once it can be', async () => (await diskOf(blocked)).saved === 7, 40_000);
    expect((await diskOf(blocked)).alarm).toBeUndefined();
  });
});

describe.concurrent('R25: a disk that is wiped while the stream is healthy', () => {
  it('costs no read, and is written again within 30 s', async () => {
    const { relayOf } = await homeOf();
    const relay = await relayOf();
    await until('it is on the disk', async () => (await diskOf(relay)).saved === 7);
    await rm(join(relay.folder, 'rulesets'), { recursive: true });
    await rm(join(relay.folder, 'keys'), { recursive: true });
    const wiped = Date.now();
    await until('it is there again', async () => {
      await expectServed(relay, 7);
      const files = await readdir(join(relay.folder, 'rulesets')).catch(() => []);
      return files.some((name) => name.startsWith('7.'));
    });
    expect(Date.now() - wiped).toBeLessThan(30_000);
    expect((await diskOf(relay)).alarm).toBeUndefined();
  });
});

describe.concurrent('B13, R17, R28: what is found at the start', () => {
  /** The disk of a relay that was killed. */
  async function leftBy(relay: RelayProcess): Promise<string> {
    const { folder } = relay;
    await until('7 is on the disk', async () => (await diskOf(relay)).saved === 7);
    kill(relay.running.pid);
    await relay.running.exited;
    return folder;
  }

  it('is taken for what it is: cut off, changed, empty, a folder, a day too early or too late', async () => {
    const { home, relayOf } = await homeOf();
    const folder = await leftBy(await relayOf());
    const rulesets = join(folder, 'rulesets');
    const [name = ''] = (await readdir(rulesets)).filter((one) => one.startsWith('7.'));
    const whole = await readFile(join(rulesets, name));
    // What is newer by its name, and broken.
    await writeFile(join(rulesets, '12.good'), whole.subarray(0, whole.length - 20));
    await writeFile(join(rulesets, '11.good'), Buffer.concat([whole.subarray(0, 40), whole.subarray(41)]));
    await writeFile(join(rulesets, '10.candidate'), '');
    await mkdir(join(rulesets, '9.good'));
    await writeFile(join(rulesets, '8.good'), whole);
    await writeFile(join(rulesets, 'guard.json'), '{"running":');
    for (const offset of [DAY_MS, -DAY_MS]) {
      const NODE_OPTIONS = `--import=${new URL('fixtures/wrong-clock.ts', import.meta.url).href}`;
      const relay = await relayOf({ folder, home: NOBODY, env: { NODE_OPTIONS, CLOCK_OFFSET_MS: String(offset) } });
      expect(await statusOf(relay)).toMatchObject({ version: 7, disk: { alarm: expect.stringMatching(/broken/) } });
      await expectServed(relay, 7);
      kill(relay.running.pid, 'SIGTERM');
      await relay.running.exited;
    }
    // With nothing whole it starts all the same, and takes what home has.
    await truncate(join(rulesets, name), 10);
    const relay = await relayOf({ folder });
    await hasVersion(relay, 7);
    await publish(home, CHANGED, 8);
    await hasVersion(relay, 8);
    await until('8 is on the disk', async () => (await diskOf(relay)).saved === 8);
  });
});
