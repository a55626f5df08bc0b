import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CALL_DEADLINE_MS } from '#edgekv/akamai/admin-client';
import type { View } from '#edgekv/akamai/view';
import { internalError, tooMany } from '../../scripts/edgeworkers/edgekv/edgekv-problem.ts';
import { EARLY_LOOK_MS } from '../../workers/publisher/target-schedule.ts';
import { createSigner, type Signer } from '../unit/fixtures/signing.ts';
import { many } from '../unit/publisher/fixtures/entries.ts';
import { useClock, valueIn } from '../unit/publisher/fixtures/press.ts';
import { CREDENTIALS } from './fixtures/edgekv-client.ts';
import { createEdgeKvPress, type EdgeKvPress, pass, settled } from './fixtures/edgekv-press.ts';
import { methods, PRICING, PRODUCTION, put, versionIn } from './fixtures/edgekv-target.ts';

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

describe('a network of EdgeKV that fails', () => {
  it('is tried again alone, and shown, while the other says written', async () => {
    use({ views: [PRICING] });
    edge.between = ({ url }) => (url.includes('/networks/staging/') ? internalError() : undefined);
    await put(edge, 0);
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
    const calls = methods(edge, 'production').length;
    edge.between = () => undefined;
    await edge.wake();
    await edge.wake();
    expect(await edge.target('staging', 'pricing')).toMatchObject({ state: 'written', version: 1, attempts: 0 });
    expect(methods(edge, 'production').length).toBe(calls);
  });

  it('waits longer time after time, and no longer for a return', async () => {
    use(PRODUCTION);
    await put(edge, 0);
    await put(edge, 1);
    edge.edgeKv.faults.set('api', { fault: 'status', status: 500 });
    await pass(EARLY_LOOK_MS);
    const waits: number[] = [];
    for (let at = 0; at < 6; at++) {
      await edge.wake();
      waits.push(Math.round(((edge.press.dueAt() as number) - Date.now()) / 1_000));
    }
    expect(waits).toEqual([1, 1, 2, 4, 7, 7]);
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
    await put(edge, 0);
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
    await put(edge, 0);
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
    await put(edge, 0);
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
    await put(edge, 0);
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
    await put(edge, 0);
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
    await put(edge, 0);
    expect((await edge.target('production', 'pricing'))?.error).toBe('EdgeKV answered GET with 403: *** *** *** ***');
    edge.between = () => Promise.reject(new Error(`no route to https://x/?key=${repeated}`));
    await edge.wake();
    expect((await edge.target('production', 'pricing'))?.error).toBe(
      'EdgeKV: GET failed: no route to https://x/?key=*** *** *** ***',
    );
  });

  it('400: without the namespace is told to create it', async () => {
    use({ ...PRODUCTION, namespace: 'other' });
    await put(edge, 0);
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
    await put(edge, 0);
    expect(await edge.target('production', 'pricing')).toMatchObject({
      state: 'failing',
      error: expect.stringContaining('create namespace lockstep on network production'),
    });
    expect(edge.sentAt).toHaveLength(1);
  });

  it('is told of answers that are no problem bodies, and shown a bounded part of those that are', async () => {
    use(PRODUCTION);
    edge.between = () => new Response('<html>Bad gateway</html>', { status: 502 });
    await put(edge, 0);
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
