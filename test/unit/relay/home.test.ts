import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keysEnvironment } from '#ruleset/keys-environment';
import { keyLines, withSigningKeys } from '#ruleset/write/key-line';
import type { UpstreamEvent } from '#sdk/stream/create-upstream';
import { createDecisionCounter } from '../../../workers/relay/decision-counts.ts';
import { type Home, openHome } from '../../../workers/relay/home.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../fixtures/signing.ts';
import { createFakeUpstream, type FakeUpstream, type OpenStream } from '../sdk/fixtures/fake-upstream.ts';
import { instantCrypto } from '../sdk/fixtures/instant-crypto.ts';
import { createMemoryDisk, type MemoryDisk } from '../sdk/fixtures/memory-disk.ts';
import { createTurnedClock, type TurnedClock } from '../sdk/fixtures/turned-clock.ts';
import { type Edition, editionOf, flag } from '../sdk/fixtures/upstream-client.ts';
import { hashOf, keyEntry } from './fixtures/held.ts';

let signer: Signer;
let one: Edition;
let two: Edition;
beforeAll(async () => {
  signer = await createSigner();
  one = await editionOf(signer, 1, [flag('a', 1)]);
  two = await editionOf(signer, 2, [flag('a', 2, 0)]);
});

let clock: TurnedClock;
let upstream: FakeUpstream;
let disks: { rulesets: MemoryDisk; keys: MemoryDisk };
let homes: Home[];
let events: UpstreamEvent[];

beforeEach(() => {
  clock = createTurnedClock();
  upstream = createFakeUpstream(clock);
  disks = { rulesets: createMemoryDisk(), keys: createMemoryDisk() };
  homes = [];
  events = [];
});
afterEach(async () => {
  for (const home of homes) await home.close();
});

async function open(connects = true): Promise<Home> {
  const home = await openHome({
    url: upstream.url,
    settings: {
      environment: ENVIRONMENT,
      key: 'relay',
      staleAfterMs: 60_000,
      soakMs: 60_000,
    },
    identity: { instance: 'relay-dub', kind: 'relay', region: 'dub', cloud: 'aws', sdk: 'relay/test', canary: true },
    disks,
    counter: createDecisionCounter(clock.now),
    clock,
    crypto: instantCrypto(signer.publicKey),
    fetch: upstream.fetch,
    random: () => 0.5,
  });
  homes.push(home);
  if (connects) home.connect((event) => void events.push(event));
  await forward(0);
  return home;
}

const forward = (ms: number): Promise<void> => clock.forward(ms);

const stream = (): OpenStream => upstream.streams.at(-1)!;

async function give(edition: Edition): Promise<void> {
  upstream.texts.set(`/v1/rulesets/${edition.digest}`, { text: edition.lines });
  upstream.texts.set('/v1/ruleset', { text: edition.text, etag: edition.etag });
  stream().send('ruleset', edition.pointer);
  await forward(0);
}

const versionIn = ({ held }: Home): number | undefined => held.rulesets.current()?.claims.version;

/** What the process leaves behind when it is killed: its timers are gone with it. */
function killed(): void {
  homes = [];
  clock = createTurnedClock();
  upstream = createFakeUpstream(clock);
}

const dark = (): Promise<Response> => Promise.reject(new Error('dark'));
const goDark = (): void => {
  for (const path of ['/v1/stream', '/v1/ruleset', '/v1/keys', '/v1/acks']) upstream.answers.set(path, dark);
};

