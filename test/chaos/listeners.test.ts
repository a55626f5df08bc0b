/** Those who listen to a relay: they read slowly, lose their key, come by the thousand, and are told by two relays that are apart. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '#schema/entry';
import { until } from '../e2e/fixtures/poll.ts';
import { endAll } from '../e2e/fixtures/processes.ts';
import {
  endHomes,
  hasVersion,
  KEYS,
  type RelayProcess,
  startHome,
  startRelay,
  statusOf,
} from '../e2e/fixtures/relay-process.ts';
import { keyEntry } from '../unit/relay/fixtures/held.ts';
import { listen } from '../unit/relay/fixtures/listening.ts';
import { CHANGED, ENTRIES, publish, type Serving } from '../unit/relay/fixtures/serving.ts';
import { closeLinks, createRoughLink } from './fixtures/rough-link.ts';

let home: Serving;
let version = 0;
beforeAll(async () => {
  home = await startHome();
  await publishNext(ENTRIES);
});
afterEach(endAll);
afterAll(async () => {
  closeLinks();
  await endHomes();
});

const publishNext = (entries: readonly Entry[]): Promise<void> => publish(home, entries, ++version);

async function relayOf(env: Readonly<Record<string, string>> = {}, upstream: { readonly url: string } = home) {
  const relay = await startRelay({ home: upstream, publicKey: home.held.signer.publicKey, env });
  await hasVersion(relay, version);
  await until(
    'it has keys',
    async () => ((await statusOf(relay))['keys'] as { version?: number }).version !== undefined,
  );
  return relay;
}

const streamOf = ({ url }: RelayProcess, instance: string, key = 'server') =>
  listen(`${url}/v1/stream`, { authorization: `Bearer ${key}`, 'lockstep-instance': instance });

async function metric({ call }: RelayProcess, name: string): Promise<number> {
  const text = await (await call('/metrics')).text();
  return Number(new RegExp(`^lockstep_relay_${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

const residentBytes = ({ running: { pid } }: RelayProcess): number =>
  1024 * Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

async function reasonAt({ call }: RelayProcess): Promise<{ reason: string; version: number; value: unknown }> {
  const ask = { method: 'POST', body: JSON.stringify({ context: { targetingKey: 'anna' } }) };
  const answer = await call('/ofrep/v1/evaluate/flags/checkout.form', ask);
  const found = (await answer.json()) as { reason: string; value: unknown; metadata: { version: number } };
  return { reason: found.reason, value: found.value, version: found.metadata.version };
}

describe('B16: those who do not read', () => {
  /** Opens a stream, and reads nothing of it. */
  async function deaf({ url }: RelayProcess, instance: string): Promise<Socket> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
    const headers = ['host: relay', 'authorization: Bearer server', `lockstep-instance: ${instance}`];
    socket.on('error', () => {});
    await new Promise<void>((resolve) => {
      socket.write(`GET /v1/stream HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`, () => resolve());
    });
    return socket;
  }

  it('are cut, however many; memory stays bounded, and whoever reads waits for nobody', async () => {
    const relay = await relayOf();
    const DEAF = 20;
    const sockets = await Promise.all(Array.from({ length: DEAF }, (_, number) => deaf(relay, `deaf-${number}`)));
    const reads = await streamOf(relay, 'booking-1');
    await until('all are there', async () => (await metric(relay, 'connected\\{kind="sdk"\\}')) === DEAF + 1);
    // Each of these changes all of so many flags that it fills an event.
    const many = (round: number): Entry[] =>
      Array.from({ length: 1_000 }, (_, at) => ({ k: `flag.number${at}`, r: round, o: 0, f: round % 2 }));
    const before = residentBytes(relay);
    for (let round = 1; (await metric(relay, 'streams_cut_total')) < DEAF && round < 400; round++) {
      await publishNext(many(round));
      if (round % 10 === 0) await until('those who read have it', () => reads.last('ruleset')?.['version'] === version);
    }
    expect(await metric(relay, 'streams_cut_total')).toBe(DEAF);
    expect(await metric(relay, 'connected\\{kind="sdk"\\}')).toBe(1);
    // What waits for each is bounded by a mebibyte; the rulesets of so many rounds come and go.
    expect(residentBytes(relay) - before).toBeLessThan(200 * 1024 * 1024);
    await until('those who read have it', () => reads.last('ruleset')?.['version'] === version);
    expect(reads.isEnded()).toBe(false);
    for (const socket of sockets) socket.destroy();
    reads.end();
  }, 300_000);
});

