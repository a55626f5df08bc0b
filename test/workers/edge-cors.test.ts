import { beforeAll, describe, expect, it } from 'vitest';
import { rawLines } from '../unit/fixtures/lines.ts';
import { createSigner } from '../unit/fixtures/signing.ts';
import {
  type Answered,
  type Asking,
  BULK,
  bodyOf,
  CLIENT_KEY,
  createEdge,
  createStore,
  type Edge,
  FLAG,
  SERVER_KEY,
} from './fixtures/edge.ts';

const ORIGIN = 'https://www.marketplace.example';
const OTHER = 'https://elsewhere.example';

let open: Edge;
let closed: Edge;
beforeAll(async () => {
  const signer = await createSigner();
  const store = createStore(await signer.sign(rawLines([{ k: FLAG, r: 7, n: 1, f: 1 }]), { version: 7 }));
  open = await createEdge(signer, store);
  closed = await createEdge(signer, store, {
    ALLOWED_ORIGINS: JSON.stringify([ORIGIN, 'https://m.marketplace.example']),
  });
});

const preflight = (edge: Edge, origin: string, path = BULK): Promise<Answered> =>
  edge.ask(path, {
    method: 'OPTIONS',
    key: null,
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });

const ask = (edge: Edge, origin: string, asking: Asking = {}, path = `${BULK}/${FLAG}`): Promise<Answered> =>
  edge.ask(path, { ...bodyOf(), key: CLIENT_KEY, ...asking, headers: { origin, ...asking.headers } });

const allowed = ({ headers }: Answered): string | null => headers.get('access-control-allow-origin');
const names = (list: string | null): string[] => (list ?? '').split(/\s*,\s*/);

describe('a preflight', () => {
  it.each([BULK, `${BULK}/${FLAG}`, `${BULK}/%zz`, '/no/such/route'])(
    'to %s is answered without a key',
    async (path) => {
      const { status, headers, text } = await preflight(open, ORIGIN, path);
      expect([status, text, headers.get('access-control-allow-origin')]).toEqual([204, '', '*']);
      expect(names(headers.get('access-control-allow-methods'))).toEqual(['POST']);
      expect(names(headers.get('access-control-allow-headers'))).toEqual(
        expect.arrayContaining(['authorization', 'x-api-key', 'content-type', 'if-none-match']),
      );
      expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(0);
    },
  );

  it('allows the origins of the list, each by its own name, and no other', async () => {
    for (const origin of [ORIGIN, 'https://m.marketplace.example']) {
      const answered = await preflight(closed, origin);
      expect([answered.status, allowed(answered), answered.headers.get('vary')]).toEqual([204, origin, 'origin']);
    }
    for (const origin of [OTHER, 'null', '*', `${ORIGIN}.evil.example`, ORIGIN.replace('https', 'http'), '']) {
      const { status, headers } = await preflight(closed, origin);
      expect([origin, status, [...headers.keys()].filter((name) => name.startsWith('access-control'))]).toEqual([
        origin,
        204,
        [],
      ]);
    }
  });

  it('is no way around the key: an OPTIONS that asks for no method takes one', async () => {
    const bare = await open.ask(BULK, { method: 'OPTIONS', key: null, headers: { origin: ORIGIN } });
    expect([bare.status, bare.json]).toMatchObject([401, { title: 'Unauthorized' }]);
  });

  it('reads nothing from the store', async () => {
    const signer = await createSigner();
    const store = createStore();
    await preflight(await createEdge(signer, store), ORIGIN);
    expect(store.reads).toBe(0);
  });
});

describe('a page that asks with a client key', () => {
  it('may read the answer, and the headers that it needs', async () => {
    const answered = await ask(open, ORIGIN);
    expect([answered.status, allowed(answered), answered.headers.has('vary')]).toEqual([200, '*', false]);
    expect(names(answered.headers.get('access-control-expose-headers'))).toEqual(
      expect.arrayContaining(['etag', 'lockstep-version', 'retry-after', 'server-timing']),
    );
    expect(answered.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it.each<[string, number, string, Asking]>([
    ['all flags', 200, BULK, {}],
    ['a flag that there is not', 404, `${BULK}/no.such`, {}],
    ['a body that is no JSON', 400, BULK, { body: '{' }],
    ['another method', 405, BULK, { method: 'PUT' }],
    ['a route that there is not', 404, '/no/such/route', {}],
    ['the status', 403, '/v1/status', { method: 'GET', body: null }],
    ['no key', 401, BULK, { key: null }],
    ['a wrong key', 401, BULK, { key: 'ls_client_of_nobody' }],
  ])('may read what came of asking for %s: %i', async (_, status, path, asking) => {
    const answered = await ask(open, ORIGIN, asking, path);
    expect([answered.status, allowed(answered)]).toEqual([status, '*']);
    const listed = await ask(closed, ORIGIN, asking, path);
    expect([listed.status, allowed(listed)]).toEqual([status, ORIGIN]);
    const other = await ask(closed, OTHER, asking, path);
    expect([other.status, allowed(other)]).toEqual([status, null]);
  });

  it('may read that nothing changed', async () => {
    const etag = (await ask(open, ORIGIN, {}, BULK)).headers.get('etag') as string;
    const again = await ask(open, ORIGIN, { headers: { 'if-none-match': etag } }, BULK);
    expect([again.status, again.text, allowed(again)]).toEqual([304, '', '*']);
  });

  it('is not mixed up by a cache with one of another origin', async () => {
    for (const origin of [ORIGIN, OTHER]) {
      expect(names((await ask(closed, origin)).headers.get('vary'))).toContain('origin');
    }
  });
});

describe('a page that asks with a server key', () => {
  it.each([`${BULK}/${FLAG}`, BULK])('may not read the answer of %s: it should not have that key', async (path) => {
    for (const edge of [open, closed]) {
      const answered = await ask(edge, ORIGIN, { key: SERVER_KEY }, path);
      expect(answered.status).toBe(200);
      expect([...answered.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

it('a caller that is no page is told nothing of origins', async () => {
  const answered = await open.ask(`${BULK}/${FLAG}`, { ...bodyOf(), key: CLIENT_KEY });
  expect([...answered.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
});
