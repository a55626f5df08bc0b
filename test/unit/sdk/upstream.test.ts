import { beforeAll, describe, expect, it } from 'vitest';
import { createRulesetCache } from '#ruleset/cache';
import type { Identity } from '#sdk/stream/ack';
import { createSigner, ENVIRONMENT, NOW, type Signer } from '../fixtures/signing.ts';
import { never, type OpenStream } from './fixtures/fake-upstream.ts';
import { instantCrypto } from './fixtures/instant-crypto.ts';
import { createTurnedClock } from './fixtures/turned-clock.ts';
import { type Client, type Edition, editionOf, flag, startClient } from './fixtures/upstream-client.ts';

let signer: Signer;
let one: Edition;
let two: Edition;
let three: Edition;

beforeAll(async () => {
  signer = await createSigner();
  one = await editionOf(signer, 1, [flag('a', 1), flag('b', 1)]);
  two = await editionOf(signer, 2, [flag('a', 2, 0), flag('b', 1)]);
  three = await editionOf(signer, 3, [flag('a', 2, 0), flag('b', 3, 0)]);
});

const stream = ({ home }: Client, at = -1): OpenStream => home.streams.at(at) as OpenStream;

async function started(edition = one, options: Parameters<typeof startClient>[1] = {}): Promise<Client> {
  const client = startClient(signer, options);
  client.holds(edition);
  await client.clock.forward(0);
  stream(client).send('ruleset', edition.pointer);
  await client.clock.forward(0);
  expect(client.cache.current()?.claims.version).toBe(edition.version);
  return client;
}

const versionOf = ({ cache }: Client): number | undefined => cache.current()?.claims.version;

describe('a stream', () => {
  it('says who it is and what it has, with the key in a header alone', async () => {
    const client = await started();
    const { headers } = stream(client);
    expect(Object.fromEntries(headers)).toMatchObject({
      authorization: 'Bearer the key',
      accept: 'text/event-stream',
      'lockstep-instance': 'client-1',
      'lockstep-region': 'dub',
      'lockstep-cloud': 'aws',
      'lockstep-kind': 'sdk',
      'lockstep-sdk': 'test/1',
    });
    expect(headers.get('last-event-id')).toBeNull();
    stream(client).end();
    await client.clock.forward(1_000);
    expect(stream(client).headers.get('last-event-id')).toBe(`1.${one.digest}`);
    expect(client.home.asked.filter(({ path }) => path.includes('key'))).toEqual([]);
  });

  it('brings pointers, whose lines are fetched once, and deltas', async () => {
    const client = await started();
    stream(client).send('ruleset', two.deltaOn(one));
    await client.clock.forward(0);
    expect(versionOf(client)).toBe(2);
    expect(client.home.askedFor(`/v1/rulesets/${one.digest}`)).toHaveLength(1);
    expect(client.told('applied').map(({ ruleset }) => ruleset.claims.version)).toEqual([1, 2]);
    await client.upstream.close();
  });

  it('fetches no lines for a pointer to what it has: they are signed anew', async () => {
    const client = await started();
    const later = await editionOf(signer, 1, [flag('a', 1), flag('b', 1)], { iat: NOW + 10, exp: NOW + 200_000 });
    const returned = await editionOf(signer, 2, [flag('a', 1), flag('b', 1)]);
    stream(client).send('ruleset', later.pointer);
    stream(client).send('ruleset', returned.pointer);
    await client.clock.forward(0);
    expect(client.told('applied').map(({ ruleset }) => ruleset.claims.exp)).toEqual([
      NOW + 86_400,
      NOW + 200_000,
      NOW + 86_400,
    ]);
    expect(client.home.asked.filter(({ path }) => path.startsWith('/v1/rulesets/'))).toHaveLength(1);
  });

  it('B09: R12: R20: leaves what is newer where something older comes, and says nothing against it', async () => {
    const client = await started(two);
    stream(client).send('ruleset', one.pointer);
    stream(client).send('ruleset', one.deltaOn(two));
    client.holds(one);
    await client.clock.forward(40_000);
    expect(versionOf(client)).toBe(2);
    expect(client.told('refused')).toEqual([]);
  });

  it('ignores events of later versions, and what is no message', async () => {
    const client = await started();
    stream(client).send('fireworks', two.pointer);
    stream(client).send('ruleset', { version: 2, digest: two.digest, header: two.header, path: '//elsewhere.test/x' });
    stream(client).send('ruleset', { version: -2, digest: two.digest, delta: '' });
    stream(client).send('bookmark', { version: '2' });
    stream(client).bytes(new TextEncoder().encode('event: ruleset\ndata: [1,\n\ndata: x\n\n'));
    await client.clock.forward(0);
    expect(versionOf(client)).toBe(1);
    stream(client).send('ruleset', two.deltaOn(one));
    await client.clock.forward(0);
    expect(versionOf(client)).toBe(2);
  });
});

