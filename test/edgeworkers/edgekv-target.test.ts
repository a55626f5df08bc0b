import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CALL_DEADLINE_MS, CALL_INTERVAL_MS } from '#edgekv/akamai/admin-client';
import type { View } from '#edgekv/akamai/view';
import { viewEnvironment } from '#edgekv/akamai/view-environment';
import { entryLines } from '#ruleset/write/line';
import { internalError, tooMany } from '../../scripts/edgeworkers/edgekv/edgekv-problem.ts';
import { EARLY_LOOK_MS } from '../../workers/publisher/target-schedule.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../unit/fixtures/signing.ts';
import { flag, many } from '../unit/publisher/fixtures/entries.ts';
import { useClock, valueIn } from '../unit/publisher/fixtures/press.ts';
import { CREDENTIALS } from './fixtures/edgekv-client.ts';
import { createEdgeKvPress, type EdgeKvPress, pass, settled, wake } from './fixtures/edgekv-press.ts';

const PRICING: View = { name: 'pricing', namespace: 'pricing' };
const ALL: View = { name: 'all', namespace: '*' };
const PRODUCTION = { views: [PRICING], networks: ['production'] } as const;

let signer: Signer;
let edge: EdgeKvPress;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(useClock);
afterEach(() => {
  // Whatever a test is about, no call was other than EdgeKV describes it.
  expect(edge.violations).toEqual([]);
  vi.useRealTimers();
});

const use = (options: Parameters<typeof createEdgeKvPress>[1]): EdgeKvPress => {
  edge = createEdgeKvPress(signer, options);
  return edge;
};

const put = (f: 0 | 1, acknowledge?: number): Promise<number> =>
  settled(edge.press.put([flag('pricing.fares', f)], { ...(acknowledge !== undefined && { acknowledge }) }));

const viewText = (version: number, f: 0 | 1 = 0, env = viewEnvironment(ENVIRONMENT, 'pricing')): Promise<string> =>
  signer.sign(entryLines([flag('pricing.fares', f, { r: version })]), { version, env });

const versionIn = (text: string | undefined): unknown =>
  text && JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()).version;

const methods = (network: string): string[] =>
  edge.exchanges.filter(({ url }) => url.includes(`/networks/${network}/`)).map(({ method }) => method);

describe('views in EdgeKV', () => {
  it('are written on both networks, as text, one item each, and are written once that a look shows them', async () => {
    const { press, item } = use({ views: [PRICING, ALL] });
    const entries = [flag('pricing.fares'), flag('search.map')];
    const published = valueIn(
      await settled(press.publish({ base: 0, lines: entryLines(entries), confirm: [] }, 'ci')),
    ).targets;
    expect(published.map(({ name, state }) => [name, state])).toEqual([
      ['kv', 'written'],
      ['edgekv-staging/pricing', 'pending'],
      ['edgekv-staging/all', 'pending'],
      ['edgekv-production/pricing', 'pending'],
      ['edgekv-production/all', 'pending'],
    ]);
    expect(edge.exchanges.filter(({ method }) => method === 'PUT').map(({ requestType }) => requestType)).toEqual(
      new Array(4).fill('text/plain'),
    );
    expect(item('staging', 'all')).toBe(item('production', 'all'));
    expect(item('production', 'pricing')?.split('\n').slice(1)).toEqual([
      '{"k":"pricing.fares","r":1,"o":0,"f":0}',
      '',
    ]);
    await edge.wake();
    await pass(1_000);
    const states = (await press.status()).targets.map(({ state, version }) => [state, version]);
    expect(states).toEqual(new Array(5).fill(['written', 1]));
    expect(methods('staging')).toEqual(['GET', 'GET', 'PUT', 'PUT', 'GET', 'GET']);
  });

  it('are called for no faster than Akamai’s own importer does', async () => {
    use({ views: [PRICING, ALL] });
    await put(0);
    await put(1);
    expect(edge.sentAt.length).toBeGreaterThan(12);
    const gaps = edge.sentAt.slice(1).map((at, before) => at - (edge.sentAt[before] as number));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(CALL_INTERVAL_MS);
  });

  it('lie in the account that the switch key names', async () => {
    use({ ...PRODUCTION, account: { accountSwitchKey: '1-5BYUG1:1-8BYUX' } });
    await put(0);
    expect(edge.exchanges.map(({ url, status }) => [new URL(url).search, status])).toEqual([
      ['?accountSwitchKey=1-5BYUG1%3A1-8BYUX', 404],
      ['?accountSwitchKey=1-5BYUG1%3A1-8BYUX', 200],
    ]);
  });
});

