import { describe, expect, it } from 'vitest';
import { createKvSide } from '../../../scripts/planet/kv-side.ts';
import { METADATA_HEADER } from '../../../scripts/planet/wire.ts';

const URL_OF_KEY = 'http://kv/values/ruleset%3Aproduction';

/** A store in memory, and a clock that a test moves. */
function setUp() {
  const world = { now: 10_000, fails: false };
  const values = new Map<string, { text: string; metadata: string }>();
  const side = createKvSide({
    now: () => world.now,
    store: async (request) => {
      if (world.fails) return new Response(null, { status: 503 });
      if (request.method === 'PUT') {
        values.set(request.url, { text: await request.text(), metadata: request.headers.get(METADATA_HEADER) ?? '' });
        return new Response(null, { status: 204 });
      }
      const value = values.get(request.url);
      if (value === undefined) return new Response(null, { status: 404 });
      return new Response(value.text, { headers: { [METADATA_HEADER]: value.metadata } });
    },
  });
  const put = async (text: string, url = URL_OF_KEY): Promise<number> => {
    const request = new Request(url, { method: 'PUT', body: text, headers: { [METADATA_HEADER]: `of ${text}` } });
    return (await side.answer(request, 'publisher', 0)).status;
  };
  const get = async (reader: string, lagMs: number): Promise<string> => {
    const response = await side.answer(new Request(URL_OF_KEY), reader, lagMs);
    return response.ok
      ? `${await response.text()}, ${response.headers.get(METADATA_HEADER)}`
      : `HTTP ${response.status}`;
  };
  return { world, put, get };
}

describe("the store's own ways", () => {
  it('takes one write a second to a key, and as many as there are keys', async () => {
    const { world, put, get } = setUp();
    expect(await put('one')).toBe(204);
    world.now += 999;
    expect([await put('two'), await put('other', 'http://kv/values/other')]).toEqual([429, 204]);
    expect(await get('edge-iad', 0)).toBe('one, of one');
    world.now += 1;
    expect([await put('two'), await get('edge-iad', 0)]).toEqual([204, 'two, of two']);
  });

  it('shows a reader that is behind what was there, with its metadata, until it has caught up', async () => {
    const { world, put, get } = setUp();
    expect(await get('edge-sin', 5_000)).toBe('HTTP 404');
    await put('one');
    expect([await get('edge-iad', 0), await get('edge-sin', 5_000)]).toEqual(['one, of one', 'HTTP 404']);
    world.now += 4_000;
    await put('two');
    world.now += 1_000;
    expect([await get('edge-iad', 0), await get('edge-sin', 5_000)]).toEqual(['two, of two', 'one, of one']);
    world.now += 4_000;
    expect(await get('edge-sin', 5_000)).toBe('two, of two');
  });

  it('shows nobody what is older than what it has seen', async () => {
    const { world, put, get } = setUp();
    await put('one');
    world.now += 1_000;
    await put('two');
    expect(await get('edge-sin', 0)).toBe('two, of two');
    expect([await get('edge-sin', 60_000), await get('edge-dub', 60_000)]).toEqual(['two, of two', 'HTTP 404']);
  });

  it('shows what was there before the planet started to whoever is behind', async () => {
    const { world, put, get } = setUp();
    await put('long ago');
    world.now += 3_600_000;
    await put('now');
    expect(await get('edge-sin', 5_000)).toBe('long ago, of long ago');
  });

  it('fails readers that are behind too where it is out of reach', async () => {
    const { world, put, get } = setUp();
    await put('one');
    world.fails = true;
    expect([await get('edge-sin', 5_000), await get('edge-iad', 0)]).toEqual(['HTTP 503', 'HTTP 503']);
  });
});
