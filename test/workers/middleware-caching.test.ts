import { setCookie } from 'hono/cookie';
import { describe, expect, it } from 'vitest';
import { createSite, ENTRIES, type Site, type SiteContext } from './fixtures/site.ts';

const SHARED = {
  'cache-control': 'public, max-age=600, s-maxage=3600',
  'cdn-cache-control': 'max-age=3600',
  'cloudflare-cdn-cache-control': 'max-age=3600',
  'akamai-cache-control': 'max-age=3600',
  'edge-control': 'max-age=1h',
  'surrogate-control': 'max-age=3600',
  expires: 'Thu, 01 Jan 2100 00:00:00 GMT',
  age: '12',
};
const VALIDATORS = {
  etag: '"abc"',
  'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
  'content-length': '13',
  'content-md5': 'x',
  'content-digest': 'sha-256=:x:',
  'repr-digest': 'sha-256=:x:',
  digest: 'sha-256=x',
  'accept-ranges': 'bytes',
};
const PAGE = '<head></head>';

const namesLeft = (headers: Headers, of: object): string[] => Object.keys(of).filter((name) => headers.has(name));

/** A site whose handler asks for a flag where the query says so, and answers with these headers. */
function siteOf(headers: HeadersInit, inject = false, status = 200, body: string | null = PAGE): Promise<Site> {
  const handler = (c: SiteContext): Response => {
    if (c.req.query('ask') !== undefined) c.get('flags').value('a.text', '');
    if (c.req.query('all') !== undefined) c.get('flags').forClient();
    if (c.req.query('key') !== undefined) c.get('flags').variationKey('a.text');
    return new Response(body, { status, headers });
  };
  return createSite({ entries: ENTRIES, inject, handler });
}

const TYPE = { 'content-type': 'text/html' };

describe('an answer for which a flag was asked', () => {
  it.each(['/?ask', '/?key', '/?all'])('is private, and no shared cache is told anything else: %s', async (path) => {
    const { headers } = await (await siteOf({ ...TYPE, ...SHARED })).visit(path);
    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(namesLeft(headers, SHARED)).toEqual(['cache-control']);
  });

  it('keeps the validators of a body that is as it was', async () => {
    const { headers } = await (await siteOf({ ...TYPE, ...VALIDATORS })).visit('/?ask');
    expect(namesLeft(headers, VALIDATORS)).toEqual(Object.keys(VALIDATORS));
  });

  it.each([
    'no-store',
    'private',
    'private, max-age=60',
    'No-Store, max-age=0',
    'max-age=60,PRIVATE',
    'no-cache, private',
  ])('keeps the origin’s “%s”: it is strict enough', async (before) => {
    const { headers } = await (await siteOf({ ...TYPE, 'cache-control': before })).visit('/?ask');
    expect(headers.get('cache-control')).toBe(before);
  });

  it.each([
    'private="set-cookie", max-age=600',
    'no-cache="x-private", max-age=600',
    'max-age=600, x-private',
    'max-age=600, community="private, no-store"',
    'public',
    '',
  ])('does not take “%s” for private', async (before) => {
    const { headers } = await (await siteOf({ ...TYPE, 'cache-control': before })).visit('/?ask');
    expect(headers.get('cache-control')).toBe('private, no-cache');
  });

  it('is private whatever it is: an error, a redirect, an image, nothing at all', async () => {
    for (const [status, type, body] of [
      [404, 'text/plain', 'no'],
      [500, 'application/problem+json', '{}'],
      [302, 'text/html', null],
      [200, 'image/png', 'png'],
      [304, 'text/html', null],
      [204, '', null],
    ] as const) {
      const site = await siteOf({ 'content-type': type, ...SHARED }, false, status, body);
      const response = await site.visit('/?ask');
      expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'private, no-cache']);
    }
  });
});