describe('B12: what was missed is fetched whole, once', () => {
  const wholes = ({ home }: Client): number => home.askedFor('/v1/ruleset').length;

  it('where a delta is on something else', async () => {
    const client = await started();
    client.holds(three);
    stream(client).send('ruleset', three.deltaOn(two));
    await client.clock.forward(0);
    expect(versionOf(client)).toBe(3);
    expect(wholes(client)).toBe(1);
    expect(client.told('refused')).toEqual([]);
  });

  it('where a return goes back to the very lines that are in force, within the second that they were signed in', async () => {
    const client = await started();
    const back = await editionOf(signer, 3, [flag('a', 1), flag('b', 1)]);
    client.holds(back);
    // It was refused here, and what takes it back comes as a delta on it.
    stream(client).send('ruleset', back.deltaOn(two));
    await client.clock.forward(0);
    expect(versionOf(client)).toBe(3);
  });

  it('where a delta does not come to what was signed, however often it is sent', async () => {
    const client = await started();
    const wrong = {
      ...two.deltaOn(one),
      delta: (three.deltaOn(one) as { delta: string }).delta.replace(three.header, two.header),
    };
    for (let times = 0; times < 5; times++) stream(client).send('ruleset', wrong);
    await client.clock.forward(0);
    expect(versionOf(client)).toBe(1);
    expect(wholes(client)).toBe(1);
    client.holds(two);
    await client.clock.forward(30_000);
    expect(versionOf(client)).toBe(2);
  });

  it('where the lines of a pointer are gone, or others', async () => {
    const client = await started();
    client.home.texts.set('/v1/ruleset', { text: two.text, etag: two.etag });
    stream(client).send('ruleset', two.pointer);
    await client.clock.forward(0);
    expect([versionOf(client), wholes(client)]).toEqual([2, 1]);
    client.holds(three);
    client.home.texts.set(`/v1/rulesets/${three.digest}`, { text: one.lines });
    stream(client).send('ruleset', three.pointer);
    await client.clock.forward(0);
    expect([versionOf(client), wholes(client)]).toEqual([3, 2]);
    expect(client.told('refused')).toEqual([]);
  });

  it('where a bookmark names what was never sent, however often it comes', async () => {
    const client = await started();
    client.home.answers.set('/v1/ruleset', () => new Response('', { status: 503 }));
    for (let times = 0; times < 3; times++) stream(client).send('bookmark', two.bookmark);
    await client.clock.forward(0);
    expect(wholes(client)).toBe(1);
    client.home.answers.delete('/v1/ruleset');
    client.holds(three);
    stream(client).send('bookmark', three.bookmark);
    await client.clock.forward(0);
    expect([versionOf(client), wholes(client)]).toEqual([3, 2]);
  });
});

