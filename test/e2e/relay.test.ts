import { readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hashOf } from '../unit/relay/fixtures/held.ts';
import { type Listening, listen } from '../unit/relay/fixtures/listening.ts';
import { CHANGED, ENTRIES, publish, type Serving } from '../unit/relay/fixtures/serving.ts';
import { until } from './fixtures/poll.ts';
import { endAll, kill, runScript } from './fixtures/processes.ts';
import {
  endHomes,
  hasVersion,
  newFolder,
  type RelayProcess,
  startHome,
  startRelay,
  statusOf,
} from './fixtures/relay-process.ts';

let home: Serving;
beforeAll(async () => {
  home = await startHome();
  await publish(home, ENTRIES, 7);
});
afterEach(endAll);
afterAll(endHomes);

/** A port where nobody is. */
const NOBODY = { url: 'http://127.0.0.1:9' };
const relayOf = (upstream: { readonly url: string }, more: object = {}): Promise<RelayProcess> =>
  startRelay({ home: upstream, publicKey: home.held.signer.publicKey, ...more });

const streamOf = (relay: RelayProcess, instance: string): Promise<Listening> =>
  listen(`${relay.url}/v1/stream`, { authorization: 'Bearer server', 'lockstep-instance': instance });

const ONE = '/ofrep/v1/evaluate/flags/checkout.form';
const ask = { method: 'POST', body: JSON.stringify({ context: { targetingKey: 'anna' } }) };
const decided = async ({ call }: RelayProcess): Promise<unknown> => (await call(ONE, ask)).json();

describe('a chain of two relays', () => {
  it('brings what home publishes to SDKs, and what they acknowledge home', async () => {
    const first = await relayOf(home);
    const second = await relayOf(first);
    await hasVersion(second, 7);
    const sdk = await streamOf(second, 'booking-1');
    await until('the SDK is told', () => sdk.last('ruleset')?.['version'] === 7);
    await publish(home, CHANGED, 8);
    await until('the SDK is told of 8', () => sdk.last('ruleset')?.['version'] === 8);
    expect(sdk.last('ruleset')).toHaveProperty('delta');
    expect(await decided(second)).toMatchObject({ value: false, metadata: { version: 8 } });
    const { version, digest } = sdk.last('ruleset') as { version: number; digest: string };
    const ack = {
      instance: 'booking-1',
      kind: 'sdk',
      region: 'eu-west-1',
      cloud: 'aws',
      version,
      digest,
      ageMs: 0,
      stale: false,
    };
    await second.call('/v1/acks', { method: 'POST', body: JSON.stringify({ acks: [ack] }) });
    const heard = await until('home hears of it', () =>
      home.forwarded.find(({ instance }) => instance === 'booking-1'),
    );
    const { instance } = (await statusOf(second)) as { instance: string };
    expect(heard).toEqual({ ...ack, via: instance });
    await until(
      'home hears of both relays',
      () => home.forwarded.filter(({ kind, version }) => kind === 'relay' && version === 8).length >= 2,
    );
    sdk.end();
  });
});