describe('EdgeKV, which shows a write up to 10 s later', () => {
  it('is not said to hold what it does not show, however often it changes meanwhile', async () => {
    use({ ...PRODUCTION, maxDelayMs: EARLY_LOOK_MS });
    for (const f of [0, 1, 0, 1] as const) await put(f);
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'pending', version: null, attempts: 0 });
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'written', version: 4 });
    expect(versionIn(edge.item('production', 'pricing'))).toBe(4);
    expect(methods('production').filter((method) => method === 'PUT')).toHaveLength(4);
  });

  it('is written again where a write has not arrived by then, and that is shown', async () => {
    use(PRODUCTION);
    edge.between = ({ method }) => (method === 'PUT' ? new Response('Item was upserted in database.') : undefined);
    await put(0);
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'pending', attempts: 0 });
    await edge.wake();
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({
      state: 'pending',
      attempts: 2,
      error: 'what it took was not there at a later look, and was written again',
    });
    edge.between = () => undefined;
    await edge.wake();
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toEqual({
      name: 'edgekv-production/pricing',
      version: 1,
      state: 'written',
      attempts: 0,
    });
  });

  it('is asked again by a press that was started anew in the middle, and not written again', async () => {
    use({ ...PRODUCTION, maxDelayMs: EARLY_LOOK_MS });
    await put(0);
    const restarted = edge.press.restarted();
    await wake(restarted);
    expect((await restarted.status()).targets[1]).toMatchObject({ state: 'written', version: 1 });
    expect(methods('production')).toEqual(['GET', 'PUT', 'GET']);
  });
});

describe('R12: what lies in an item', () => {
  it.each<[string, () => Promise<string>]>([
    ['an older version', () => viewText(1)],
    ['a newer ruleset of the whole', () => viewText(9, 0, ENVIRONMENT)],
    ['a newer ruleset of another environment', () => viewText(9, 0, 'staging/pricing')],
    ['another view', () => viewText(9, 0, viewEnvironment(ENVIRONMENT, 'search'))],
    ['garbage', async () => '{"flags":{}}'],
    ['a text that was cut off', async () => (await viewText(9)).slice(0, -9)],
    ['what nobody trusts', async () => (await createSigner()).sign('', { version: 9, env: 'production/pricing' })],
  ])('is written over where it is %s', async (_, found) => {
    use(PRODUCTION);
    await put(0);
    edge.lay('production', 'pricing', await found());
    await put(1);
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'written', version: 2 });
    expect(versionIn(edge.item('production', 'pricing'))).toBe(2);
  });

  it('is a conflict where it is newer, and is left as it is', async () => {
    use(PRODUCTION);
    const newer = await viewText(9);
    edge.lay('production', 'pricing', newer);
    await put(0);
    expect(await edge.target('production', 'pricing')).toMatchObject({
      state: 'conflict',
      version: null,
      error: 'version 9 lies there, newer than 1, which is in force',
    });
    expect([edge.item('production', 'pricing'), methods('production')]).toEqual([newer, ['GET']]);
  });

  it('is put right where somebody has written over it', async () => {
    use(PRODUCTION);
    await put(0);
    await edge.wake();
    edge.lay('production', 'pricing', 'garbage');
    // The looks at KV and at EdgeKV come one after the other.
    await edge.wake();
    await edge.wake();
    expect(versionIn(edge.item('production', 'pricing'))).toBe(1);
  });
});

