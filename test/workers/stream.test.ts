import { evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keysEnvironment } from '#ruleset/keys-environment';
import { positionText } from '#ruleset/position';
import { verifyRuleset } from '#ruleset/verify';
import { digestOfText } from '#ruleset/write/digest';
import { MAX_QUEUE } from '#schema/stream-limits';
import type { Convergence } from '../../workers/stream/convergence.ts';
import { rawLines } from '../unit/fixtures/lines.ts';
import { ENVIRONMENT, NOW } from '../unit/fixtures/signing.ts';
import { linesAt } from '../unit/stream/fixtures/lines-at.ts';
import { keyEntry, keysDocument } from './fixtures/keys-document.ts';
import { createStream, type Stream } from './fixtures/stream.ts';
import { streamKey, streamSigner } from './fixtures/stream-key.ts';

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const ackOf = (instance: string, version: number, more = {}): object => ({
  ...{ instance, kind: 'relay', region: 'us-east-1', cloud: 'aws', version, digest: digestOfText(linesAt(version)) },
  ...{ ageMs: 0, stale: false },
  ...more,
});

const acknowledge = (stream: Stream, ...acks: object[]): Promise<Response> =>
  stream.ask('/v1/acks', { method: 'POST', body: JSON.stringify({ acks }) });

const board = async (stream: Stream, query = ''): Promise<Convergence> =>
  (await stream.ask(`/v1/convergence${query}`)).json();

/** Once it is so; a client's leaving takes its way through the platform. */
const eventually = (isSo: () => Promise<boolean>): Promise<boolean> => vi.waitUntil(isSo, { timeout: 30_000 });

describe('a stream over HTTP', () => {
  it('tells what there is, and what comes, in the time that the channel takes', async () => {
    const stream = createStream();
    expect((await stream.offer(1)).status).toBe(200);
    const reader = await stream.connect('relay-1');
    expect(Object.fromEntries(reader.response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
    });
    expect(await reader.next('ruleset')).toMatchObject({
      version: 1,
      path: `/v1/rulesets/${digestOfText(linesAt(1))}`,
    });
    expect(await reader.next('bookmark')).toMatchObject({ version: 1, floor: 1 });
    await stream.offer(2);
    expect(await reader.next('ruleset')).toMatchObject({ version: 2, delta: expect.any(String) });
    await reader.cancel();
  });

  it('goes on where a client was, over an eviction of the channel', async () => {
    const stream = createStream();
    for (const version of [1, 2, 3]) await stream.offer(version);
    await evictDurableObject(stream.stub);
    const has = (version: number) => positionText({ version, digest: digestOfText(linesAt(version)) });
    const [current, behind] = await Promise.all([
      stream.connect('relay-1', { 'last-event-id': has(3) }),
      stream.connect('relay-2', { 'last-event-id': has(1) }),
    ]);
    expect(await current.next('bookmark')).toMatchObject({ version: 3 });
    expect(await behind.next('ruleset')).toMatchObject({ version: 3, delta: expect.any(String) });
    await Promise.all([current.cancel(), behind.cancel()]);
  });

  it('notices a client that leaves', async () => {
    const stream = createStream();
    await stream.offer(1);
    const reader = await stream.connect('relay-1');
    await acknowledge(stream, ackOf('relay-1', 1));
    expect((await board(stream)).instances).toMatchObject([{ instance: 'relay-1', connected: true }]);
    await reader.cancel();
    await eventually(async () => (await board(stream)).instances[0]?.connected === false);
  });

  it('B16: cuts a client that reads nothing, and its queue stays bounded', async () => {
    const stream = createStream();
    const large = (version: number): string => rawLines([{ k: 'search.large', r: version, d: 'x'.repeat(50_000) }]);
    await stream.offer(1, {}, large(1));
    const slow = await stream.connect('relay-1');
    const quick = await stream.connect('relay-2');
    let version = 1;
    await acknowledge(stream, ackOf('relay-1', 1));
    while ((await board(stream)).instances[0]?.connected) {
      version++;
      await stream.offer(version, {}, large(version));
      await quick.next('ruleset');
      expect(version).toBeLessThan(200);
    }
    expect(version * 50_000).toBeGreaterThan(MAX_QUEUE);
    await expect(async () => {
      for (;;) await slow.next('ruleset');
    }).rejects.toThrow();
    await quick.cancel();
  });

  it('B49: ends once its key is revoked by a keys document that the publisher sent', async () => {
    const stream = createStream();
    vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1_000 });
    const valid = await keysDocument(streamSigner, [await keyEntry(streamKey('relay'), { t: 'relay' })], 1);
    const revoked = await keysDocument(streamSigner, [], 2);
    const put = async (text: string) =>
      stream.ask('/v1/keys', { method: 'PUT', body: JSON.stringify({ text }) }, 'publisher');
    stream.keyStore.text = valid;
    await stream.offer(1);
    expect((await put(valid)).status).toBe(204);
    const reader = await stream.connect('relay-1');
    const tick = () => runInDurableObject(stream.stub, (channel) => channel.tick());
    await tick();
    expect(await reader.next('keys')).toMatchObject({ version: 1, path: '/v1/keys' });
    const document = await stream.ask('/v1/keys');
    expect([await document.text(), document.headers.get('lockstep-version')]).toEqual([valid, '1']);
    expect((await put(revoked)).status).toBe(204);
    expect(await reader.next('keys')).toMatchObject({ version: 2 });
    for (let second = 0; second < 60; second += 5) {
      vi.setSystemTime((NOW + second) * 1_000);
      await tick();
    }
    expect(await reader.next('closing')).toMatchObject({ reason: 'revoked' });
  });
});

