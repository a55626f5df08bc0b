import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Entry } from '#schema/entry';
import { until } from '../../e2e/fixtures/poll.ts';
import { hashOf, keyEntry } from './fixtures/held.ts';
import { type Listening, listen } from './fixtures/listening.ts';
import { CHANGED, closeAll, publish, ready, type Serving, started } from './fixtures/serving.ts';

afterEach(closeAll);

/** A change of it fills an event. */
const wide = (r: number): Entry => ({
  ...{ k: 'search.layout', r, o: 0, f: 0 },
  v: ['a', 'b'].map((name) => [name, name.repeat(29_000), name.repeat(8)]),
});

const SDK = { authorization: 'Bearer server', 'lockstep-instance': 'booking-1' };
const stream = ({ url }: Serving, headers: Readonly<Record<string, string>> = SDK): Promise<Listening> =>
  listen(`${url}/v1/stream`, headers);

async function pageUrl({ call, url }: Serving, key = 'client'): Promise<string> {
  const body = JSON.stringify({ context: { targetingKey: 'anna' } });
  const answer = await call('/ofrep/v1/evaluate/flags', { method: 'POST', key, body });
  const { eventStreams } = (await answer.json()) as { eventStreams: { endpoint: { requestUri: string } }[] };
  return url + eventStreams[0]!.endpoint.requestUri;
}

