/** Relays that are killed, whenever it may be, while versions come by the second; and all of them at once. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '#schema/entry';
import { until } from '../e2e/fixtures/poll.ts';
import { endAll, kill } from '../e2e/fixtures/processes.ts';
import {
  endHomes,
  hasVersion,
  type RelayProcess,
  startHome,
  startRelay,
  statusOf,
} from '../e2e/fixtures/relay-process.ts';
import { createRandom } from '../oracle/random.ts';
import { ENTRIES, publish, type Serving } from '../unit/relay/fixtures/serving.ts';
import { closeLinks, createRoughLink, type RoughLink } from './fixtures/rough-link.ts';

const KILLS = 4;
const EVERY_MS = 40;
const ONE = '/ofrep/v1/evaluate/flags/checkout.form';

let home: Serving;
let link: RoughLink;
let version = 0;

beforeAll(async () => {
  home = await startHome();
  link = await createRoughLink(home.url);
  await publishNext();
});
afterEach(endAll);
afterAll(async () => {
  closeLinks();
  await endHomes();
});

async function publishNext(): Promise<void> {
  const entries: Entry[] = [{ k: 'checkout.form', r: version + 1, n: 1, o: 0, f: version % 2 }, ...ENTRIES.slice(1)];
  await publish(home, entries, ++version);
}

/** A version after the other; what is returned ends that. */
function keepPublishing(): () => Promise<void> {
  let goesOn = true;
  const publishing = (async () => {
    while (goesOn) {
      await publishNext();
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  })();
  return () => {
    goesOn = false;
    return publishing;
  };
}

const onDisk = (folder?: string): Promise<RelayProcess> =>
  startRelay({
    ...{ home: link, publicKey: home.held.signer.publicKey, ...(folder !== undefined && { folder }) },
    // Soaks at once, so that promotion is among what a kill interrupts.
    env: { SOAK_MS: '50' },
  });

const savedBy = async (relay: RelayProcess): Promise<number> =>
  ((await statusOf(relay))['disk'] as { saved?: number } | undefined)?.saved ?? 0;

const versionOf = async (relay: RelayProcess): Promise<number> => Number((await statusOf(relay))['version'] ?? 0);

async function answersOf({ call }: RelayProcess): Promise<Record<string, unknown>> {
  const answer = await call(ONE, { method: 'POST', body: JSON.stringify({ context: { targetingKey: 'anna' } }) });
  return { status: answer.status, ...((await answer.json()) as object) };
}

describe('R10, R17, R28: a relay that is killed at random moments', () => {
  it('starts each time with a whole ruleset that is no older than what was safe, and goes on', async () => {
    const random = createRandom(20_261_130);
    let relay = await onDisk();
    for (let round = 0; round < KILLS; round++) {
      const from = version;
      const endPublishing = keepPublishing();
      await until('versions of this round are on the disk', async () => (await savedBy(relay)) > from);
      const safe = await savedBy(relay);
      await new Promise((resolve) => setTimeout(resolve, random.int(300)));
      kill(relay.running.pid);
      await relay.running.exited;
      await endPublishing();

      link.become('cut');
      relay = await onDisk(relay.folder);
      const begun = await versionOf(relay);
      expect([round, begun]).toEqual([round, expect.toSatisfy((one: number) => one >= safe && one <= version)]);
      expect(await answersOf(relay)).toMatchObject({
        status: 200,
        value: begun % 2 === 0,
        metadata: { version: begun },
      });
      expect((await relay.call('/readyz', { key: '' })).status).toBe(200);
      link.become('open');
      await publishNext();
      await hasVersion(relay, version);
    }
  }, 300_000);
});

describe('R3, R15, B18: all relays at once', () => {
  it('are killed and started again: reads are answered from the disk, and all are back with home, one stream each', async () => {
    const started = await Promise.all([onDisk(), onDisk(), onDisk()]);
    await Promise.all(
      started.map((relay) => until('it is on the disk', async () => (await savedBy(relay)) === version)),
    );
    for (const { running } of started) kill(running.pid);
    await Promise.all(started.map(({ running }) => running.exited));
    const again = await Promise.all(started.map(({ folder }) => onDisk(folder)));
    const answers = await Promise.all(again.map(answersOf));
    expect(answers.map(({ status, metadata }) => [status, metadata])).toEqual(
      again.map(() => [200, expect.objectContaining({ version })]),
    );
    await until('home has all of them', async () =>
      /connected\{kind="relay"\} 3/.test(await home.relay.metrics.text()),
    );
    await publishNext();
    await Promise.all(again.map((relay) => hasVersion(relay, version)));
  }, 300_000);
});
