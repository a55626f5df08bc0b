import { describe, expect, it } from 'vitest';
import type { Flags } from '#sdk/edge/flags';
import { createSite, ENTRIES, type Site, type SiteContext } from './fixtures/site.ts';

/** What a handler finds when it asks `flags`. */
async function asked<T>(
  ask: (flags: Flags, c: SiteContext) => T,
  more: object = {},
): Promise<{ site: Site; found: T }> {
  let found: { readonly value: T } | undefined;
  const handler = (c: SiteContext): Response => {
    found = { value: ask(c.get('flags'), c) };
    return c.text('ok');
  };
  const site = await createSite({ entries: ENTRIES, handler, ...more });
  const response = await site.visit();
  expect([response.status, await response.text()]).toEqual([200, 'ok']);
  return { site, found: (found as { value: T }).value };
}

const OFFLINE_DEFAULTS = JSON.stringify({
  'a.text': { variation: 'v2', value: 'v2', visibility: 'client' },
  'b.secret': { variation: 'v2', value: 'v2', visibility: 'server' },
});

describe('c.get("flags").value', () => {
  it('gives the value that is served, of whatever type', async () => {
    const { found } = await asked((flags) => [
      flags.value('a.boolean', false),
      flags.value('a.number', 0),
      flags.value('a.text', ''),
      flags.value('a.object', { columns: 1 }),
      flags.value('a.list', []),
      flags.value('b.secret', ''),
    ]);
    expect(found).toEqual([true, 3, 'control', { columns: 3 }, ['x', 'y'], 'v2']);
  });

  it.each<[string, string, never]>([
    ['a text where a boolean is wanted', 'a.text', false as never],
    ['a boolean where a text is wanted', 'a.boolean', 'no' as never],
    ['a boolean where a number is wanted', 'a.boolean', 1 as never],
    ['a number where a text is wanted', 'a.number', '1' as never],
    ['an object where a text is wanted', 'a.object', 'no' as never],
    ['a list where an object is wanted', 'a.list', { columns: 1 } as never],
    ['an object where a list is wanted', 'a.object', [] as never],
    ['an object where null is wanted', 'a.object', null as never],
    ['nothing, for a flag that there is not', 'no.such', 'mine' as never],
    ['nothing, for a name that objects have', '__proto__', {} as never],
    ['nothing, for a segment', 'segment:secret-segment', 'mine' as never],
  ])('gives the code’s own default for %s', async (_, key, otherwise) => {
    const { found } = await asked((flags) => flags.value(key, otherwise));
    expect(found).toBe(otherwise);
  });

  it('cannot be changed for others by whoever gets it', async () => {
    const { found } = await asked((flags) => {
      const value = flags.value('a.object', { columns: 1 }) as { columns: number };
      expect(() => {
        value.columns = 99;
      }).toThrow(TypeError);
      return flags.value('a.object', { columns: 1 });
    });
    expect(found).toEqual({ columns: 3 });
  });
});

describe('c.get("flags").decision', () => {
  it('tells what decided', async () => {
    const { found } = await asked((flags) => flags.decision('a.text'), {
      context: () => ({ targetingKey: 'insider' }),
    });
    expect(found).toMatchObject({
      value: 'v2',
      variation: 'v2',
      reason: 'TARGETING_MATCH',
      rule: 'secret-rule',
      revision: 3,
    });
  });

  it('sees where the Worker stands, and takes it from no context', async () => {
    const byPlace = { k: 'a.place', r: 1, u: [['asia', [['in', 'region', ['asia']]], 1]], f: 0 };
    const context = () => ({ targetingKey: 'user-1', region: 'asia' });
    const spoofed = await asked((flags) => flags.value('a.place', false), { entries: [byPlace], context });
    const there = await asked((flags) => flags.value('a.place', false), {
      entries: [byPlace],
      vars: { REGION: 'asia' },
    });
    expect([spoofed.found, there.found]).toEqual([false, true]);
  });
});

describe('c.get("flags").variationKey', () => {
  const keyOf = async (user: string, ...keys: string[]): Promise<string> =>
    (await asked((flags) => flags.variationKey(...keys), { context: () => ({ targetingKey: user }) })).found;

  it('is the same for those who are served the same, and another for others', async () => {
    const [insider, another, third] = [
      await keyOf('insider', 'a.text', 'a.object'),
      await keyOf('user-1', 'a.text', 'a.object'),
      await keyOf('user-2', 'a.text', 'a.object'),
    ];
    expect(another).toBe(third);
    expect(insider).not.toBe(another);
    expect(another).toMatch(/^[\w-]{8}\.[\w-]{8}$/);
  });

  it('has a place for a flag that serves nothing', async () => {
    expect(await keyOf('user-1', 'no.such', 'a.text')).toMatch(/^-\.[\w-]{8}$/);
  });
});