describe('a network of EdgeKV that fails', () => {
  it('is tried again alone, and shown, while the other says written', async () => {
    use({ views: [PRICING] });
    edge.between = ({ url }) => (url.includes('/networks/staging/') ? internalError() : undefined);
    await put(0);
    expect(await edge.target('staging', 'pricing')).toMatchObject({
      state: 'failing',
      version: null,
      attempts: 1,
      error: 'EdgeKV answered GET with 500 EKV_0000: An internal error occurred.',
      nextAttemptAt: expect.any(String),
    });
    for (let at = 0; at < 6; at++) await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'written', version: 1 });
    expect((await edge.target('staging', 'pricing'))?.attempts).toBeGreaterThan(3);
    const calls = methods('production').length;
    edge.between = () => undefined;
    await edge.wake();
    await edge.wake();
    expect(await edge.target('staging', 'pricing')).toMatchObject({ state: 'written', version: 1, attempts: 0 });
    expect(methods('production').length).toBe(calls);
  });

  it('waits longer time after time, and no longer for a return', async () => {
    use(PRODUCTION);
    await put(0);
    await put(1);
    edge.edgeKv.faults.set('api', { fault: 'status', status: 500 });
    await pass(EARLY_LOOK_MS);
    const waits: number[] = [];
    for (let at = 0; at < 6; at++) {
      await edge.wake();
      waits.push(Math.round(((edge.press.dueAt() as number) - Date.now()) / 1_000));
    }
    expect(waits.slice(-2)).toEqual([8, 16]);
    edge.edgeKv.faults.heal('api');
    vi.setSystemTime(Date.now() + 1_000);
    const order = { flags: ['pricing.fares'], reason: 'bad prices' };
    const returned = valueIn(await settled(edge.press.returnTo(order, 'on call')));
    expect(returned.targets[1]).toMatchObject({ state: 'pending' });
    expect(versionIn(edge.item('production', 'pricing'))).toBe(3);
  });

  it('429: is left alone as long as it asks for, and nobody is told of a failure', async () => {
    use(PRODUCTION);
    edge.between = () => {
      const refused = tooMany(364, 73);
      refused.headers.set('Retry-After', '7');
      return refused;
    };
    await put(0);
    expect(await edge.target('production', 'pricing')).toMatchObject({
      state: 'pending',
      error: expect.stringMatching(/^EdgeKV answered GET with 429 EKV_9100: Your request has been denied: 364 hits/),
    });
    const [sentAt = 0] = edge.sentAt;
    expect(edge.sentAt).toHaveLength(1);
    expect((edge.press.dueAt() as number) - sentAt).toBeGreaterThanOrEqual(7_000);
    edge.between = () => undefined;
    await edge.wake();
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'written' });
  });

  it('429: tells when by the header of Akamai’s other APIs, too', async () => {
    use(PRODUCTION);
    edge.between = () => {
      const refused = tooMany(364, 73);
      refused.headers.set('X-RateLimit-Next', new Date(Date.now() + 9_000).toISOString());
      return refused;
    };
    await put(0);
    expect((edge.press.dueAt() as number) - (edge.sentAt[0] as number)).toBeGreaterThanOrEqual(8_900);
  });

  it('429: of the stand-in’s own count is met by no publish, however many views there are', async () => {
    const views = Array.from({ length: 20 }, (_, at): View => ({ name: `view-${at}`, namespace: '*' }));
    use({ views });
    await settled(edge.press.put(many(3, 'pricing')));
    await pass(5_000);
    expect(edge.exchanges).toHaveLength(80);
    expect(new Set(edge.exchanges.map(({ status }) => status))).toEqual(new Set([404, 200]));
  });

  it('by a hang keeps no publish waiting, and is given up', async () => {
    use(PRODUCTION);
    edge.edgeKv.faults.set('api', { fault: 'hang' });
    const before = Date.now();
    await put(0);
    expect(Date.now() - before).toBeLessThan(CALL_DEADLINE_MS);
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'pending' });
    await pass(CALL_DEADLINE_MS);
    expect(await edge.target('production', 'pricing')).toMatchObject({
      state: 'failing',
      error: `EdgeKV: no answer to GET within ${CALL_DEADLINE_MS} ms`,
    });
    edge.edgeKv.faults.heal('api');
    await edge.wake();
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'written' });
  });

  it('in the middle of an answer fails, and half an answer that seems whole is not taken for what was written', async () => {
    use(PRODUCTION);
    await put(0);
    edge.edgeKv.faults.set('api', { fault: 'cut' });
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({
      state: 'failing',
      error: expect.stringMatching(/^EdgeKV: GET failed: /),
    });
    edge.edgeKv.faults.set('api', { fault: 'truncate' });
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'pending', version: null });
    edge.edgeKv.faults.heal('api');
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'written', version: 1 });
  });
});

