import { describe, expect, it } from 'vitest';
import type { Beacon } from '#exposure/exposure';
import { createExposureTokens } from '#exposure/exposure-token';
import { FLAGS_TOLD_MS } from '#exposure/flag-counts';
import { createPageForwarder } from '#sdk/edge/forward-page-beacon';
import { createPageIntake, type PageIntakeOptions } from '#sdk/edge/page-intake';
import { createRateBound } from '#sdk/edge/rate-bound';

const NOW = 1_795_420_830_000;
const MINUTE_MS = 60_000;
const ORIGIN = 'https://site.example';
const PLACE = { region: 'us-east', cloud: 'cloudflare', pop: 'iad' };
const tokens = createExposureTokens(new Uint8Array(32).fill(3));
const forger = createExposureTokens(new Uint8Array(32).fill(4));

const UNIT = 'AAAAAAAAAAAAAAAAAAAAAA';
const served = { flag: 'pricing.fareBundlingV2', revision: 7, variation: 'v2', unit: UNIT };
const minute = Math.floor(NOW / MINUTE_MS);
const token = tokens.sign({ ...served, minute });
const exposure = { ...served, reason: 'SPLIT', version: 9, time: NOW - 100, token };
const outcome = { name: 'checkout.error', unit: UNIT, time: NOW - 50, source: 'client', token };

type Answer = (beacon: Beacon) => Response | Promise<Response>;
const takes: Answer = () => Response.json({ accepted: 1, rejected: [] }, { status: 202 });

interface Setting extends Partial<PageIntakeOptions> {
  readonly answer?: Answer;
}

function createPage({ answer = takes, ...rest }: Setting = {}) {
  const beacons: Beacon[] = [];
  const service = {
    async fetch(_: string, { body }: RequestInit) {
      const beacon = JSON.parse(body as string) as Beacon;
      beacons.push(beacon);
      return answer(beacon);
    },
  };
  const now = (): number => NOW;
  const intake = createPageIntake({
    forward: createPageForwarder(
      { service, ingestKey: 'ls_server_page' },
      { emitter: 'isolate-1', region: 'us-east', now: () => rest.now?.() ?? NOW },
    ),
    ...{ tokens, place: PLACE, bound: createRateBound(1_000, 1_000, now), now },
    ...rest,
  });
  const send = (body: string, headers: Readonly<Record<string, string>> = {}, method = 'POST'): Promise<Response> =>
    intake(
      new Request(`${ORIGIN}/lockstep/exposures`, {
        method,
        headers: { origin: ORIGIN, 'content-type': 'application/json', ...headers },
        ...(method === 'POST' && { body }),
      }),
    );
  return {
    beacons,
    send,
    tell: (events: readonly unknown[], outcomes: readonly unknown[] = [], sentAt: unknown = NOW) =>
      send(JSON.stringify({ emitter: 'page-1', sentAt, events, outcomes })),
  };
}

const rejectedIn = async (response: Response) =>
  ((await response.json()) as { rejected: { index: number; of: string; detail: string }[] }).rejected;

describe('what a page tells', () => {
  it('goes on to ingest as the edge’s own words, before the page is answered', async () => {
    const page = createPage();
    const answer = await page.tell([exposure], [{ ...outcome, value: 3 }]);
    expect([answer.status, await rejectedIn(answer)]).toEqual([202, []]);
    expect(page.beacons).toEqual([
      {
        emitter: 'isolate-1',
        sentAt: NOW,
        region: 'us-east',
        ledger: { evaluated: 0, exposed: 0, sent: 0, dropped: 0, flags: {} },
        events: [{ ...served, reason: 'UNKNOWN', version: 9, ...PLACE, time: NOW - 100 }],
        outcomes: [{ ...outcome, value: 3, ...PLACE }],
      },
    ]);
  });

  it('may say that it is text, as some beacons do', async () => {
    const page = createPage();
    const body = JSON.stringify({ emitter: 'page-1', sentAt: NOW, events: [exposure] });
    expect((await page.send(body, { 'content-type': 'text/plain;charset=UTF-8' })).status).toBe(202);
    expect(page.beacons[0]?.events).toHaveLength(1);
  });

  it('is counted in the isolate’s ledger once ingest has it', async () => {
    let now = NOW;
    const page = createPage({
      answer: () => Response.json({ rejected: [{ index: 0, of: 'events', detail: 'no' }] }, { status: 202 }),
      now: () => now,
    });
    expect(await rejectedIn(await page.tell([{ ...exposure, token: 'x' }, exposure, exposure]))).toMatchObject([
      { index: 0, of: 'events' },
      { index: 1, of: 'events', detail: 'no' },
    ]);
    now += FLAGS_TOLD_MS;
    await page.tell([exposure]);
    const flags = { [served.flag]: [0, 1] };
    expect(page.beacons[1]?.ledger).toEqual({ evaluated: 0, exposed: 1, sent: 1, dropped: 0, flags });
  });
});

