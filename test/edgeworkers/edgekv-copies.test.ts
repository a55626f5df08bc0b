import { beforeEach, describe, expect, it } from 'vitest';
import { createEdgeKv } from '../../scripts/edgeworkers/edgekv/edgekv.ts';
import { createEdgeKvAtEdge, type EdgeKvAtEdge, PATH, POPS } from './fixtures/edgekv-at-edge.ts';
import { CREDENTIALS, callAdmin } from './fixtures/edgekv-client.ts';

let kv: EdgeKvAtEdge;
beforeEach(() => {
  kv = createEdgeKvAtEdge();
});

/** When a POP first reads something else, in milliseconds from now, by steps of 100 up to 11 s. */
async function changeAfter(pop: string): Promise<number> {
  const before = await kv.read(pop);
  const from = kv.now;
  while ((await kv.read(pop)) === before && kv.now <= from + 11_000) kv.now += 100;
  const took = kv.now - from;
  kv.now = from;
  return took;
}

describe('the copies of EdgeKV', () => {
  it('follow a write each at a time of its own, within 10 s; a new item is missing until then', async () => {
    kv.write('one');
    expect(await Promise.all(POPS.map(kv.read))).toEqual([404, 404]);
    const delays = [];
    for (const pop of POPS) delays.push(await changeAfter(pop));
    expect(new Set(delays).size).toBe(2);
    expect(Math.max(...delays)).toBeLessThanOrEqual(10_000);
    kv.now += 10_000;
    expect(await Promise.all(POPS.map(kv.read))).toEqual(['one', 'one']);
  });

  it('show the old value until the new one has come', async () => {
    kv.write('one');
    kv.now += 10_000;
    kv.write('two');
    const seen = new Set<string | number>();
    for (let step = 0; step <= 100; step++, kv.now += 100) seen.add(await kv.read('edge-ams'));
    expect([...seen]).toEqual(['one', 'two']);
  });

  it('go back for nobody, however writes overtake one another', async () => {
    const seen: (string | number)[] = [];
    for (let step = 0; step < 300; step++, kv.now += 100) {
      if (step % 7 === 0) kv.write(String(step));
      seen.push(await kv.read('edge-nrt'));
    }
    const versions = seen.filter((value) => value !== 404).map(Number);
    expect(versions.length).toBeGreaterThan(200);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('follow a deletion in the same way', async () => {
    kv.write('one');
    kv.now += 10_000;
    kv.edgeKv.store.write('production', PATH, undefined);
    expect(await changeAfter('edge-ams')).toBeLessThanOrEqual(10_000);
    kv.now += 10_000;
    expect(await kv.read('edge-ams')).toBe(404);
  });

  it('come later where a POP lags, and take back nothing that it has seen', async () => {
    const lags = new Map<string, number>();
    kv = createEdgeKvAtEdge({ maxDelayMs: 0, lag: { of: (pop) => lags.get(pop) ?? 0, maxMs: 60_000 } });
    kv.write('one');
    expect(await Promise.all(POPS.map(kv.read))).toEqual(['one', 'one']);
    lags.set('edge-nrt', 60_000);
    expect(await kv.read('edge-nrt')).toBe('one');
    for (const text of ['two', 'three']) {
      kv.now += 20_000;
      kv.write(text);
    }
    expect(await Promise.all(POPS.map(kv.read))).toEqual(['three', 'one']);
    kv.now += 40_000;
    expect(await kv.read('edge-nrt')).toBe('two');
    lags.delete('edge-nrt');
    expect(await kv.read('edge-nrt')).toBe('three');
    lags.set('edge-nrt', 60_000);
    expect(await kv.read('edge-nrt')).toBe('three');
  });

  it('are late for the administration API too', async () => {
    const path = 'networks/production/namespaces/lockstep/groups/production/items/pricing';
    const put = await callAdmin(kv.edgeKv, kv.clock, path, { method: 'PUT', body: 'one' });
    expect(put.status).toBe(200);
    expect((await callAdmin(kv.edgeKv, kv.clock, path)).status).toBe(404);
    kv.now += 10_000;
    expect(await (await callAdmin(kv.edgeKv, kv.clock, path)).text()).toBe('one');
    expect(await kv.read('edge-ams')).toBe('one');
  });

  it('are as late as the seed has it', async () => {
    const delays = async (seed: number): Promise<readonly number[]> => {
      kv = createEdgeKvAtEdge({ seed });
      kv.write('one');
      return [await changeAfter('edge-ams'), await changeAfter('edge-nrt')];
    };
    const first = await delays(5);
    expect(await delays(5)).toEqual(first);
    expect(await delays(6)).not.toEqual(first);
  });

  it('are never late where no delay is wanted', async () => {
    kv = createEdgeKvAtEdge({ maxDelayMs: 0 });
    kv.write('one');
    expect(await kv.read('edge-ams')).toBe('one');
  });

  it('are there again after a restart', async () => {
    kv.write('one');
    kv.now += 10_000;
    kv.write('two');
    const dump = JSON.parse(JSON.stringify(kv.edgeKv.dump()));
    const due = await changeAfter('edge-ams');
    kv.edgeKv = createEdgeKv({ credentials: CREDENTIALS, clock: kv.clock, restore: dump });
    expect(await kv.read('edge-ams')).toBe('one');
    expect(await changeAfter('edge-ams')).toBe(due);
    kv.now += 10_000;
    expect(await kv.read('edge-ams')).toBe('two');
  });
});