describe('R1: R6: R10: what cannot be used', () => {
  it('is refused and told, and what was in force stays; the same text is not fetched again', async () => {
    const client = await started();
    const bad = await editionOf(signer, 2, [flag('a', 2, 99), flag('b', 1)]);
    client.holds(bad);
    stream(client).send('ruleset', bad.deltaOn(one));
    await client.clock.forward(0);
    expect(client.told('refused')).toMatchObject([{ refusal: { code: 'bad-entries' }, version: 2 }]);
    expect(client.home.acks.at(-1)).toMatchObject({
      version: 1,
      digest: one.digest,
      error: { code: 'bad-entries', version: 2 },
    });
    await client.clock.forward(120_000);
    expect(versionOf(client)).toBe(1);
    expect(client.told('refused')).toHaveLength(2);
  });

  it('ends on the newest good one where good and bad take turns, and the complaint ends with it', async () => {
    const client = await started(one, { random: () => 0 });
    const bad = await editionOf(signer, 2, [flag('a', 2, 99)]);
    const worse = await editionOf(signer, 4, [{ ...flag('a', 4), o: 'off' }]);
    for (const [edition, base] of [
      [bad, one],
      [three, one],
      [worse, three],
    ] as const) {
      stream(client).send('ruleset', edition.deltaOn(base));
      await client.clock.forward(0);
    }
    expect(versionOf(client)).toBe(3);
    expect(client.cache.status().flapping).toBe(true);
    expect(client.home.acks.map(({ version, error }) => [version, error?.version])).toEqual([
      [1, undefined],
      [1, 2],
      [3, undefined],
      [3, 4],
    ]);
  });

  it('B08: B10: of elsewhere, signed by nobody, or empty without a word is refused; empty on purpose is taken', async () => {
    const client = await started();
    const stranger = await createSigner();
    const bad = [
      await editionOf(signer, 2, [flag('a', 2)], { env: 'staging' }),
      await editionOf(stranger, 2, [flag('a', 2)]),
      await editionOf(signer, 2, []),
    ];
    for (const edition of bad) {
      client.holds(edition);
      stream(client).send('ruleset', edition.pointer);
      await client.clock.forward(0);
    }
    expect(versionOf(client)).toBe(1);
    expect(client.told('refused').map(({ refusal }) => refusal.code)).toEqual([
      'wrong-environment',
      'bad-signature',
      'unannounced-empty',
    ]);
    const emptied = await editionOf(signer, 3, [], { emptied: true });
    stream(client).send('ruleset', emptied.deltaOn(one));
    await client.clock.forward(0);
    expect(client.cache.current()?.reader.entryCount).toBe(0);
  });

  it('R29: an environment without anything in it is as good as any other', async () => {
    const client = startClient(signer);
    const empty = await editionOf(signer, 1, []);
    client.holds(empty);
    await client.clock.forward(0);
    stream(client).send('ruleset', empty.pointer);
    await client.clock.forward(0);
    expect(versionOf(client)).toBe(1);
    stream(client).send('ruleset', two.deltaOn(empty));
    await client.clock.forward(0);
    expect(versionOf(client)).toBe(2);
  });
});