describe('a stream over HTTP', () => {
  it('gives what comes into force, as events', async () => {
    const serving = await ready();
    const { response, names, last } = await stream(serving);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    await until('the first events', () => names().length === 2);
    await publish(serving, CHANGED, 8);
    await until('the delta', () => last('ruleset')?.['version'] === 8);
    expect(last('ruleset')).toHaveProperty('delta');
    serving.relay.bookmark();
    await until('the bookmark', () => last('bookmark')?.['version'] === 8);
  });

  it('is counted while it is open', async () => {
    const serving = await ready();
    const { end } = await stream(serving);
    const connected = async () => /connected\{kind="sdk"\} (\d)/.exec(await serving.relay.metrics.text())?.[1];
    expect(await connected()).toBe('1');
    end();
    await until('it is gone', async () => (await connected()) === '0');
  });

  it('is a use of its key, as every request is with a key that control has issued', async () => {
    const used: string[] = [];
    const serving = await ready({ used: (sha256) => void used.push(sha256) });
    await pageUrl(serving);
    expect(used, 'the keys of the settings are nobody’s to rotate').toEqual([]);
    await serving.held.issue([keyEntry('server'), keyEntry('page', { t: 'client' })], 1);
    serving.relay.keysApplied();
    const uses = async (what: () => Promise<unknown>): Promise<readonly string[]> => {
      used.length = 0;
      await what();
      return [...used];
    };
    const page = await pageUrl(serving, 'page');
    const [server, client] = [[hashOf('server')], [hashOf('page')]];
    expect(await uses(() => stream(serving))).toEqual(server);
    expect(await uses(() => pageUrl(serving, 'page'))).toEqual(client);
    expect(await uses(() => listen(page))).toEqual(client);
    expect(await uses(() => serving.call('/v1/ruleset'))).toEqual(server);
    expect(await uses(() => serving.call('/v1/ruleset', { key: 'made-up' }))).toEqual([]);
  });

  it('B49: is closed when its key is revoked', async () => {
    const serving = await ready();
    await serving.held.issue([keyEntry('server'), keyEntry('other')], 1);
    serving.relay.keysApplied();
    const one = await stream(serving);
    const other = await stream(serving, { authorization: 'Bearer other', 'lockstep-instance': 'search-1' });
    await serving.held.issue([keyEntry('other')], 2);
    serving.relay.keysApplied();
    await until('it ends', () => one.isEnded());
    expect(one.last('closing')).toMatchObject({ reason: 'revoked' });
    expect(other.isEnded()).toBe(false);
    expect((await stream(serving)).response.status).toBe(401);
  });

  it.each<[string, Record<string, string>, number]>([
    ['no key', { 'lockstep-instance': 'a' }, 401],
    ['a client key', { ...SDK, authorization: 'Bearer client' }, 403],
    ['no instance', { authorization: 'Bearer server' }, 400],
    ['an instance that is none', { ...SDK, 'lockstep-instance': 'a b' }, 400],
    ['a kind that is none', { ...SDK, 'lockstep-kind': 'pop' }, 400],
  ])('is refused with %s', async (_, headers, status) => {
    expect((await stream(await ready(), headers)).response.status).toBe(status);
  });

  it('is refused with a key for some namespaces, and told what to ask instead', async () => {
    const serving = await ready();
    await serving.held.issue([keyEntry('server', { n: ['pricing'] })], 1);
    const { response } = await stream(serving);
    expect(response.status).toBe(403);
  });

  it('waits for the first ruleset', async () => {
    const { response } = await stream(await started());
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
  });

  it('is refused where there are too many, for a while', async () => {
    const serving = await ready({ maxStreams: 1 });
    await stream(serving);
    const { response } = await stream(serving, { ...SDK, 'lockstep-instance': 'booking-2' });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('B16: is cut where nobody reads, and nobody else waits', async () => {
    const serving = await ready();
    const slow = connect(Number(new URL(serving.url).port), '127.0.0.1');
    slow.on('error', () => {});
    slow.write('GET /v1/stream HTTP/1.1\r\nhost: a\r\nauthorization: Bearer server\r\nlockstep-instance: slow\r\n\r\n');
    slow.pause();
    const quick = await stream(serving);
    const { relay, held } = serving;
    await until('both are there', async () => (await relay.metrics.text()).includes('connected{kind="sdk"} 2'));
    for (let version = 8; !(await relay.metrics.text()).includes('streams_cut_total 1'); version++) {
      expect(version).toBeLessThan(1_000);
      await held.publish([wide(version)], version);
      relay.applied();
      await until('the quick one has it', () => quick.last('ruleset')?.['version'] === version);
    }
    expect(quick.isEnded()).toBe(false);
    slow.destroy();
  });

  it('ends at a drain, with a time to come back; what is asked meanwhile is answered', async () => {
    const serving = await ready();
    const one = await stream(serving);
    serving.relay.drain();
    await until('it ends', () => one.isEnded());
    expect(one.last('closing')).toEqual({ reason: 'draining', retryAfterMs: 2_500 });
    expect((await stream(serving)).response.status).toBe(503);
    expect((await serving.call('/readyz')).status).toBe(503);
    expect((await serving.call('/livez')).status).toBe(200);
    expect((await serving.call('/v1/ruleset')).status).toBe(200);
  });
});

describe('the stream of a page over HTTP', () => {
  it('B49: has a ticket in its address, which opens nothing else and ends with its key', async () => {
    const serving = await ready();
    await serving.held.issue([keyEntry('web', { t: 'client' })], 1);
    serving.relay.keysApplied();
    const address = await pageUrl(serving, 'web');
    expect(address).not.toContain('web');
    const page = await listen(address, { origin: 'https://www.example.com' });
    expect(page.response.headers.get('access-control-allow-origin')).toBe('*');
    await until('it is told to ask', () => page.last('message')?.['type'] === 'refetchEvaluation');
    const ticket = address.slice(address.lastIndexOf('/') + 1);
    expect((await serving.call('/ofrep/v1/evaluate/flags', { method: 'POST', key: ticket, body: '{}' })).status).toBe(
      401,
    );
    await serving.held.issue([keyEntry('other')], 2);
    serving.relay.keysApplied();
    await until('it ends', () => page.isEnded());
    expect((await listen(address)).response.status).toBe(401);
  });

  it('is the same at each relay of an environment', async () => {
    const [one, other] = [await ready(), await ready()];
    const address = (await pageUrl(one)).replace(one.url, other.url);
    expect((await listen(address)).response.status).toBe(200);
  });

  it.each(['x'.repeat(43), '', '../v1/stream', '%00'])('is refused with the ticket "%s"', async (ticket) => {
    const { url } = await ready();
    expect([401, 404]).toContain((await listen(`${url}/ofrep/v1/events/${ticket}`)).response.status);
  });
});
