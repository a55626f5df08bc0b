import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '#exposure/deliver-batch';
import type { Beacon, Exposure } from '#exposure/exposure';
import { createBeaconPost, platformGzip } from '#sdk/exposures/post-beacon';
import { createTurnedClock } from './fixtures/turned-clock.ts';

interface Call {
  readonly url: string;
  readonly init: RequestInit;
}

const event = (at: number): Exposure => ({
  ...{ flag: 'pricing.fareBundlingV2', revision: 7, variation: 'v2', reason: 'SPLIT', version: 9 },
  ...{ unit: '6JB9pVk_FeX-gIxYKR6gsA', time: at },
});

const beacon = (events: number, outcomes = 0): Beacon => ({
  ...{ emitter: 'emitter-1', sentAt: 1_795_420_800_000, sequence: 3 },
  events: Array.from({ length: events }, (_, at) => event(at)),
  outcomes: Array.from({ length: outcomes }, (_, time) => ({
    ...{ name: 'booking', unit: '6JB9pVk_FeX-gIxYKR6gsA', time, source: 'server' },
  })),
});

function posting(answer: (call: number) => Response | Promise<Response>) {
  const calls: Call[] = [];
  const clock = createTurnedClock();
  const post = createBeaconPost({
    ...{ url: 'https://ingest.example/', key: 'ls_server_1', clock, gzip: platformGzip() },
    fetch: async (url, init) => {
      calls.push({ url, init });
      return answer(calls.length - 1);
    },
  });
  return { calls, clock, post };
}

const accepted = (rejected: readonly object[] = []): Response =>
  Response.json({ accepted: 1, quarantined: 0, rejected }, { status: 202 });

const verdictOn = (sent: Beacon, response: Response): Promise<Verdict> => posting(() => response).post(sent);

describe('posting a beacon', () => {
  it('asks with the key in the header, follows no redirect, and gzips what is worth it', async () => {
    const { calls, post, clock } = posting(() => accepted());
    await post(beacon(1));
    await post(beacon(100));
    const [small, large] = calls.map(({ init }) => new Headers(init.headers));
    expect(calls[0]?.url).toBe('https://ingest.example/v1/exposures');
    expect(calls[0]?.init).toMatchObject({ method: 'POST', redirect: 'manual' });
    expect(small?.get('authorization')).toBe('Bearer ls_server_1');
    expect([small?.get('content-encoding'), large?.get('content-encoding')]).toEqual([null, 'gzip']);
    expect(JSON.parse(gunzipSync(calls[1]?.init.body as Uint8Array).toString())).toEqual(beacon(100));
    expect(clock.running()).toBe(0);
  });

  it('B36: sends plain text to a receiver that does not take gzip', async () => {
    const { calls, post } = posting((call) => (call === 0 ? new Response(null, { status: 415 }) : accepted()));
    expect(await post(beacon(100))).toMatchObject({ kind: 'later' });
    expect(await post(beacon(100))).toEqual({ kind: 'taken', refused: [] });
    expect(JSON.parse(calls[1]?.init.body as string)).toEqual(beacon(100));
  });

  it('ends after ten seconds without an answer', async () => {
    const { clock, post } = posting(() => new Promise(() => undefined));
    const verdict = post(beacon(1));
    await clock.forward(10_000);
    expect(await verdict).toEqual({ kind: 'later', why: 'no answer within 10000 ms' });
  });

  it('passes on what the platform says of a connection that failed', async () => {
    const { post } = posting(() => Promise.reject(new TypeError('fetch failed')));
    expect(await post(beacon(1))).toEqual({ kind: 'later', why: 'fetch failed' });
  });
});

describe('what ingest says', () => {
  it('of single events and outcomes is told of each', async () => {
    const rejected = [
      { index: 1, status: 400, detail: 'flag: too long' },
      { index: 0, of: 'outcomes', status: 400, detail: 'value: NaN' },
    ];
    expect(await verdictOn(beacon(2, 1), accepted(rejected))).toEqual({
      kind: 'taken',
      refused: [
        { index: 1, of: 'events', detail: 'flag: too long' },
        { index: 0, of: 'outcomes', detail: 'value: NaN' },
      ],
    });
  });

  it('of counts is told of each', async () => {
    const counts = { flag: 'a', revision: 1, variation: 'on', version: 1, from: 0, until: 10_000, count: 7 };
    const sent = { ...beacon(0), collapsed: [counts, counts] };
    const answer = accepted([{ index: 1, of: 'collapsed', status: 400, detail: 'count: too many' }]);
    expect(await verdictOn(sent, answer)).toEqual({
      kind: 'taken',
      refused: [{ index: 1, of: 'collapsed', detail: 'count: too many' }],
    });
  });

  it('in a 400 that judges each event needs no halving; any other 400 and a 413 do', async () => {
    const all = Response.json({ rejected: [{ index: 0 }, { index: 1, detail: 'x'.repeat(900) }] }, { status: 400 });
    expect(await verdictOn(beacon(2), all)).toEqual({
      kind: 'taken',
      refused: [
        { index: 0, of: 'events', detail: 'refused' },
        { index: 1, of: 'events', detail: 'x'.repeat(500) },
      ],
    });
    const some = Response.json({ rejected: [{ index: 0 }, { index: 0 }] }, { status: 400 });
    expect(await verdictOn(beacon(2), some)).toEqual({ kind: 'refused', why: 'HTTP 400' });
    expect(await verdictOn(beacon(2), new Response(null, { status: 413 }))).toEqual({
      ...{ kind: 'refused', why: 'HTTP 413' },
    });
    // A beacon of counts alone has no events that could be judged.
    expect(await verdictOn(beacon(0), Response.json({ rejected: [] }, { status: 400 }))).toMatchObject({
      kind: 'refused',
    });
  });

  it.each<[string, Response, object]>([
    ['500', new Response(null, { status: 500 }), {}],
    ['503', new Response(null, { status: 503, headers: { 'retry-after': '7' } }), { retryAfterMs: 7_000 }],
    ['429', new Response(null, { status: 429, headers: { 'retry-after': '1' } }), { retryAfterMs: 1_000 }],
    ['401', new Response(null, { status: 401 }), { isKeyRefused: true }],
    ['403', new Response(null, { status: 403 }), { isKeyRefused: true }],
    ['302', new Response(null, { status: 302, headers: { location: 'https://elsewhere.example' } }), {}],
    ['404', new Response(null, { status: 404 }), {}],
  ])('%s: the same later', async (status, response, more) => {
    expect(await verdictOn(beacon(1), response)).toEqual({ kind: 'later', why: `HTTP ${status}`, ...more });
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['a page', '<html>'],
    ['another yes', '{"ok":true}'],
    ['null', 'null'],
    ['a list', '[]'],
    ['verdicts on what was not sent', '{"rejected":[{"index":1}]}'],
    ['verdicts on nothing', '{"rejected":[null]}'],
    ['verdicts on something else', '{"rejected":[{"index":0,"of":"uses"}]}'],
    ['half an index', '{"rejected":[{"index":0.5}]}'],
    ['too much', `{"rejected":[${'{"index":0},'.repeat(50_000)}{"index":0}]}`],
  ])('a yes with %s is none', async (_, body) => {
    expect(await verdictOn(beacon(1), new Response(body, { status: 202 }))).toMatchObject({ kind: 'later' });
  });
});