describe('an account that EdgeKV does not let in', () => {
  it.each<[string, string]>([
    ['clientToken', 'Inactive client token'],
    ['accessToken', 'Invalid authorization access token'],
    ['clientSecret', 'The signature does not match'],
  ])('401: by a wrong %s is told why, and tried again later', async (name, detail) => {
    const wrong = { [name]: 'wrong-secret' };
    use({ ...PRODUCTION, account: wrong });
    await put(0);
    await edge.wake();
    const target = await edge.target('production', 'pricing');
    expect(target).toMatchObject({
      state: 'failing',
      attempts: 2,
      error: `EdgeKV answered GET with 401: ${detail}`,
    });
    const shown = JSON.stringify(await edge.press.status());
    for (const secret of ['wrong-secret', CREDENTIALS.clientToken, CREDENTIALS.accessToken]) {
      expect(shown).not.toContain(secret);
    }
  });

  it('is shown none of its secrets, even where the answer or the error repeats them', async () => {
    const account = { accountSwitchKey: '1-SWITCH:KEY', clientSecret: 'the-client-secret' };
    use({ ...PRODUCTION, account });
    const repeated = `${CREDENTIALS.clientToken} ${CREDENTIALS.accessToken} the-client-secret 1-SWITCH%3AKEY`;
    edge.between = () => Response.json({ detail: repeated, title: 'Not authorized', status: 403 }, { status: 403 });
    await put(0);
    expect((await edge.target('production', 'pricing'))?.error).toBe('EdgeKV answered GET with 403: *** *** *** ***');
    edge.between = () => Promise.reject(new Error(`no route to https://x/?key=${repeated}`));
    await edge.wake();
    expect((await edge.target('production', 'pricing'))?.error).toBe(
      'EdgeKV: GET failed: no route to https://x/?key=*** *** *** ***',
    );
  });

  it('400: without the namespace is told to create it', async () => {
    use({ ...PRODUCTION, namespace: 'other' });
    await put(0);
    expect(await edge.target('production', 'pricing')).toMatchObject({
      state: 'failing',
      error:
        'EdgeKV answered GET with 400 EKV_9000: The requested namespace does not exist.; create namespace other on network ' +
        'production: only groups come by themselves',
    });
  });

  it('404: that is of the namespace is not taken for an item that is yet to be written', async () => {
    use(PRODUCTION);
    const problem = { status: 404, errorCode: 'EKV_9000', detail: "The namespace lockstep doesn't exist." };
    edge.between = () => Response.json(problem, { status: 404 });
    await put(0);
    expect(await edge.target('production', 'pricing')).toMatchObject({
      state: 'failing',
      error: expect.stringContaining('create namespace lockstep on network production'),
    });
    expect(edge.sentAt).toHaveLength(1);
  });

  it('is told of answers that are no problem bodies, and shown a bounded part of those that are', async () => {
    use(PRODUCTION);
    edge.between = () => new Response('<html>Bad gateway</html>', { status: 502 });
    await put(0);
    expect((await edge.target('production', 'pricing'))?.error).toBe('EdgeKV answered GET with 502');
    edge.between = () => Response.json({ detail: 'x'.repeat(5_000), errorCode: 7 }, { status: 500 });
    await edge.wake();
    expect((await edge.target('production', 'pricing'))?.error).toBe(
      `EdgeKV answered GET with 500: ${'x'.repeat(120)}`,
    );
    edge.between = () => new Response('x'.repeat(1024 * 1024 + 1));
    await edge.wake();
    expect((await edge.target('production', 'pricing'))?.error).toContain('larger than 1048576 bytes');
  });
});