describe('what a relay has from home', () => {
  it('says who it is, a canary where it is set as one, and acknowledges what it has in force', async () => {
    const home = await open();
    expect(Object.fromEntries(stream().headers)).toMatchObject({
      ...{ authorization: 'Bearer relay', 'lockstep-kind': 'relay', 'lockstep-canary': '1' },
    });
    await give(one);
    expect(versionIn(home)).toBe(1);
    expect(upstream.acks.at(-1)).toMatchObject({ instance: 'relay-dub', kind: 'relay', version: 1, stale: false });
  });

  it('R1: is refused whole where one entry cannot be read, and home is told', async () => {
    const home = await open();
    await give(one);
    await give(await editionOf(signer, 2, [flag('a', 2), { k: 'b', r: 2, o: 0, f: 7 }]));
    expect(versionIn(home)).toBe(1);
    expect(upstream.acks.at(-1)).toMatchObject({ version: 1, error: { code: 'bad-entries', version: 2 } });
    expect(events.map(({ type }) => type)).toContain('refused');
  });

  it('R12: is never older than it was', async () => {
    const home = await open();
    await give(two);
    await give(one);
    expect(versionIn(home)).toBe(2);
  });

  it('R17: is on the disk for the next process, and STALE until home confirms it', async () => {
    await open();
    await give(one);
    await forward(1_000);
    killed();
    goDark();
    clock.jump(3_600_000);
    const home = await open();
    expect(versionIn(home)).toBe(1);
    expect(home.held.rulesets.status()).toMatchObject({ stale: true });
    for (const path of ['/v1/stream', '/v1/ruleset']) upstream.answers.delete(path);
    upstream.texts.set('/v1/ruleset', { text: one.text, etag: one.etag });
    await forward(60_000);
    stream().send('bookmark', one.bookmark);
    await forward(0);
    expect(home.held.rulesets.status()).toMatchObject({ stale: false, ageMs: 0 });
  });

  it('B19: has the keys on the disk, too', async () => {
    await open();
    const env = keysEnvironment(ENVIRONMENT);
    const lines = withSigningKeys(keyLines([keyEntry('issued')]), [signer.publicKey]);
    upstream.texts.set('/v1/keys', { text: await signer.sign(lines, { version: 1, env }), etag: '"k"' });
    await forward(60_000);
    killed();
    goDark();
    const { held } = await open();
    expect(held.keys.current()?.reader.line(hashOf('issued'))).toBeDefined();
  });

  it('B14: steps back from a version that ended the process twice, and leaves it where it is offered again', async () => {
    let home = await open();
    await give(one);
    await forward(61_000);
    await give(two);
    await forward(1_000);
    for (const started of [2, 1]) {
      killed();
      home = await open();
      expect(versionIn(home)).toBe(started);
    }
    await forward(5_000);
    expect(upstream.acks.at(-1)).toMatchObject({ version: 1, error: { code: 'crashed', version: 2 } });
    await give(two);
    expect(versionIn(home)).toBe(1);
    const three = await editionOf(signer, 3, [flag('a', 3)]);
    await give(three);
    expect(versionIn(home)).toBe(3);
  });

  it('B14: keeps its keys all the same: those that were revoked do not come back', async () => {
    const env = keysEnvironment(ENVIRONMENT);
    const documentOf = (keys: readonly string[], version: number) =>
      signer.sign(withSigningKeys(keyLines(keys.map((key) => keyEntry(key))), [signer.publicKey]), { version, env });
    await open();
    for (const [version, keys] of [['kept', 'revoked'], ['kept']].entries()) {
      upstream.texts.set('/v1/keys', { text: await documentOf(keys, version + 1), etag: `"${version}"` });
      await forward(70_000);
    }
    for (let times = 0; times < 3; times++) {
      killed();
      goDark();
      const { held } = await open();
      expect(held.keys.current()?.claims.version).toBe(2);
    }
  });

  it.each(['ENOSPC: no space left on device', 'EROFS: read-only file system'])(
    'B13: goes on with a disk that fails (%s), and says so',
    async (fault) => {
      disks.rulesets.fault = fault;
      disks.keys.fault = fault;
      const home = await open();
      await give(one);
      await forward(20_000);
      expect(versionIn(home)).toBe(1);
      expect(home.disk()).toMatchObject({ alarm: fault, saved: undefined });
      disks.rulesets.fault = undefined;
      await forward(30_000);
      expect(home.disk()).toMatchObject({ alarm: undefined, saved: 1 });
    },
  );

  it('R25: is in memory where the disk was wiped, and on the disk again within 30 s', async () => {
    const home = await open();
    await give(one);
    await forward(1_000);
    disks.rulesets.files.clear();
    await forward(0);
    expect(versionIn(home)).toBe(1);
    await forward(30_000);
    expect([...disks.rulesets.files.keys()].some((name) => name.startsWith('1.'))).toBe(true);
  });

  it('passes on what those below say, and their goodbyes', async () => {
    const home = await open();
    const ack = {
      kind: 'sdk',
      region: 'dub',
      cloud: 'aws',
      version: 1,
      digest: 'x'.repeat(43),
      ageMs: 0,
      stale: false,
    } as const;
    home.port.forward([{ ...ack, instance: 'booking-1' }]);
    home.port.forward([{ ...ack, instance: 'booking-2', via: 'relay-below' }]);
    await forward(1_000);
    const passedOn = upstream.acks.filter(({ kind }) => kind === 'sdk');
    expect(passedOn.map(({ instance, via }) => [instance, via])).toEqual([
      ['booking-1', 'relay-dub'],
      ['booking-2', 'relay-below'],
    ]);
    home.port.goodbye('booking-1', 'sdk');
    await forward(0);
    expect(upstream.askedFor('/v1/acks/booking-1').map(({ method }) => method)).toEqual(['DELETE']);
  });

  it('is nothing before anything came, and nothing is kept where nothing is to be', async () => {
    const home = await openHome({
      url: upstream.url,
      settings: {
        environment: ENVIRONMENT,
        key: 'relay',
        staleAfterMs: 60_000,
        soakMs: 60_000,
      },
      identity: { instance: 'relay-dub', kind: 'relay', region: 'dub', cloud: 'aws', sdk: 'relay/test' },
      disks: undefined,
      counter: createDecisionCounter(clock.now),
      clock,
      crypto: instantCrypto(signer.publicKey),
    });
    expect(home.held.rulesets.current()).toBeUndefined();
    expect(home.disk()).toBeUndefined();
    expect(home.port.status()).toMatchObject({ connected: false, attempts: 0 });
    await home.close();
  });
});