describe('rulesets', () => {
  it('are had whole, with an entity tag that saves the next one', async () => {
    const stream = createStream();
    const none = await stream.ask('/v1/ruleset');
    expect([none.status, none.headers.get('retry-after')]).toEqual([503, '2']);
    await stream.offer(3);
    const whole = await stream.ask('/v1/ruleset', {}, 'server');
    const etag = whole.headers.get('etag') ?? '';
    expect([whole.status, etag, whole.headers.get('lockstep-version')]).toEqual([
      200,
      `"3.${digestOfText(linesAt(3))}.${NOW}"`,
      '3',
    ]);
    expect((await verifyRuleset(await whole.text(), ENVIRONMENT, streamSigner.crypto)).ok).toBe(true);
    const same = await stream.ask('/v1/ruleset', { headers: { 'if-none-match': etag } });
    expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag]);
  });

  it('are had by their digest for ever, from the cache of the location: R18: the channel is asked once', async () => {
    const stream = createStream();
    await stream.offer(3);
    const path = `/v1/rulesets/${digestOfText(linesAt(3))}`;
    for (let relay = 0; relay < 50; relay++) {
      const lines = await stream.ask(path);
      await stream.settle();
      expect(await lines.text()).toBe(linesAt(3));
      expect(lines.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    }
    expect(stream.reads()).toBe(1);
    expect((await stream.ask(`/v1/rulesets/${digestOfText('nobody')}`)).status).toBe(404);
    expect((await stream.ask('/v1/rulesets/nobody')).status).toBe(400);
  });
});