describe('an answer for which none was asked', () => {
  it('is as public as before', async () => {
    const response = await (await siteOf({ 'content-type': 'text/css', ...SHARED, ...VALIDATORS }, true)).visit();
    for (const [name, value] of Object.entries({ ...SHARED, ...VALIDATORS })) {
      expect([name, response.headers.get(name)]).toEqual([name, value]);
    }
    expect(await response.text()).toBe(PAGE);
  });
});

describe('a page that the decisions were put into', () => {
  it('is private, and what spoke of its body before is gone', async () => {
    const { headers } = await (await siteOf({ ...TYPE, ...SHARED, ...VALIDATORS }, true)).visit();
    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(namesLeft(headers, { ...SHARED, ...VALIDATORS })).toEqual(['cache-control']);
    expect([headers.get('content-type'), headers.get('lockstep-version')]).toEqual(['text/html', '7']);
  });

  it('keeps the origin’s no-store', async () => {
    const { headers } = await (await siteOf({ ...TYPE, 'cache-control': 'no-store' }, true)).visit();
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('says the same to HEAD: nobody shall come back with a validator of a page that he never got', async () => {
    for (const body of [PAGE, null]) {
      const site = await siteOf({ ...TYPE, ...SHARED, ...VALIDATORS }, true, 200, body);
      const { headers } = await site.visit('/', { method: 'HEAD' });
      expect(headers.get('cache-control')).toBe('private, no-cache');
      expect(namesLeft(headers, { ...SHARED, ...VALIDATORS })).toEqual(['cache-control']);
    }
  });
});

describe('cookies', () => {
  const ORIGINS = ['session=1; Path=/', 'theme=dark; Expires=Thu, 01 Jan 2100 00:00:00 GMT'];

  /** A Worker that gives its visitor a name, in front of an origin that sets cookies of its own. */
  const visited = async (handler: (c: SiteContext) => Response, inject = false): Promise<Response> => {
    const context = (c: SiteContext): object => {
      setCookie(c, 'visitor', 'v-1', { path: '/' });
      return { targetingKey: 'v-1' };
    };
    return (await createSite({ entries: ENTRIES, inject, context, handler })).visit();
  };

  const raw = (): Response => {
    const response = new Response(PAGE, { headers: { ...TYPE, ...SHARED } });
    for (const cookie of ORIGINS) response.headers.append('set-cookie', cookie);
    return response;
  };

  it.each([false, true])(
    'of the Worker go out beside those of the origin, whose answer is handed on (injected: %s)',
    async (inject) => {
      const { headers } = await visited(raw, inject);
      expect([...headers.getSetCookie()].sort()).toEqual([...ORIGINS, 'visitor=v-1; Path=/'].sort());
    },
  );

  it('go out once where Hono makes the answer', async () => {
    const { headers } = await visited((c) => c.html(PAGE), true);
    expect(headers.getSetCookie()).toEqual(['visitor=v-1; Path=/']);
    const both = await visited((c) => {
      setCookie(c, 'session', '1');
      return c.text('ok');
    });
    expect([...both.headers.getSetCookie()].sort()).toEqual(['session=1; Path=/', 'visitor=v-1; Path=/']);
  });

  it('go out where the handler fails, too', async () => {
    const response = await visited(() => {
      throw new Error('no');
    });
    expect([response.status, response.headers.getSetCookie()]).toEqual([500, ['visitor=v-1; Path=/']]);
  });

  it('of the Worker make an answer private that asks for no flag: they name one visitor', async () => {
    const { headers } = await visited(() => new Response('body', { headers: SHARED }));
    expect([headers.get('cache-control'), namesLeft(headers, SHARED)]).toEqual([
      'private, no-cache',
      ['cache-control'],
    ]);
  });

  it('of the origin alone are the origin’s business', async () => {
    const { headers } = await (await createSite({ entries: ENTRIES, handler: raw })).visit();
    expect([headers.getSetCookie(), headers.get('cache-control')]).toEqual([ORIGINS, SHARED['cache-control']]);
  });
});