describe('I8: what counts as an exposure', () => {
  it('value and decision do, variationKey and forClient do not', async () => {
    const { site } = await asked((flags) => {
      flags.value('a.text', '');
      flags.decision('b.secret');
      flags.variationKey('a.number');
      flags.forClient();
    });
    const exposures = await site.exposures();
    expect(exposures.map(({ flag, variation, region }) => [flag, variation, region])).toEqual([
      ['a.text', 'control', 'us-east'],
      ['b.secret', 'v2', 'us-east'],
    ]);
  });

  it('asking for what there is not, or cannot be read, does not, nor does anything that nobody asked', async () => {
    const { site } = await asked((flags) => [flags.decision('no.such'), flags.decision('b.broken')]);
    const nobody = await asked((flags) => flags.decision('a.text'), { context: () => ({ plan: 'gold' }) });
    expect([await site.exposures(), await nobody.site.exposures()]).toEqual([[], []]);
  });

  it('nothing is sent where the Worker is not connected to ingest', async () => {
    const { site, found } = await asked((flags) => flags.value('a.text', ''), {
      vars: { INGEST_KEY: '', UNIT_KEY: '' },
    });
    expect([found, await site.exposures()]).toEqual(['control', []]);
  });
});

describe('R17: before any ruleset', () => {
  it('flags serve their offline defaults, others the code’s, and nobody is exposed', async () => {
    const { found, site } = await asked(
      (flags) => [
        flags.version,
        flags.value('a.text', ''),
        flags.value('b.secret', ''),
        flags.value('no.such', 'mine'),
      ],
      { entries: undefined, vars: { OFFLINE_DEFAULTS } },
    );
    expect(found).toEqual([0, 'v2', 'v2', 'mine']);
    expect(await site.exposures()).toEqual([]);
  });
});

describe('I12, B21: a context that is hostile', () => {
  const fail = (): never => {
    throw new Error('not to be read');
  };
  const throwing = Object.defineProperties({}, { targetingKey: { get: fail, enumerable: true }, plan: { get: fail } });
  const trap = new Proxy({}, { get: fail, getOwnPropertyDescriptor: fail, getPrototypeOf: fail });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();

  it.each<[string, () => object]>([
    ['getters that throw', () => throwing],
    ['a proxy for a key', () => ({ targetingKey: trap })],
    ['a proxy that was revoked for a key', () => ({ targetingKey: proxy })],
    ['a list', () => ['user-1']],
    ['null', () => null as never],
    ['a bigint for a key', () => ({ targetingKey: 1n })],
  ])('%s never throws at whoever asks', async (_, context) => {
    const { found, site } = await asked(
      (flags) => [flags.value('a.boolean', false), flags.value('a.text', 'mine'), flags.value('no.such', 1)],
      { context },
    );
    expect(found[0]).toBe(true);
    expect(['mine', 'control']).toContain(found[1]);
    expect(found[2]).toBe(1);
    expect(await site.exposures()).toEqual([]);
  });
});

describe('the answer', () => {
  it('tells the version by which it was made', async () => {
    const site = await createSite({ entries: ENTRIES, handler: (c) => c.text('ok') });
    expect((await site.visit()).headers.get('lockstep-version')).toBe('7');
  });

  it('of a handler that throws is what the Worker makes of it', async () => {
    const handler = (c: SiteContext): Response => {
      throw new Error(`at version ${c.get('flags').version}`);
    };
    const response = await (await createSite({ entries: ENTRIES, handler })).visit();
    expect([response.status, response.headers.get('lockstep-version')]).toEqual([500, '7']);
  });

  it('that switches protocols is left alone', async () => {
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    const handler = (c: SiteContext): Response => {
      c.get('flags').value('a.text', '');
      return new Response(null, { status: 101, webSocket: server });
    };
    const response = await (await createSite({ entries: ENTRIES, handler, inject: true })).visit();
    expect([response.status, response.webSocket, [...response.headers]]).toEqual([101, server, []]);
    client.accept();
    client.close();
  });

  it('of a Worker that is not configured says nothing of what is missing', async () => {
    const site = await createSite({ entries: ENTRIES, handler: (c) => c.text('ok'), vars: { ENVIRONMENT: '' } });
    const response = await site.visit();
    expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
  });
});
