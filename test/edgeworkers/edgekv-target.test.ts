import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CALL_INTERVAL_MS } from '#edgekv/akamai/admin-client';
import type { View } from '#edgekv/akamai/view';
import { viewEnvironment } from '#edgekv/akamai/view-environment';
import { entryLines } from '#ruleset/write/line';
import { EARLY_LOOK_MS } from '../../workers/publisher/target-schedule.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../unit/fixtures/signing.ts';
import { flag } from '../unit/publisher/fixtures/entries.ts';
import { useClock, valueIn } from '../unit/publisher/fixtures/press.ts';
import { createEdgeKvPress, type EdgeKvPress, pass, settled, wake } from './fixtures/edgekv-press.ts';
import { methods, PRICING, PRODUCTION, put, versionIn } from './fixtures/edgekv-target.ts';

const ALL: View = { name: 'all', namespace: '*' };

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

const viewText = (version: number, f: 0 | 1 = 0, env = viewEnvironment(ENVIRONMENT, 'pricing')): Promise<string> =>
  signer.sign(entryLines([flag('pricing.fares', f, { r: version })]), { version, env });

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
    expect(methods(edge, 'staging')).toEqual(['GET', 'GET', 'PUT', 'PUT', 'GET', 'GET']);
  });

  it('are called for no faster than Akamai’s own importer does', async () => {
    use({ views: [PRICING, ALL] });
    await put(edge, 0);
    await put(edge, 1);
    expect(edge.sentAt.length).toBeGreaterThan(12);
    const gaps = edge.sentAt.slice(1).map((at, before) => at - (edge.sentAt[before] as number));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(CALL_INTERVAL_MS);
  });

  it('lie in the account that the switch key names', async () => {
    use({ ...PRODUCTION, account: { accountSwitchKey: '1-5BYUG1:1-8BYUX' } });
    await put(edge, 0);
    expect(edge.exchanges.map(({ url, status }) => [new URL(url).search, status])).toEqual([
      ['?accountSwitchKey=1-5BYUG1%3A1-8BYUX', 404],
      ['?accountSwitchKey=1-5BYUG1%3A1-8BYUX', 200],
    ]);
  });
});

describe('EdgeKV, which shows a write up to 10 s later', () => {
  it('is not said to hold what it does not show, however often it changes meanwhile', async () => {
    use({ ...PRODUCTION, maxDelayMs: EARLY_LOOK_MS });
    for (const f of [0, 1, 0, 1] as const) await put(edge, f);
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'pending', version: null, attempts: 0 });
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'written', version: 4 });
    expect(versionIn(edge.item('production', 'pricing'))).toBe(4);
    expect(methods(edge, 'production').filter((method) => method === 'PUT')).toHaveLength(4);
  });

  it('is written again where a write has not arrived by then, and that is shown', async () => {
    use(PRODUCTION);
    edge.between = ({ method }) => (method === 'PUT' ? new Response('Item was upserted in database.') : undefined);
    await put(edge, 0);
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
    await put(edge, 0);
    const restarted = edge.press.restarted();
    await wake(restarted);
    expect((await restarted.status()).targets[1]).toMatchObject({ state: 'written', version: 1 });
    expect(methods(edge, 'production')).toEqual(['GET', 'PUT', 'GET']);
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
    await put(edge, 0);
    edge.lay('production', 'pricing', await found());
    await put(edge, 1);
    await edge.wake();
    expect(await edge.target('production', 'pricing')).toMatchObject({ state: 'written', version: 2 });
    expect(versionIn(edge.item('production', 'pricing'))).toBe(2);
  });

  it('is a conflict where it is newer, and is left as it is', async () => {
    use(PRODUCTION);
    const newer = await viewText(9);
    edge.lay('production', 'pricing', newer);
    await put(edge, 0);
    expect(await edge.target('production', 'pricing')).toMatchObject({
      state: 'conflict',
      version: null,
      error: 'version 9 lies there, newer than 1, which is in force',
    });
    expect([edge.item('production', 'pricing'), methods(edge, 'production')]).toEqual([newer, ['GET']]);
  });

  it('is put right where somebody has written over it', async () => {
    use(PRODUCTION);
    await put(edge, 0);
    await edge.wake();
    edge.lay('production', 'pricing', 'garbage');
    // The looks at KV and at EdgeKV come one after the other.
    await edge.wake();
    await edge.wake();
    expect(versionIn(edge.item('production', 'pricing'))).toBe(1);
  });
});
