import { afterEach, describe, expect, it } from 'vitest';
import type { Ack } from '#schema/acks';
import { closeAll, ready } from './fixtures/serving.ts';

afterEach(closeAll);

const ack = (more: Partial<Ack> = {}): Ack => ({
  ...{ instance: 'booking-1', kind: 'sdk', region: 'eu-west-1', cloud: 'aws', version: 7, digest: 'x'.repeat(43) },
  ...{ ageMs: 20, stale: false },
  ...more,
});
const post = (body: unknown, key = 'server') => ({ method: 'POST', key, body: JSON.stringify(body) });

describe('acknowledgements of those below', () => {
  it('go home', async () => {
    const { call, forwarded } = await ready();
    const acks = [ack(), ack({ instance: 'booking-2' })];
    expect((await call('/v1/acks', post({ acks }))).status).toBe(204);
    expect(forwarded).toEqual(acks);
  });

  it('are looked at one by one', async () => {
    const { call, forwarded } = await ready();
    const response = await call('/v1/acks', post({ acks: [ack(), { ...ack(), version: -1 }, ack({ instance: 'c' })] }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      rejected: [{ index: 1, detail: expect.stringMatching(/^version: /) }],
    });
    expect(forwarded.map(({ instance }) => instance)).toEqual(['booking-1', 'c']);
  });

  it('speak for relays and POPs with a relay key alone', async () => {
    const { call, forwarded } = await ready();
    expect((await call('/v1/acks', post({ acks: [ack({ kind: 'relay' })] }))).status).toBe(400);
    expect((await call('/v1/acks', post({ acks: [ack({ kind: 'relay' })] }, 'relay'))).status).toBe(204);
    expect(forwarded).toHaveLength(1);
  });

  it('are counted, and those who refuse a version too', async () => {
    const { call, relay } = await ready();
    const error = { code: 'bad-entries', version: 8, message: 'a.flag: r' };
    await call('/v1/acks', post({ acks: [ack(), ack({ instance: 'booking-2', error })] }));
    expect(relay.acks.count()).toEqual({ heard: 2, refusing: 1 });
    await call('/v1/acks', post({ acks: [ack({ instance: 'booking-2' })] }));
    expect(relay.acks.count()).toEqual({ heard: 2, refusing: 0 });
  });

  it('are forgotten after ten silent minutes', async () => {
    const { call, relay, held } = await ready();
    await call('/v1/acks', post({ acks: [ack()] }));
    held.clock.forward(600_001);
    await call('/v1/acks', post({ acks: [ack({ instance: 'booking-2' })] }));
    expect(relay.acks.count().heard).toBe(1);
  });

  it('end with a goodbye, which goes home too', async () => {
    const { call, relay, goodbyes } = await ready();
    await call('/v1/acks', post({ acks: [ack()] }));
    expect((await call('/v1/acks/booking-1', { method: 'DELETE' })).status).toBe(204);
    expect(goodbyes).toEqual(['booking-1']);
    expect(relay.acks.count().heard).toBe(0);
    expect((await call('/v1/acks/no%20name', { method: 'DELETE' })).status).toBe(400);
  });

  it.each<[string, string, number]>([
    ['no JSON', '{', 400],
    ['no batch', '[]', 400],
    ['too many', JSON.stringify({ acks: Array(1_001).fill(0) }), 400],
    ['too much', JSON.stringify({ acks: ['x'.repeat(300_000)] }), 413],
    ['what nests too deep', '['.repeat(9) + ']'.repeat(9), 400],
  ])('are refused where they are %s', async (_, body, status) => {
    const { call, forwarded } = await ready();
    expect((await call('/v1/acks', { method: 'POST', body })).status).toBe(status);
    expect(forwarded).toEqual([]);
  });

  it('are no page’s', async () => {
    const { call } = await ready();
    expect((await call('/v1/acks', post({ acks: [ack()] }, 'client'))).status).toBe(403);
  });
});

describe('exposures through a relay', () => {
  const INGEST = 'https://ingest.flags.internal';

  it('go to ingest as they came, and only its word counts', async () => {
    const asked: Request[] = [];
    const { call } = await ready({
      ingestUrl: INGEST,
      fetch: async (url, init) => {
        asked.push(new Request(url as string, init));
        return new Response('{"accepted":1}', { status: 202, headers: { 'content-type': 'application/json' } });
      },
    });
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const response = await call('/v1/exposures', { method: 'POST', headers, body: 'any bytes' });
    expect([response.status, await response.text()]).toEqual([202, '{"accepted":1}']);
    const [request] = asked;
    expect(request?.url).toBe(`${INGEST}/v1/exposures`);
    expect(Object.fromEntries(request!.headers)).toMatchObject({ ...headers, authorization: 'Bearer server' });
    expect(await request!.text()).toBe('any bytes');
  });

  it('are never taken by the relay itself', async () => {
    const { call } = await ready({ ingestUrl: INGEST, fetch: () => Promise.reject(new Error('dark')) });
    const response = await call('/v1/exposures', { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
  });

  it('are refused as ingest refuses them', async () => {
    const fetch = async () => new Response('{"status":429}', { status: 429, headers: { 'retry-after': '7' } });
    const { call } = await ready({ ingestUrl: INGEST, fetch });
    const response = await call('/v1/exposures', { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
  });

  it('wait with their senders past 16 MiB that ingest has not answered', async () => {
    let answer = (_: Response): void => {};
    const answered = new Promise<Response>((resolve) => {
      answer = resolve;
    });
    let asked = 0;
    const fetch = async () => {
      asked++;
      return (await answered).clone();
    };
    const { call } = await ready({ ingestUrl: INGEST, fetch });
    const beacon = { method: 'POST', body: 'x'.repeat(256 * 1024) };
    const held = Array.from({ length: 64 }, () => call('/v1/exposures', beacon));
    while (asked < 64) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await call('/v1/exposures', beacon)).status).toBe(503);
    answer(new Response('{}', { status: 202 }));
    expect((await Promise.all(held)).every(({ status }) => status === 202)).toBe(true);
    expect((await call('/v1/exposures', beacon)).status).toBe(202);
  });

  it('are bounded, and for services', async () => {
    const { call } = await ready({ ingestUrl: INGEST });
    expect((await call('/v1/exposures', { method: 'POST', body: 'x'.repeat(256 * 1024 + 1) })).status).toBe(413);
    expect((await call('/v1/exposures', { method: 'POST', key: 'client', body: '{}' })).status).toBe(403);
  });

  it('have nowhere to go where no ingest is set', async () => {
    const { call } = await ready();
    expect((await call('/v1/exposures', { method: 'POST', body: '{}' })).status).toBe(404);
  });
});
