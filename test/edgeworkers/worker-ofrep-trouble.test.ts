/** OFREP by `responseProvider` without EdgeKV, without settings, without keys: on the built bundle, in the harness. */
import { afterAll, describe, expect, it } from 'vitest';
import { flagsOf } from '../e2e/fixtures/caller.ts';
import { BULK } from '../e2e/fixtures/ofrep-description.ts';
import { FLAG, KEYS, POP, REVALIDATE_MS, STALE_MS } from './fixtures/deployed.ts';
import { bearer, createPops, USER } from './fixtures/pop.ts';

const { served, stop } = createPops();
afterAll(stop);

describe('a POP in trouble', () => {
  it('that never received a view answers with the offline defaults, and names no flag unknown', async () => {
    const dark = await served();
    const [known, unknown, all] = [
      await dark.server.one(FLAG, USER),
      await dark.server.one('pricing.noSuchFlag', USER),
      await dark.server.all(USER),
    ];
    const metadata = { version: 0, warning: 'NO_RULESET' };
    expect([known.status, known.json]).toMatchObject([200, { value: 'control', reason: 'DEFAULT', metadata }]);
    expect([unknown.status, unknown.json]).toEqual([200, { key: 'pricing.noSuchFlag', reason: 'DEFAULT', metadata }]);
    expect(flagsOf(all)).toEqual([known.json]);
    expect(all.headers.get('lockstep-version')).toBe('0');
    const status = await fetch(`${dark.url}/v1/status`, { headers: bearer(KEYS.server) });
    expect(await status.json()).toMatchObject({
      source: 'offline-defaults',
      version: null,
      storeErrors: 1,
      lastFault: 'missing',
    });
  });

  it.each(['status', 'hang', 'cut', 'truncate'] as const)(
    'whose EdgeKV fails by "%s" goes on, and says STALE in time',
    async (name) => {
      const dark = await served({ instances: 'reused' });
      await dark.publish(7);
      const fresh = await dark.server.one(FLAG, USER);
      dark.edgeKv.faults.set(POP, name === 'status' ? { fault: name, status: 500 } : { fault: name });
      dark.forward(REVALIDATE_MS + 1);
      expect((await dark.server.one(FLAG, USER)).json).toEqual(fresh.json);
      dark.forward(STALE_MS);
      const stale = await dark.server.one(FLAG, USER);
      const { reason, ...same } = fresh.json as Record<string, unknown>;
      expect(stale.json).toMatchObject({
        value: same['value'],
        reason: 'STALE',
        metadata: { version: 7, freshReason: reason },
      });
      dark.edgeKv.faults.heal(POP);
      dark.forward(1_001);
      expect((await dark.server.one(FLAG, USER)).json).toEqual(fresh.json);
    },
  );

  it('whose settings are not sound says so, and not what they are', async () => {
    const broken = await served({ settings: { PUBLIC_KEYS: '[]' } });
    const response = await fetch(`${broken.url}${BULK}`, { method: 'POST', body: '{"context":{}}' });
    const text = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
    expect(text).not.toContain('PUBLIC_KEYS');
    expect(broken.reports.find(({ event }) => event === 'responseProvider')?.log).toMatch(/PUBLIC_KEYS/);
  });

  it('without keys lets nobody ask', async () => {
    const closed = await served({ settings: { SDK_KEYS: '[]' } });
    await closed.publish(7);
    expect((await closed.server.one(FLAG, USER)).status).toBe(401);
  });
});