describe('who may ask', () => {
  const paths = ['/v1/stream', '/v1/ruleset', `/v1/rulesets/${'a'.repeat(43)}`, '/v1/convergence'];

  it.each(paths)('B49: is told for %s: no key, a key of another kind, a key in the query', async (path) => {
    const stream = createStream();
    await stream.offer(1);
    const unknown = { headers: { authorization: 'Bearer ls_nobody' } };
    expect((await stream.ask(path, unknown)).status).toBe(401);
    expect((await stream.ask(path, { headers: { authorization: '' } })).headers.get('www-authenticate')).toBe('Bearer');
    for (const kind of ['client', 'publisher'] as const) expect((await stream.ask(path, {}, kind)).status).toBe(403);
    for (const name of ['key', 'token', 'authorization']) {
      const answer = await stream.ask(`${path}?${name}=${streamKey('relay')}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
      expect(await answer.text()).not.toContain(streamKey('relay'));
    }
  });

  it('is noted as used where control has issued it, whatever is asked', async () => {
    const stream = createStream();
    await stream.ask('/v1/ruleset');
    expect(stream.used).toEqual([]);
    const issued = await keyEntry('ls_issued');
    stream.keyStore.text = await keysDocument(streamSigner, [issued], 1);
    const other = createStream();
    other.keyStore.text = stream.keyStore.text;
    await other.offer(1);
    const headers = { authorization: 'Bearer ls_issued', 'lockstep-instance': 'booking-1' };
    const reader = await other.connect('booking-1', headers, 'server');
    await other.ask('/v1/ruleset', { headers });
    await other.ask('/v1/ruleset', { headers: { authorization: 'Bearer ls_made_up' } });
    expect(other.used).toEqual([issued.k, issued.k]);
    await reader.cancel();
  });

  it('is for some namespaces only sent to OFREP: a stream carries every flag', async () => {
    const stream = createStream();
    const scoped = await keyEntry('ls_scoped', { n: ['search'] });
    stream.keyStore.text = await keysDocument(streamSigner, [scoped], 1);
    await stream.offer(1);
    const answer = await stream.ask('/v1/stream', { headers: { authorization: 'Bearer ls_scoped' } });
    expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
      403,
      expect.stringContaining('OFREP'),
    ]);
  });

  it('has the keys document with a relay key alone, and offers with the publisher’s own', async () => {
    const stream = createStream();
    expect((await stream.ask('/v1/keys', {}, 'server')).status).toBe(403);
    expect((await stream.ask('/v1/keys')).status).toBe(503);
    for (const kind of ['server', 'relay', 'client'] as const) {
      expect((await stream.ask('/v1/offers', { method: 'POST', body: '{}' }, kind)).status).toBe(403);
      expect((await stream.ask('/v1/keys', { method: 'PUT', body: '{}' }, kind)).status).toBe(403);
    }
    expect((await stream.connect('sdk-1', { 'lockstep-kind': 'relay' }, 'server')).response.status).toBe(403);
  });

  it('is answered for what is no route, no method, no hello', async () => {
    const stream = createStream();
    expect((await stream.ask('/v1/nothing')).status).toBe(404);
    const put = await stream.ask('/v1/stream', { method: 'PUT' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET']);
    for (const headers of [
      {},
      { 'lockstep-instance': 'a b' },
      { 'lockstep-instance': 'a', 'lockstep-kind': 'browser' },
    ])
      expect((await stream.ask('/v1/stream', { headers })).status).toBe(400);
  });
});

describe('offers over HTTP', () => {
  it('are refused with what to mend', async () => {
    const stream = createStream();
    await stream.offer(5);
    const answers = [
      await stream.offer(4),
      await stream.offer(6, { text: undefined }),
      await stream.offer(6, { text: 'no ruleset' }),
      await stream.offer(6, { audience: 'nobody' }),
      await stream.ask('/v1/offers', { method: 'POST', body: 'no JSON' }, 'publisher'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 422, 400, 400]);
    expect(await answers[1]?.json()).toMatchObject({ need: 'text' });
    expect(await answers[0]?.json()).toMatchObject({ version: 5 });
  });

  it('R2: answer with what a canary over HTTP said', async () => {
    const stream = createStream();
    await stream.offer(1);
    const reader = await stream.connect('relay-1');
    await acknowledge(stream, ackOf('relay-1', 1));
    const word = stream.offer(2, { audience: 'canary', waitMs: 3_000 });
    expect(await reader.next('ruleset')).toMatchObject({ version: 1 });
    expect(await reader.next('ruleset')).toMatchObject({ version: 2 });
    await acknowledge(stream, ackOf('relay-1', 2));
    expect(await (await word).json()).toMatchObject({ verdict: 'applied', canary: 'relay-1', asked: 1, applied: 1 });
    expect(
      (await stream.ask('/v1/ruleset', { headers: { 'lockstep-instance': 'relay-1' } })).headers.get(
        'lockstep-version',
      ),
    ).toBe('2');
    expect((await stream.ask('/v1/ruleset')).headers.get('lockstep-version')).toBe('1');
    await reader.cancel();
  });
});

describe('acknowledgements', () => {
  it('R21: are on the board at once, and over an eviction; a goodbye takes them off', async () => {
    const stream = createStream();
    await stream.offer(2);
    const error = { code: 'bad-entries', version: 2, message: 'a.flag: no' };
    expect((await acknowledge(stream, ackOf('relay-1', 2), ackOf('relay-2', 1, { error }))).status).toBe(204);
    const expected = {
      ...{ environment: ENVIRONMENT, version: 2, floor: 1, asked: 2, everywhere: false, stage: null, share: null },
      regions: [{ region: 'us-east-1', cloud: 'aws', version: 2, lowest: 1, instances: 2, behind: 1 }],
      instances: [{ instance: 'relay-1' }, { instance: 'relay-2', behind: true, error }],
    };
    expect(await board(stream)).toMatchObject(expected);
    expect(await board(stream, '?version=1')).toMatchObject({ everywhere: true });
    await runInDurableObject(stream.stub, (channel) => channel.tick());
    await evictDurableObject(stream.stub);
    expect(await board(stream)).toMatchObject(expected);
    const headers = { 'lockstep-kind': 'relay' };
    expect((await stream.ask('/v1/acks/relay-2', { method: 'DELETE', headers })).status).toBe(204);
    expect(await board(stream)).toMatchObject({ everywhere: true, floor: 2, instances: [{ instance: 'relay-1' }] });
  });

  it('are kept where they are good, and named where they are not', async () => {
    const stream = createStream();
    await stream.offer(1);
    const answer = await acknowledge(stream, ackOf('relay-1', 1), ackOf('bad name', 1), ackOf('relay-3', -1));
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({
        rejected: [expect.objectContaining({ index: 1 }), expect.objectContaining({ index: 2 })],
      }),
    ]);
    expect((await board(stream)).instances).toHaveLength(1);
  });

  it('are bounded', async () => {
    const stream = createStream();
    const many = await acknowledge(stream, ...Array.from({ length: 1_001 }, () => ({})));
    expect(many.status).toBe(400);
    const large = await stream.ask('/v1/acks', { method: 'POST', body: `"${'x'.repeat(256 * 1024)}"` });
    expect(large.status).toBe(413);
    expect((await stream.ask('/v1/acks', { method: 'POST', body: '{"acks": [[[[[[[[]]]]]]]]}' })).status).toBe(400);
    expect((await stream.ask('/v1/convergence?limit=0')).status).toBe(400);
  });
});

it('takes a keys document of its own environment alone', async () => {
  const stream = createStream();
  const text = await keysDocument(streamSigner, [], 1, keysEnvironment('staging'));
  const answer = await stream.ask('/v1/keys', { method: 'PUT', body: JSON.stringify({ text }) }, 'publisher');
  expect(answer.status).toBe(422);
});
