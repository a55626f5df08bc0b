import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EdgeWorker, startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { type Cases, startCases } from './fixtures/cases.ts';
import { inputOf } from './fixtures/event-input.ts';

describe('lru-cache', () => {
  let cases: Cases<string>;
  beforeAll(async () => {
    cases = await startCases({
      prelude: `
        import { LRUCache } from 'lru-cache';
        const tell = (request, value) => request.respondWith(200, {}, JSON.stringify(value));
        const attempt = (act) => { try { act(); return 'taken'; } catch (error) { return error.name; } };
      `,
      cases: {
        max: `(request) => {
          const cache = new LRUCache({ max: 2 });
          cache.set('a', 1).set('b', 2);
          cache.get('a');
          cache.set('c', 3);
          cache.set('c', 4);
          tell(request, [cache.get('a'), cache.get('b'), cache.get('c'), cache.size, cache.has('b'), cache.delete('a'), cache.delete('a'), (cache.clear(), cache.size)]);
        }`,
        maxSize: `(request) => {
          const cache = new LRUCache({ maxSize: 10, sizeCalculation: (value) => value.length });
          cache.set('a', 'xxxx');
          cache.set('b', 'xxxx');
          cache.set('c', 'xxxx');
          cache.set('huge', 'x'.repeat(11));
          tell(request, [cache.has('a'), cache.has('b'), cache.has('c'), cache.has('huge'), cache.calculatedSize, attempt(() => new LRUCache({ maxSize: 1 }).set('a', 1))]);
        }`,
        options: `(request) => tell(request, [undefined, {}, { max: 0 }, { max: 1.5 }, { ttl: 1 }, { max: 1 }].map((options) => attempt(() => new LRUCache(options))))`,
        fetch: `async (request) => {
          let calls = 0;
          const cache = new LRUCache({ max: 5, fetchMethod: async (key) => { calls++; await null; if (key === 'bad') throw new Error('no'); return key + calls; } });
          const [one, two] = await Promise.all([cache.fetch('a'), cache.fetch('a')]);
          const failed = await cache.fetch('bad').catch((error) => error.message);
          await cache.fetch('bad').catch(() => {});
          tell(request, [one, two, await cache.fetch('a'), calls, failed, cache.has('bad'), await new LRUCache({ max: 1 }).fetch('x') === undefined]);
        }`,
      },
    });
  });
  afterAll(() => cases.stop());

  it('keeps what was used last', async () => {
    expect(await cases.answer('max')).toEqual([1, null, 4, 2, false, true, false, 0]);
  });

  it('keeps as much as there is room for', async () => {
    expect(await cases.answer('maxSize')).toEqual([false, true, true, false, 8, 'TypeError']);
  });

  it('needs a bound', async () => {
    const refused = Array.from({ length: 4 }, () => 'TypeError');
    expect(await cases.answer('options')).toEqual([...refused, 'taken', 'taken']);
  });

  it('fetches once for all who ask, and keeps no failure', async () => {
    expect(await cases.answer('fetch')).toEqual(['a1', 'a1', 'a1', 3, 'no', false, true]);
  });
});

describe('lru-cache between events', () => {
  let worker: EdgeWorker;
  let now = 0;
  beforeAll(async () => {
    worker = await startEdgeWorker({
      tier: 'basic',
      instances: 'reused',
      clock: () => now,
      tgz: bundleOf(`
        import { LRUCache } from 'lru-cache';
        const cache = new LRUCache({ max: 5, ttl: 1000 });
        export function onClientRequest(request) {
          const found = cache.get('a');
          if (found === undefined) cache.set('a', Date.now());
          request.setVariable('PMUSER_FOUND', String(found));
        }
      `),
    });
  });
  afterAll(() => worker.stop());

  it('holds entries for as long as they live, by the clock of events', async () => {
    const found: unknown[] = [];
    for (now of [10, 500, 1_009, 1_010, 1_011]) {
      const { effects } = await worker.handle('onClientRequest', inputOf());
      found.push(effects?.variables['PMUSER_FOUND']);
    }
    expect(found).toEqual(['undefined', '10', '10', 'undefined', '1010']);
  });
});