describe('a stream that is dead', () => {
  it('B15: is ended after 15 s without an event, and polled for meanwhile', async () => {
    const client = await started();
    await client.clock.forward(14_999);
    expect(stream(client).isCancelled()).toBe(false);
    await client.clock.forward(1);
    expect(stream(client).isCancelled()).toBe(true);
    expect(client.told('disconnected')[0]?.why).toMatch('silent');
    client.holds(two);
    client.home.answers.set('/v1/stream', never);
    await client.clock.forward(30_000);
    expect(versionOf(client)).toBe(2);
  });

  it('R22: is told from one that lives by bookmarks, which confirm what is in force and bring the floor', async () => {
    const client = await started();
    client.home.answers.set('/v1/ruleset', () => new Response('', { status: 500 }));
    for (let times = 0; times < 30; times++) {
      stream(client).send('bookmark', { ...one.bookmark, floor: 7 });
      await client.clock.forward(5_000);
    }
    expect(client.home.streams).toHaveLength(1);
    expect(client.cache.status()).toMatchObject({ stale: false, ageMs: 5_000 });
    expect(client.upstream.status()).toMatchObject({ connected: true, floor: 7, attempts: 1 });
    client.home.answers.set('/v1/stream', () => new Response('', { status: 500 }));
    stream(client).break();
    await client.clock.forward(60_000);
    expect(client.upstream.status()).toMatchObject({ connected: false, why: 'HTTP 500' });
    expect(client.cache.status().stale).toBe(true);
    expect(client.home.acks.at(-1)).toMatchObject({ version: 1, stale: true });
  });

  it('R22: lives on a relay whose own source is silent, and is as old as that says', async () => {
    const client = await started();
    const answers = [new Response(one.text, { headers: { age: '44', etag: one.etag } })];
    client.home.answers.set(
      '/v1/ruleset',
      () => answers.pop() ?? new Response(null, { status: 304, headers: { age: '70' } }),
    );
    stream(client).send('bookmark', { ...one.bookmark, ageMs: 31_000 });
    await client.clock.forward(0);
    expect(client.cache.status()).toMatchObject({ stale: false, ageMs: 31_000 });
    for (const ageMs of [44_000, 70_000]) {
      for (let times = 0; times < 2; times++) {
        stream(client).send('bookmark', { version: 0, digest: '', floor: 0 });
        await client.clock.forward(12_500);
      }
      expect(client.cache.status()).toMatchObject({ ageMs, stale: ageMs > 60_000 });
    }
  });

  it('B16: is ended though bytes trickle, which make no event', async () => {
    const client = await started();
    for (let second = 0; second < 15; second++) {
      stream(client).bytes(new TextEncoder().encode(second % 2 ? 'x' : ': still here\n'));
      await client.clock.forward(1_000);
    }
    expect(stream(client, 0).isCancelled()).toBe(true);
  });

  it('B16: is ended at a line of ten megabytes', async () => {
    const client = await started();
    stream(client).bytes(new TextEncoder().encode(`data: ${'x'.repeat(10_000_000)}`));
    await client.clock.forward(0);
    expect(stream(client).isCancelled()).toBe(true);
    expect(client.told('disconnected')[0]?.why).toMatch('too long');
  });

  it('B16: is given up where not even the head of the answer comes', async () => {
    const client = startClient(signer, { prepare: ({ answers }) => answers.set('/v1/stream', never) });
    await client.clock.forward(15_000);
    expect(client.told('disconnected')).toHaveLength(1);
    await client.upstream.close();
    await client.clock.forward(60_000);
    expect(client.home.askedFor('/v1/stream')).toHaveLength(1);
  });

  it.each(['an HTML page', 'a redirect'])('is none where the answer is %s', async (what) => {
    const answer = (): Response =>
      what === 'a redirect'
        ? new Response(null, { status: 302, headers: { location: 'https://elsewhere.test' } })
        : new Response('<html>', { headers: { 'content-type': 'text/html' } });
    const client = startClient(signer, { prepare: ({ answers }) => answers.set('/v1/stream', answer) });
    client.holds(one);
    await client.clock.forward(0);
    expect(client.upstream.status().connected).toBe(false);
    // With nothing in force the poll does not wait.
    expect(versionOf(client)).toBe(1);
  });
});