describe('B34: what a page makes up', () => {
  it.each<[string, object]>([
    ['no token', { token: undefined }],
    ['a token of its own', { token: forger.sign({ ...served, minute }) }],
    ['a token that is broken', { token: `${token}A` }],
    ['a token that is no text', { token: { token } }],
    ['another unit', { unit: 'BBBBBBBBBBBBBBBBBBBBBA' }],
    ['another variation', { variation: 'control' }],
    ['another revision', { revision: 8 }],
    ['another flag', { flag: 'checkout.guest' }],
    ['no time', { time: '1' }],
    ['no version', { version: -1 }],
  ])('an exposure with %s goes nowhere, and costs no other one', async (_, made) => {
    const page = createPage();
    const answer = await page.tell([{ ...exposure, ...made }, exposure]);
    expect(answer.status).toBe(202);
    expect(await rejectedIn(answer)).toMatchObject([{ index: 0, of: 'events' }]);
    expect(page.beacons[0]?.events).toHaveLength(1);
  });

  it('is no exposure at all where the edge signs for nothing; outcomes are for ingest to put aside', async () => {
    const page = createPage({ tokens: undefined });
    expect(await rejectedIn(await page.tell([exposure], [outcome]))).toMatchObject([{ index: 0, of: 'events' }]);
    expect(page.beacons).toMatchObject([{ events: [], outcomes: [{ source: 'client' }] }]);
  });

  it.each(['server', 'edge', undefined])('an outcome that says it is of source %s goes nowhere', async (source) => {
    const page = createPage();
    expect(await rejectedIn(await page.tell([], [{ ...outcome, source }]))).toMatchObject([{ of: 'outcomes' }]);
    expect(page.beacons).toEqual([]);
  });

  it('cannot choose when it was served, beyond the minute, nor by which rule', async () => {
    const page = createPage();
    const times = [NOW - 3_600_000, NOW - 7, NOW + 3_600_000];
    const yesterday = tokens.sign({ ...served, minute: minute - 600 });
    const events = [...times.map((time) => ({ ...exposure, time })), { ...exposure, token: yesterday, rule: 'all' }];
    await page.tell(events);
    expect(page.beacons[0]?.events.map(({ time, rule }) => [time, rule])).toEqual([
      [minute * MINUTE_MS, undefined],
      [NOW - 7, undefined],
      [NOW, undefined],
      [(minute - 599) * MINUTE_MS - 1, undefined],
    ]);
  });

  it('says nothing of ledgers, keys, regions and places', async () => {
    const page = createPage();
    const words = { ledger: { evaluated: 1e12 }, uses: [['x', 1]], region: 'mars', sequence: 99 };
    const where = { region: 'mars', pop: 'moon', cloud: 'x' };
    const told = { emitter: 'e', sentAt: NOW, ...words, events: [{ ...exposure, ...where }] };
    await page.send(JSON.stringify({ ...told, outcomes: [{ ...outcome, ...where }] }));
    expect(JSON.stringify(page.beacons)).not.toMatch(/mars|moon|"sequence"|"uses"|1000000000000/);
  });
});

describe('an exposure that waited', () => {
  it('for a week in the page’s store is one of that time', async () => {
    const page = createPage();
    const ago = 7 * 86_400_000;
    const then = minute - ago / MINUTE_MS;
    const old = { ...exposure, time: NOW - ago, token: tokens.sign({ ...served, minute: then }) };
    expect(await rejectedIn(await page.tell([old]))).toEqual([]);
    expect(page.beacons[0]?.events[0]?.time).toBe(NOW - ago);
  });

  it('is as old as the page’s clock says, however wrong that is', async () => {
    const page = createPage();
    const hour = 3_600_000;
    expect(await rejectedIn(await page.tell([{ ...exposure, time: NOW - hour - 5 }], [], NOW - hour))).toEqual([]);
    expect(page.beacons[0]).toMatchObject({ sentAt: NOW - hour, events: [{ time: NOW - hour - 5 }] });
  });
});

