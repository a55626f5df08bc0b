/** What a home that has lost its mind, or a version that ends processes, comes to at a relay. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { splitHeader } from '#ruleset/header';
import { until } from '../e2e/fixtures/poll.ts';
import { endAll, kill } from '../e2e/fixtures/processes.ts';
import { endHomes, hasVersion, type RelayProcess, startRelay, statusOf } from '../e2e/fixtures/relay-process.ts';
import { createSigner, type Signer } from '../unit/fixtures/signing.ts';
import { hashOf } from '../unit/relay/fixtures/held.ts';
import { type Edition, editionOf, flag } from '../unit/sdk/fixtures/upstream-client.ts';
import { endRogueHomes, type RogueHome, startRogueHome } from './fixtures/rogue-home.ts';

let signer: Signer;
let home: RogueHome;
beforeAll(async () => {
  signer = await createSigner();
  home = await startRogueHome();
});
afterEach(endAll);
afterAll(async () => {
  endRogueHomes();
  await endHomes();
});

const SDK_KEYS = JSON.stringify([{ sha256: hashOf('server'), kind: 'server' }]);
const relayOf = (upstream: { readonly url: string } = home, more: object = {}): Promise<RelayProcess> =>
  startRelay({ home: upstream, publicKey: signer.publicKey, env: { SDK_KEYS }, ...more });

const now = (): number => Math.floor(Date.now() / 1_000);
const version = (number: number, more: object = {}, ...others: Parameters<typeof editionOf>[2][number][]) =>
  editionOf(signer, number, [flag('checkout.form', number, number % 2), ...others], {
    iat: now(),
    exp: now() + 86_400,
    ...more,
  });

async function valueAt({ call }: RelayProcess): Promise<unknown> {
  const ask = { method: 'POST', body: JSON.stringify({ context: { targetingKey: 'anna' } }) };
  const answer = await call('/ofrep/v1/evaluate/flags/checkout.form', ask);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { value: unknown }).value;
}

const refusalOf = async (relay: RelayProcess): Promise<string | undefined> =>
  ((await statusOf(relay))['lastRefusal'] as { code: string } | undefined)?.code;

/** Lines of one version under the header of another. */
const grafted = ({ text }: Edition, { lines }: Edition): string => `${splitHeader(text).header}\n${lines}`;

describe('R1, R6, R12, R27, R29, B08, B09, B10, B12: a home that sends good and bad by turns', () => {
  it('costs nobody an answer: the newest good version is in force at the end, and an alarm says that it flaps', async () => {
    home.say(await version(1));
    const relay = await relayOf();
    await hasVersion(relay, 1);
    const strange = await createSigner('key-1');
    const bad: [string, Edition][] = [
      ['a field that is of another type', await version(2, {}, { k: 'b', r: 2, o: 0, f: 'x' })],
      ['a field that is null', await version(4, {}, { k: 'b', r: null, o: 0, f: 1 })],
      ['signed by somebody else', await editionOf(strange, 6, [flag('a', 6)], { iat: now(), exp: now() + 86_400 })],
      ['of elsewhere', await version(8, { env: 'staging' })],
      [
        'nothing at all, which nobody has said to be on purpose',
        await editionOf(signer, 10, [], { iat: now(), exp: now() + 86_400 }),
      ],
    ];
    let good = 1;
    for (const [what, edition] of bad) {
      const refused = Number(((await statusOf(relay)) as { refusals?: number }).refusals);
      home.say(edition);
      await until(`${what} is refused`, async () => Number((await statusOf(relay))['refusals']) > refused);
      expect([what, (await statusOf(relay))['version']]).toEqual([what, good]);
      expect([what, await valueAt(relay)]).toEqual([what, true]);
      good = edition.version + 1;
      home.say(await version(good));
      await hasVersion(relay, good);
    }
    expect(await statusOf(relay)).toMatchObject({ version: 11, flapping: true });
    expect(await (await relay.call('/metrics')).text()).toMatch(/lockstep_relay_flapping 1/);
    const nacked = home.acks.filter(({ error }) => error !== undefined).map(({ error }) => error?.version);
    expect(nacked).toEqual(expect.arrayContaining(bad.map(([, edition]) => edition.version)));

    // What is older, or of the same number, takes nobody back.
    home.say(await version(5));
    home.say(await version(11, {}, flag('b', 1)));
    await until('the other 11 is refused', async () => (await refusalOf(relay)) === 'conflict');
    expect((await statusOf(relay))['version']).toBe(11);

    // A delta on what nobody has, and one that does not come to what it says: the whole is fetched once each, not again and again.
    const [next, other] = [await version(13), await version(12)];
    home.texts.set('/v1/ruleset', { text: grafted(next, other), etag: '"broken"' });
    const before = home.askedFor('/v1/ruleset').length;
    for (let time = 0; time < 20; time++) home.tell('ruleset', next.deltaOn(other));
    await until('it was asked for', () => home.askedFor('/v1/ruleset').length > before);
    home.tell('bookmark', { version: 11, digest: 'x', floor: 1, time: 0 });
    await until('the broken one is refused', () => relay.running.stdout().includes('"code":"wrong-digest"'));
    // The poll's own may be among them.
    expect(home.askedFor('/v1/ruleset').length).toBeLessThanOrEqual(before + 3);
    expect((await statusOf(relay))['version']).toBe(11);

    // A line of ten megabytes ends the stream, not the process.
    const streams = home.streams.length;
    for (let megabyte = 0; megabyte < 10; megabyte++) home.bytes(Buffer.alloc(1024 * 1024, 'x'));
    await until('there is another stream', () => home.streams.length > streams);
    home.say(await version(15));
    await hasVersion(relay, 15);
    // Emptied on purpose, it is empty.
    home.say(await editionOf(signer, 16, [], { iat: now(), exp: now() + 86_400, emptied: true }));
    await hasVersion(relay, 16);
    expect(relay.running.exit()).toBeUndefined();
  }, 300_000);
});

describe('B14, R10: a version that ends the process after a while', () => {
  it('is stepped back from at the second time, kept out, told to home, and followed by the next', async () => {
    home.say(await version(21));
    const soak = { env: { SDK_KEYS, SOAK_MS: '100' } };
    let relay = await relayOf(home, soak);
    const { folder } = relay;
    const standing = async () =>
      (await statusOf(relay))['disk'] as { saved?: number; quarantined?: number[] } | undefined;
    await hasVersion(relay, 21);
    await until('21 is on the disk', async () => (await standing())?.saved === 21);
    home.say(await version(22));
    for (let crash = 0; crash < 2; crash++) {
      await hasVersion(relay, 22);
      await until('22 is on the disk', async () => (await standing())?.saved === 22);
      kill(relay.running.pid, 'SIGABRT');
      await relay.running.exited;
      relay = await relayOf(home, { ...soak, folder });
    }
    expect(await statusOf(relay)).toMatchObject({ version: 21, disk: { quarantined: [22] } });
    await until('home is told', () => home.acks.some(({ error }) => error?.code === 'crashed' && error.version === 22));
    // Home still has it, and it is still refused.
    await until('it is offered again', async () => (await refusalOf(relay)) === 'bad-entries');
    expect((await statusOf(relay))['version']).toBe(21);
    expect(await valueAt(relay)).toBe(true);
    home.say(await version(23));
    await hasVersion(relay, 23);
    await until(
      'home hears that all is well',
      () => home.acks.at(-1)?.version === 23 && home.acks.at(-1)?.error === undefined,
    );
  }, 300_000);
});