describe('R18: coming back', () => {
  it('opens one stream at a time, never sooner than the backoff', async () => {
    const failures: (() => Response | Promise<Response>)[] = [
      () => new Response('', { status: 503 }),
      () => Promise.reject(new Error('refused')),
      () => new Response('', { status: 200, headers: { 'content-type': 'text/event-stream' } }),
      never,
    ];
    let at = 0;
    const next = (): Response | Promise<Response> => (failures[at++ % failures.length] as () => Response)();
    const client = startClient(signer, { random: () => 0, prepare: ({ answers }) => answers.set('/v1/stream', next) });
    await client.clock.forward(600_000);
    const times = client.home.askedFor('/v1/stream').map((asked) => asked.at);
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
    gaps.forEach((gap, failed) => {
      expect(gap).toBeGreaterThanOrEqual(Math.min(30_000, 1_000 * 2 ** failed) / 10);
    });
    expect(times.length).toBeLessThan(120);
  });

  it('does what Retry-After and `closing` ask for, with jitter on top', async () => {
    const client = await started();
    stream(client).send('closing', { reason: 'draining', retryAfterMs: 20_000 });
    await client.clock.forward(20_000);
    expect(client.home.streams).toHaveLength(1);
    client.home.answers.set('/v1/stream', () => new Response('', { status: 429, headers: { 'retry-after': '100' } }));
    await client.clock.forward(1_000);
    expect(client.home.askedFor('/v1/stream')).toHaveLength(2);
    client.home.answers.delete('/v1/stream');
    await client.clock.forward(100_000);
    expect(client.home.askedFor('/v1/stream')).toHaveLength(2);
    await client.clock.forward(2_000);
    expect(client.home.askedFor('/v1/stream')).toHaveLength(3);
  });

  it('is quick again after a minute of health, whatever the wall clock does', async () => {
    const client = startClient(signer, {
      prepare: ({ answers }) => answers.set('/v1/stream', () => new Response('', { status: 503 })),
    });
    await client.clock.forward(100_000);
    client.home.answers.delete('/v1/stream');
    while (client.home.streams.length === 0) await client.clock.forward(1_000);
    for (let times = 0; times < 11; times++) {
      stream(client).send('bookmark', { version: 0, digest: '', floor: 0 });
      client.clock.jump(times % 2 ? -86_400_000 : 86_400_000);
      await client.clock.forward(5_000);
    }
    stream(client).end();
    await client.clock.forward(0);
    expect(client.told('disconnected').at(-1)?.retryInMs).toBeGreaterThan(10_000);
    while (client.home.streams.length === 1) await client.clock.forward(1_000);
    for (let times = 0; times < 12; times++) {
      stream(client).send('bookmark', { version: 0, digest: '', floor: 0 });
      await client.clock.forward(5_000);
    }
    stream(client).end();
    await client.clock.forward(0);
    expect(client.told('disconnected').at(-1)?.retryInMs).toBeLessThan(1_000);
  });

  it('B19: goes on serving where its key is refused, asks slowly, and never stops asking', async () => {
    const client = await started();
    const refused = (): Response => new Response('', { status: 401 });
    for (const path of ['/v1/stream', '/v1/ruleset', '/v1/acks']) client.home.answers.set(path, refused);
    stream(client).end();
    await client.clock.forward(1_000_000);
    expect(versionOf(client)).toBe(1);
    for (const path of ['/v1/stream', '/v1/ruleset']) {
      const { length } = client.home.askedFor(path);
      expect(length).toBeGreaterThan(15);
      expect(length).toBeLessThan(40);
    }
    for (const path of ['/v1/stream', '/v1/ruleset', '/v1/acks']) client.home.answers.delete(path);
    client.holds(two);
    await client.clock.forward(60_000);
    expect(versionOf(client)).toBe(2);
  });
});

describe('the poll', () => {
  it('is constant, whatever the stream says, and asks whether there is anything else', async () => {
    const client = await started();
    const before = client.home.askedFor('/v1/ruleset').length;
    for (let times = 0; times < 60; times++) {
      stream(client).send('bookmark', one.bookmark);
      await client.clock.forward(5_000);
    }
    const polls = client.home.askedFor('/v1/ruleset').slice(before);
    expect(polls).toHaveLength(12);
    expect(new Set(polls.map(({ headers }) => headers.get('if-none-match')))).toEqual(new Set([one.etag]));
  });

  it('confirms what is in force by a 304, and is bounded in time', async () => {
    const client = await started();
    client.home.answers.set('/v1/stream', never);
    stream(client).end();
    await client.clock.forward(300_000);
    expect(client.cache.status()).toMatchObject({ stale: false });
    client.home.answers.set('/v1/ruleset', never);
    await client.clock.forward(70_000);
    expect(client.cache.status()).toMatchObject({ stale: true });
    expect(client.told('poll-failed')[0]?.why).toMatch('no answer within');
  });
});