describe('a request that no page of the origin sends', () => {
  const body = JSON.stringify({ emitter: 'page-1', sentAt: NOW, events: [exposure] });

  it.each<[number, string, Readonly<Record<string, string>>, string?, string?]>([
    [403, 'of another origin', { origin: 'https://evil.example' }],
    [403, 'of a sandbox', { origin: 'null' }],
    [403, 'of another site', { 'sec-fetch-site': 'cross-site' }],
    [403, 'of a sister’s site', { 'sec-fetch-site': 'same-site' }],
    [403, 'of nobody', { origin: '' }],
    [415, 'of a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    [405, 'that only reads', {}, body, 'GET'],
    [413, 'that is too large', {}, JSON.stringify({ sentAt: NOW, events: ['x'.repeat(16_384)] })],
    [400, 'that nests', {}, JSON.stringify({ sentAt: NOW, events: [[[[[[]]]]]] })],
    [400, 'that is no JSON', {}, '{'],
    [400, 'that is no beacon', {}, '[]'],
    [400, 'that has no lists', {}, JSON.stringify({ sentAt: NOW, events: {} })],
    [400, 'of a clock that was never set', {}, JSON.stringify({ sentAt: 5, events: [] })],
    [400, 'of too much', {}, JSON.stringify({ sentAt: NOW, events: Array(1_001).fill(0) })],
  ])('is answered %i: one %s', async (status, _, headers, text = body, method = 'POST') => {
    const page = createPage();
    const answer = await page.send(text, headers, method);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(page.beacons).toEqual([]);
  });

  it('has nothing said of the token’s key', async () => {
    const answer = await createPage().tell([{ ...exposure, token: 'x.y' }]);
    expect(await answer.text()).not.toContain(token.split('.')[1]);
  });
});

describe('B35: with an ingest that', () => {
  it.each<[string, Answer, number, string | null]>([
    ['cannot be reached', () => Promise.reject(new Error('lost')), 503, '5'],
    ['has had enough', () => new Response('', { status: 429, headers: { 'retry-after': '17' } }), 503, '17'],
    ['asks for a day', () => new Response('', { status: 503, headers: { 'retry-after': '86400' } }), 503, '300'],
    ['does not know the key', () => new Response('', { status: 401 }), 503, '5'],
    ['says yes with a page', () => new Response('<html>', { status: 200 }), 503, '5'],
    ['finds it too large', () => new Response('', { status: 413 }), 413, null],
    ['takes no beacon like it', () => new Response('{}', { status: 400 }), 400, null],
  ])('%s the page is told to keep what it has, or to halve it', async (_, answer, status, retryAfter) => {
    const said = await createPage({ answer }).tell([exposure]);
    expect([said.status, said.headers.get('retry-after')]).toEqual([status, retryAfter]);
  });

  it('has judged all of it, the page is told of each', async () => {
    const rejected = [{ index: 0, of: 'outcomes', status: 400, detail: 'name: too long' }];
    const page = createPage({ answer: () => Response.json({ status: 400, rejected }, { status: 400 }) });
    const said = await page.tell([{}], [outcome]);
    expect(said.status).toBe(202);
    expect((await rejectedIn(said)).map(({ of, index }) => [of, index])).toEqual([
      ['events', 0],
      ['outcomes', 0],
    ]);
  });

  it('is not there at all, it keeps what it has', async () => {
    expect((await createPage({ forward: undefined }).tell([exposure])).status).toBe(503);
  });
});

describe('B37: more beacons than an isolate takes on', () => {
  it('come again, and others are taken a while later', async () => {
    let now = NOW;
    const page = createPage({ bound: createRateBound(10, 20, () => now) });
    const burst = async (count: number): Promise<number[]> =>
      Promise.all(Array.from({ length: count }, async () => (await page.tell([exposure])).status));
    expect((await burst(25)).filter((status) => status === 202)).toHaveLength(20);
    now += 500;
    expect((await burst(25)).filter((status) => status === 202)).toHaveLength(5);
    now -= 60_000;
    expect((await burst(5)).filter((status) => status === 202)).toHaveLength(0);
    expect(page.beacons).toHaveLength(25);
  });
});
