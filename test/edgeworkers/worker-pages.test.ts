/** Pages behind a property with the EdgeWorker: what is cached, for whom, and what is told of it. On the built bundle, in the harness. */
import { afterAll, describe, expect, it } from 'vitest';
import { FLAG, marketplace, readerOfMarketplace } from './fixtures/deployed.ts';
import { createPages, decidedHere, users } from './fixtures/pages.ts';

const { deployed, serve, stop } = createPages();
afterAll(stop);

describe('a page behind a property', () => {
  it('is cached by variation: once for each, and everybody gets the one of theirs', async () => {
    const edge = await deployed({ instances: 'mixed' });
    await edge.publish(7);
    const { asked, get } = await serve(edge);
    const reader = readerOfMarketplace(7);
    const names = new Set<string>();
    for (const user of users) {
      const [decision = ''] = decidedHere(reader, [FLAG], user);
      names.add(decision.split(';')[0] as string);
      const page = await get(user);
      expect([user, page.text.split(',')[1]?.split(';')[0]]).toEqual([user, decision.split(';')[0]]);
    }
    expect(names.size).toBeGreaterThan(1);
    expect(asked).toHaveLength(names.size);
  });

  it('is not served the page of a variation whose value is another now', async () => {
    const edge = await deployed({ instances: 'fresh' });
    await edge.publish(7);
    const { asked, get } = await serve(edge);
    await get('user-1');
    const entry = marketplace.entries.find(({ k }) => k === FLAG) as { readonly v: readonly (readonly unknown[])[] };
    let lines = marketplace.lines;
    for (const [at, [, , id]] of entry.v.entries()) lines = lines.replaceAll(id as string, `AAAAAAA${at}`);
    await edge.publish(8, lines);
    await get('user-1');
    expect(asked).toHaveLength(2);
  });

  it.each(['fresh', 'reused', 'mixed'] as const)(
    'tells by which version it was decided, and how old that is, whichever instances its events are in (%s)',
    async (instances) => {
      const edge = await deployed({ instances });
      await edge.publish(7);
      const { get, reports } = await serve(edge);
      for (const user of users.slice(0, 6)) {
        const page = await get(user);
        expect([page.status, page.all('Lockstep-Version'), page.all('Server-Timing')]).toEqual([
          200,
          ['7'],
          ['age;dur=0'],
        ]);
      }
      const used = new Set(reports.map(({ instance }) => instance));
      if (instances === 'reused') expect(used.size).toBe(1);
      else expect(used.size).toBeGreaterThan(1);
    },
  );

  it('tells that no view was ever received', async () => {
    const { get } = await serve(await deployed());
    const page = await get('user-1');
    expect([page.text, page.all('Lockstep-Version'), page.all('Server-Timing')]).toEqual([
      `0;,${FLAG}=control;0;DEFAULT`,
      ['0'],
      ['ruleset;desc=offline'],
    ]);
  });

  it('that was decided for is a hit of the property’s cache, and no other cache’s to keep', async () => {
    const edge = await deployed({ instances: 'mixed' });
    await edge.publish(7);
    const shared = ['CDN-Cache-Control', 'Surrogate-Control', 'Edge-Control', 'Expires', 'Age'];
    const { asked, get } = await serve(edge, {
      origin: async () => ({
        status: 200,
        headers: [
          ['Cache-Control', 'public, max-age=600'],
          ['Akamai-Cache-Control', 'max-age=600'],
          ...shared.map((name) => [name, '1'] as const),
        ],
        body: new Uint8Array(),
      }),
    });
    for (const page of [await get('user-1'), await get('user-1')]) {
      expect(page.all('Cache-Control')).toEqual(['private, no-cache']);
      expect(shared.flatMap((name) => page.all(name))).toEqual([]);
      expect(page.all('Lockstep-Version')).toEqual(['7']);
    }
    expect(asked).toHaveLength(1);
  });

  it.each(['no-store', 'private, max-age=60', 'max-age=60, PRIVATE'])(
    'that its origin keeps to its user by "%s" stays as it was',
    async (cacheControl) => {
      const edge = await deployed();
      await edge.publish(7);
      const { get } = await serve(edge, {
        origin: async () => ({ status: 200, headers: [['Cache-Control', cacheControl]], body: new Uint8Array() }),
      });
      expect((await get('user-1')).all('Cache-Control')).toEqual([cacheControl]);
    },
  );

  it('that could not be decided is cached for its user alone, and for no other cache', async () => {
    const edge = await deployed({ settings: { PUBLIC_KEYS: '[]' } });
    const { get, asked } = await serve(edge, {
      origin: async ({ headers }) => ({
        status: 200,
        headers: [['Cache-Control', 'public, max-age=600']],
        body: new TextEncoder().encode(headers.find(([name]) => name === 'Cookie')?.[1]),
      }),
    });
    for (const user of ['anna', 'ben', 'anna', 'ben']) {
      const page = await get(user);
      expect([page.text, page.all('Cache-Control')]).toEqual([`visitor=${user}`, ['private, no-cache']]);
    }
    expect(asked).toHaveLength(2);
  });

  it('that could not be decided comes all the same, and is nobody’s who was decided for', async () => {
    const edge = await deployed({ settings: { PUBLIC_KEYS: '[]' } });
    const { get, asked } = await serve(edge);
    const page = await get('user-1');
    expect([page.status, page.text, page.all('Lockstep-Version')]).toEqual([200, 'undecided', []]);
    expect(asked).toHaveLength(1);
  });

  it('whose origin is down is told so by the property, not by the EdgeWorker', async () => {
    const edge = await deployed();
    await edge.publish(7);
    const { get } = await serve(edge, { origin: async () => Promise.reject(new Error('down')) });
    expect((await get('user-1')).status).toBe(503);
  });
});