describe('R26: a whole text that was missed', () => {
  const asked = (client: Client): number => client.home.askedFor('/v1/ruleset').length;

  /** As they come, every five seconds. */
  async function bookmarks(client: Client, count: number, everyMs = 5_000): Promise<void> {
    for (let at = 0; at < count; at++) {
      await client.clock.forward(everyMs);
      stream(client).send('bookmark', two.bookmark);
      await client.clock.forward(0);
    }
  }

  it('is asked for again with the next bookmark where it did not come', async () => {
    const client = await started();
    client.home.answers.set('/v1/ruleset', () => new Response('', { status: 503 }));
    await bookmarks(client, 1);
    expect([asked(client), versionOf(client)]).toEqual([1, 1]);
    client.home.answers.delete('/v1/ruleset');
    client.holds(two);
    await bookmarks(client, 2);
    expect([asked(client), versionOf(client)]).toEqual([2, 2]);
  });

  it('is not asked for with each message where nothing comes, nor again where what comes is refused', async () => {
    const client = await started();
    client.home.answers.set('/v1/ruleset', () => new Response('', { status: 503 }));
    await bookmarks(client, 80, 100);
    expect(asked(client)).toBe(2);
    const other = await started();
    other.holds(await editionOf(signer, 2, [flag('a', 2, 99)]));
    await bookmarks(other, 3);
    expect([asked(other), versionOf(other)]).toEqual([1, 1]);
  });
});

describe('acks', () => {
  it('are sent when something comes into force, and every 5 s', async () => {
    const client = await started();
    await client.clock.forward(1_000);
    expect(client.home.acks).toEqual([
      {
        instance: 'client-1',
        kind: 'sdk',
        region: 'dub',
        cloud: 'aws',
        version: 1,
        digest: one.digest,
        ageMs: 500,
        stale: false,
      },
    ]);
    stream(client).send('ruleset', two.deltaOn(one));
    await client.clock.forward(3_000);
    expect(client.home.acks.at(-1)).toMatchObject({ version: 2, digest: two.digest });
    await client.clock.forward(12_000);
    expect(client.home.acks).toHaveLength(4);
  });

  const identity: Identity = { instance: 'one', kind: 'sdk', region: 'dub', cloud: 'aws', sdk: 'test/1' };

  it.each<[string, Identity, number]>([
    ['an SDK says it at a moment left to chance', identity, 1_500],
    ['a relay says it at once', { ...identity, kind: 'relay' }, 0],
    ['an SDK that is the canary says it at once', { ...identity, canary: true }, 0],
  ])('of what came into force: %s', async (_title, who, wait) => {
    const client = await started(one, { identity: who, random: () => 0.5 });
    await client.clock.forward(1_000);
    const { length } = client.home.acks;
    stream(client).send('ruleset', two.deltaOn(one));
    await client.clock.forward(Math.max(0, wait - 1));
    if (wait > 0) expect(client.home.acks).toHaveLength(length);
    await client.clock.forward(1);
    expect(client.home.acks.slice(length).map(({ version }) => version)).toEqual([2]);
  });

  it('say at once what was refused', async () => {
    const bad = await editionOf(signer, 2, [flag('a', 2, 99)]);
    const client = await started(one, { random: () => 0.9 });
    await client.clock.forward(1_000);
    stream(client).send('ruleset', bad.deltaOn(one));
    await client.clock.forward(0);
    expect(client.home.acks.at(-1)).toMatchObject({ version: 1, error: { version: bad.version } });
  });

  it('stop nobody where they are not taken, and then say the latest', async () => {
    const client = await started();
    client.home.answers.set('/v1/acks', never);
    stream(client).send('ruleset', two.deltaOn(one));
    await client.clock.forward(0);
    stream(client).send('ruleset', three.deltaOn(two));
    await client.clock.forward(0);
    expect(versionOf(client)).toBe(3);
    client.home.answers.delete('/v1/acks');
    await client.clock.forward(20_000);
    expect(client.home.acks.slice(1).every(({ version }) => version === 3)).toBe(true);
    expect(client.home.acks.length).toBeGreaterThan(1);
  });

  it('say before anything is in force that nothing is, and for how long, and what an earlier process ended at', async () => {
    const client = startClient(signer, { nack: { code: 'crashed', version: 7, message: 'twice' } });
    await client.clock.forward(5_000);
    expect(client.home.acks).toMatchObject([
      { version: 0, digest: '', ageMs: 5_000, error: { code: 'crashed', version: 7, message: 'twice' } },
    ]);
  });

  it('of others are passed on within a second, the latest of each, in requests that are not too large', async () => {
    const client = await started();
    const ack = client.upstream.ack();
    const many = Array.from({ length: 2_500 }, (_, at) => ({ ...ack, instance: `sdk-${at}`, version: 0 }));
    client.upstream.forward(many);
    client.upstream.forward(many.map((one) => ({ ...one, version: 9 })));
    await client.clock.forward(1_000);
    const passed = client.home.acks.filter(({ instance }) => instance.startsWith('sdk-'));
    expect(passed).toHaveLength(2_500);
    expect(new Set(passed.map(({ version, via }) => `${version} ${via}`))).toEqual(new Set(['9 client-1']));
    for (const { body } of client.home.askedFor('/v1/acks')) {
      expect(body.length).toBeLessThanOrEqual(256 * 1024);
      expect((JSON.parse(body) as { acks: unknown[] }).acks.length).toBeLessThanOrEqual(1_000);
    }
  });

  it('of others wait where the upstream asks for patience, and are not lost', async () => {
    const client = await started();
    const busy = (): Response => new Response('', { status: 429, headers: { 'retry-after': '30' } });
    client.home.answers.set('/v1/acks', busy);
    client.upstream.forward([{ ...client.upstream.ack(), instance: 'sdk-1' }]);
    await client.clock.forward(2_000);
    const { length } = client.home.askedFor('/v1/acks');
    await client.clock.forward(25_000);
    expect(client.home.askedFor('/v1/acks')).toHaveLength(length);
    client.home.answers.delete('/v1/acks');
    await client.clock.forward(10_000);
    expect(client.home.acks.filter(({ instance }) => instance === 'sdk-1')).toHaveLength(1);
  });
});