describe('B49: a key that is revoked', () => {
  it('ends its streams at each relay, and no other; the relay’s own goes on', async () => {
    const keys = [...KEYS, keyEntry('leaked')];
    await home.held.issue(keys, 2);
    home.relay.keysApplied();
    const [first, second] = await Promise.all([relayOf(), relayOf()]);
    const leaked = await Promise.all([first, second].map((relay, at) => streamOf(relay, `leaked-${at}`, 'leaked')));
    const kept = await Promise.all([first, second].map((relay, at) => streamOf(relay, `kept-${at}`)));
    expect([...leaked, ...kept].map(({ response }) => response.status)).toEqual([200, 200, 200, 200]);
    await home.held.issue(KEYS, 3);
    home.relay.keysApplied();
    await until('they end', () => leaked.every((stream) => stream.isEnded()));
    for (const stream of leaked) expect(stream.last('closing')).toMatchObject({ reason: 'revoked' });
    expect((await streamOf(first, 'leaked-again', 'leaked')).response.status).toBe(401);
    expect((await first.call('/v1/ruleset', { key: 'leaked' })).status).toBe(401);
    await publishNext(CHANGED);
    await until('the others go on', () => kept.every((stream) => stream.last('ruleset')?.['version'] === version));
    for (const stream of kept) stream.end();
  }, 300_000);
});

describe('R22: two relays of one region, of which one has lost home', () => {
  it('are apart, and both say so: one its version, the other that it is STALE; together again they agree', async () => {
    const link = await createRoughLink(home.url);
    const env = { STALE_AFTER_MS: '2000' };
    const [well, lost] = await Promise.all([relayOf(env), relayOf(env, link)]);
    link.become('cut');
    await publishNext(ENTRIES);
    await hasVersion(well, version);
    await until('the lost one says STALE', async () => (await reasonAt(lost)).reason === 'STALE');
    expect(await reasonAt(lost)).toMatchObject({ version: version - 1, value: false });
    expect(await metric(lost, 'applied_version')).toBe(version - 1);
    expect([await metric(lost, 'upstream_connected'), await metric(lost, 'stale')]).toEqual([0, 1]);
    expect(await reasonAt(well)).toMatchObject({ version, value: true });
    link.become('open');
    await hasVersion(lost, version);
    expect((await reasonAt(lost)).value).toBe(true);
  }, 300_000);
});

describe('R3, R18, B18: more streams than there is room for', () => {
  it('are told when to come back, and evaluations go on meanwhile', async () => {
    const relay = await relayOf({ MAX_STREAMS: '50' });
    const asked = await Promise.all(Array.from({ length: 200 }, (_, number) => streamOf(relay, `booking-${number}`)));
    const open = asked.filter(({ response }) => response.status === 200);
    const away = asked.filter(({ response }) => response.status === 429);
    expect([open.length, away.length]).toEqual([50, 150]);
    const waits = away.map(({ response }) => Number(response.headers.get('retry-after')));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30);
    expect(new Set(waits).size).toBeGreaterThan(3);
    expect((await reasonAt(relay)).version).toBe(version);
    // Whoever leaves makes room.
    for (const stream of open.slice(0, 10)) stream.end();
    await until('there is room', async () => (await metric(relay, 'connected\\{kind="sdk"\\}')) === 40);
    expect((await streamOf(relay, 'booking-again')).response.status).toBe(200);
    for (const stream of asked) stream.end();
  }, 300_000);
});