describe('a relay whose home is dark', () => {
  it('R17, R23, B19: serves from the disk after a kill -9, to those who had keys, and is ready', async () => {
    const before = await relayOf(home);
    await until('it has all', async () => {
      const { version, disk, keys } = (await statusOf(before)) as Record<string, { saved?: number; version?: number }>;
      return Number(version) >= 7 && disk?.saved === Number(version) && keys?.version === 1;
    });
    await until('the keys are on the disk', async () => (await readdir(join(before.folder, 'keys'))).length > 0);
    kill(before.running.pid);
    await before.running.exited;
    const after = await relayOf(NOBODY, { folder: before.folder });
    expect((await after.call('/readyz', { key: '' })).status).toBe(200);
    const { version } = await statusOf(after);
    expect(await decided(after)).toMatchObject({ key: 'checkout.form', metadata: { version } });
    const stream = await streamOf(after, 'booking-2');
    await until('streams go on', () => stream.last('bookmark')?.['version'] === version);
    expect((await after.call(ONE, { ...ask, key: 'other' })).status).toBe(401);
    stream.end();
  });

  it('R17: serves flagDefaults where it is new, and is not ready', async () => {
    const { call } = await relayOf(NOBODY, {
      flagDefaults: { 'checkout.form': 'off' },
      bundled: { 'checkout.form': { variation: 'off', value: false, visibility: 'client' } },
      env: {
        SDK_KEYS: JSON.stringify([{ sha256: hashOf('server'), kind: 'server' }]),
      },
    });
    expect(await (await call(ONE, ask)).json()).toMatchObject({ value: false, variant: 'off', reason: 'DEFAULT' });
    expect((await call('/readyz')).status).toBe(503);
    expect((await call('/livez')).status).toBe(200);
    expect((await call('/v1/stream', { headers: { 'lockstep-instance': 'a' } })).status).toBe(503);
  });

  it('B13: starts with a disk whose files are broken, and takes the generation before', async () => {
    const before = await relayOf(home);
    await until(
      'it is on the disk',
      async () => ((await statusOf(before))['disk'] as { saved?: number } | undefined)?.saved,
    );
    kill(before.running.pid);
    await before.running.exited;
    await writeFile(join(before.folder, 'rulesets', '99.good'), 'not a ruleset');
    await writeFile(join(before.folder, 'rulesets', '98.candidate'), '');
    const after = await relayOf(NOBODY, { folder: before.folder });
    expect((await after.call('/readyz', { key: '' })).status).toBe(200);
  });
});

describe('a relay that is told to end', () => {
  it('sends its streams away, answers what was begun, says goodbye and ends well', async () => {
    const relay = await relayOf(home);
    await hasVersion(relay, 8);
    const { instance } = (await statusOf(relay)) as { instance: string };
    const sdk = await streamOf(relay, 'booking-3');
    await until('it is connected', () => sdk.names().length > 0);
    const begun = slowly(relay, JSON.stringify({ context: { targetingKey: 'anna' } }));
    await until('half of the request is there', () => begun.half());
    kill(relay.running.pid, 'SIGTERM');
    await until('the stream is sent away', () => sdk.isEnded());
    expect(sdk.last('closing')).toMatchObject({ reason: 'draining', retryAfterMs: expect.any(Number) });
    begun.rest();
    expect(await begun.answer).toContain('HTTP/1.1 200 OK');
    expect(await relay.running.exited).toEqual({ code: 0, signal: null });
    await until('home is told', () => home.goodbyes.includes(instance));
  });
});

/** A request whose body takes its time. */
function slowly({ url }: RelayProcess, body: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const head = `POST ${ONE} HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer server\r\ncontent-length: ${body.length}\r\n\r\n`;
  let written = false;
  socket.write(head + body.slice(0, 5), () => {
    written = true;
  });
  const answer = new Promise<string>((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('"key"')) resolve(text);
    });
    socket.on('error', reject);
  });
  return { half: () => written, rest: () => socket.write(body.slice(5)), answer };
}

describe('a relay that is set up wrong', () => {
  it('does not start, and says all that is wrong', async () => {
    const config = join(await newFolder(), 'relay-config.yaml');
    await writeFile(
      config,
      'relay:\n  streamUri: nowhere\n  cache: { persist: true }\n  region: dub\n  colour: blue\n',
    );
    const { code, stderr } = await runScript('workers/relay/index.ts', [config]);
    expect(code).toBe(2);
    for (const what of [`${config}:2:3  relay.streamUri`, `${config}:5:3  relay.colour`, 'relay.cloud is missing']) {
      expect(stderr).toContain(what);
    }
    for (const name of ['ENVIRONMENT', 'LOCKSTEP_KEY', 'PUBLIC_KEYS']) expect(stderr).toContain(`${name} must be set`);
  });
});