it('ends everything when it is closed, and says goodbye', async () => {
  const client = await started();
  await client.upstream.close();
  await client.upstream.close();
  await client.clock.forward(0);
  expect(stream(client).isCancelled()).toBe(true);
  expect(client.home.asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/acks/client-1' });
  const { length } = client.home.asked;
  await client.clock.forward(600_000);
  expect(client.home.asked).toHaveLength(length);
  expect(client.clock.running()).toBe(0);
});

describe('the keys document', () => {
  it('comes to relays beside the rulesets, and is fetched whole where it is pointed to', async () => {
    const keysEdition = await editionOf(signer, 5, [flag('key', 1)], { env: `${ENVIRONMENT}/keys` });
    const next = await editionOf(signer, 6, [flag('key', 6)], { env: `${ENVIRONMENT}/keys` });
    const clock = createTurnedClock();
    const keysCache = createRulesetCache({
      ...{ environment: `${ENVIRONMENT}/keys`, crypto: instantCrypto(signer.publicKey) },
      ...{ now: clock.now, staleAfterMs: 20_000 },
    });
    const { text, etag } = keysEdition;
    const client = startClient(signer, { keysCache, prepare: ({ texts }) => texts.set('/v1/keys', { text, etag }) });
    await client.clock.forward(0);
    // Nobody waits for the first poll.
    expect(keysCache.current()?.claims.version).toBe(5);
    client.home.texts.set('/v1/keys', { text: next.text, etag: next.etag });
    stream(client).send('keys', { ...next.pointer, path: '/v1/keys' });
    await client.clock.forward(0);
    expect(keysCache.current()?.claims.version).toBe(6);
    expect(client.home.askedFor('/v1/keys')).toHaveLength(2);
    expect(client.told('keys-applied').map(({ ruleset }) => ruleset.claims.version)).toEqual([5, 6]);
    expect(client.cache.current()).toBeUndefined();
  });
});
