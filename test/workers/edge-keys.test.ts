import { beforeAll, describe, expect, it } from 'vitest';
import type { KeyEntry } from '#ruleset/decode-key';
import type { Beacons } from '#sdk/edge/beacons';
import { KEYS_BOUND_MS, KEYS_REVALIDATE_MS } from '#sdk/edge/keys-source';
import { rawLines } from '../unit/fixtures/lines.ts';
import { createSigner, ENVIRONMENT, NOW, type Signer } from '../unit/fixtures/signing.ts';
import { BULK, bodyOf, CLIENT_KEY, createEdge, createStore, type Edge, hashOf, SERVER_KEY } from './fixtures/edge.ts';
import { keysDocument } from './fixtures/keys-document.ts';

const ISSUED = 'ls_server_issued';
const SCOPED = 'ls_server_for_pricing';
const SCOPED_CLIENT = 'ls_client_for_pricing';
const LINES = rawLines([
  { k: 'a.flag', r: 7, o: 0, f: 1, n: 1 },
  { k: 'pricing.fares', r: 7, o: 0, f: 1 },
  { k: 'pricing.shown', r: 7, o: 0, f: 1, n: 1 },
]);

let signer: Signer;
let hashes: Readonly<Record<'issued' | 'scoped' | 'scopedClient', string>>;
beforeAll(async () => {
  signer = await createSigner();
  const [issued, scoped, scopedClient] = await Promise.all([ISSUED, SCOPED, SCOPED_CLIENT].map(hashOf));
  hashes = { issued, scoped, scopedClient } as typeof hashes;
});

const issued = (more: Partial<KeyEntry> = {}): KeyEntry => ({
  ...{ k: hashes.issued, t: 'server', s: 'search', n: ['*'] },
  ...more,
});
const scoped = (more: Partial<KeyEntry> = {}): KeyEntry => issued({ k: hashes.scoped, n: ['Pricing'], ...more });

const document = (entries: readonly KeyEntry[], version: number, by = signer, env?: string) =>
  keysDocument(by, entries, version, env);

async function serving(entries?: readonly KeyEntry[], vars = {}, beacons?: Beacons): Promise<Edge> {
  const edge = await createEdge(signer, createStore(await signer.sign(LINES, { version: 7 })), vars, beacons);
  if (entries !== undefined) edge.keyStore.text = await document(entries, 1);
  return edge;
}

const asks = async (edge: Edge, key: string): Promise<number> =>
  (await edge.ask(`${BULK}/a.flag`, { ...bodyOf(), key })).status;
const statusWith = async (edge: Edge, key: string) => (await edge.ask('/v1/status', { key })).json;

describe('B49: a revoked key', () => {
  it('answers at once before it is revoked, and never again once the document without it was read', async () => {
    const edge = await serving([issued()]);
    expect(await asks(edge, ISSUED)).toBe(200);
    edge.keyStore.text = await document([], 2);
    edge.clock.forward(KEYS_REVALIDATE_MS + 1);
    expect(await asks(edge, ISSUED)).toBe(200);
    await edge.settle();
    expect(await asks(edge, ISSUED)).toBe(401);
  });

  it('is refused by the first request after the bound, however long nobody asked', async () => {
    const edge = await serving([issued()]);
    expect(await asks(edge, ISSUED)).toBe(200);
    edge.keyStore.text = await document([], 2);
    edge.clock.forward(KEYS_BOUND_MS + 1);
    expect(await asks(edge, ISSUED)).toBe(401);
  });

  it('is refused for pages, and over the routes, as well', async () => {
    const edge = await serving([issued({ t: 'client' })]);
    const page = { ...bodyOf(), key: ISSUED, headers: { origin: 'https://www.example.com' } };
    expect((await edge.ask(BULK, page)).status).toBe(200);
    edge.keyStore.text = await document([], 2);
    edge.clock.forward(KEYS_BOUND_MS + 1);
    const { status, headers } = await edge.ask(BULK, page);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([401, '*']);
  });

  it('B10, B51: does not come back with an older document, nor with one that nobody trusts, or that is signed for something else', async () => {
    const edge = await serving();
    edge.keyStore.text = await document([], 2);
    expect(await asks(edge, ISSUED)).toBe(401);
    const stranger = await createSigner('key-2');
    const bad = [
      await document([issued()], 1),
      await document([issued()], 3, stranger),
      await document([issued()], 3, signer, ENVIRONMENT),
      (await document([issued()], 3)).slice(0, -1),
      'garbage',
    ];
    for (const text of bad) {
      edge.keyStore.text = text;
      edge.clock.forward(KEYS_BOUND_MS + 1);
      expect(await asks(edge, ISSUED)).toBe(401);
    }
  });
});

describe('B49: a key that ends', () => {
  it('stops by the clock, without a look at the store', async () => {
    const edge = await serving([issued({ e: NOW * 1_000 + 5_000 })]);
    expect(await asks(edge, ISSUED)).toBe(200);
    const { reads } = edge.keyStore;
    edge.clock.forward(4_999);
    expect(await asks(edge, ISSUED)).toBe(200);
    edge.clock.forward(1);
    expect(await asks(edge, ISSUED)).toBe(401);
    expect(edge.keyStore.reads).toBe(reads);
  });

  it('overlaps with the one that takes its place', async () => {
    const edge = await serving([issued({ e: NOW * 1_000 + 5_000 }), issued({ k: hashes.scoped })]);
    expect([await asks(edge, ISSUED), await asks(edge, SCOPED)]).toEqual([200, 200]);
    edge.clock.forward(5_000);
    expect([await asks(edge, ISSUED), await asks(edge, SCOPED)]).toEqual([401, 200]);
  });
});

describe('I3: a dark store', () => {
  it.each(['rejects', 'hangs'] as const)('%s: the keys that are held go on, and the status tells', async (fault) => {
    const edge = await serving([issued()]);
    expect(await asks(edge, ISSUED)).toBe(200);
    edge.keyStore.fault = fault;
    edge.clock.forward(3_600_000);
    expect(await asks(edge, ISSUED)).toBe(200);
    expect(await statusWith(edge, ISSUED)).toMatchObject({
      keys: { source: 'document', version: 1, stale: true, storeErrors: fault === 'rejects' ? 1 : 0 },
    });
  });

  it("from the start on: the deployment's keys count, and others are told to ask again", async () => {
    const edge = await serving([issued()]);
    edge.keyStore.fault = 'rejects';
    expect(await asks(edge, SERVER_KEY)).toBe(200);
    const { status, headers } = await edge.ask(BULK, { ...bodyOf(), key: ISSUED });
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    edge.keyStore.fault = 'none';
    edge.clock.forward(1_001);
    await asks(edge, ISSUED);
    await edge.settle();
    expect(await asks(edge, ISSUED)).toBe(200);
  });
});

describe('the keys of the settings', () => {
  it('count until there is a document, which is then found behind a request', async () => {
    const edge = await serving();
    expect([await asks(edge, SERVER_KEY), await asks(edge, ISSUED)]).toEqual([200, 401]);
    expect(await edge.status()).toMatchObject({ keys: { source: 'settings', version: null } });
    edge.keyStore.text = await document([issued()], 1);
    edge.clock.forward(KEYS_REVALIDATE_MS + 1);
    expect(await asks(edge, SERVER_KEY)).toBe(200);
    await edge.settle();
    expect([await asks(edge, SERVER_KEY), await asks(edge, ISSUED)]).toEqual([401, 200]);
  });

  it('do not have the store asked more often where there is no document', async () => {
    const edge = await serving();
    for (let at = 0; at < 10; at++) {
      edge.clock.forward(1_000);
      await asks(edge, SERVER_KEY);
    }
    await edge.settle();
    expect(edge.keyStore.reads).toBe(1);
  });

  it("count beside a document where they are the deployment's own", async () => {
    const records = [
      { sha256: await hashOf(SERVER_KEY), kind: 'server', own: true },
      { sha256: await hashOf(CLIENT_KEY), kind: 'client' },
    ];
    const edge = await serving([issued()], { SDK_KEYS: JSON.stringify(records) });
    expect([await asks(edge, SERVER_KEY), await asks(edge, CLIENT_KEY), await asks(edge, ISSUED)]).toEqual([
      200, 401, 200,
    ]);
  });

  it('may be none at all', async () => {
    const edge = await serving([issued()], { SDK_KEYS: '[]' });
    expect([await asks(edge, ISSUED), await asks(edge, SERVER_KEY)]).toEqual([200, 401]);
  });
});

describe('B24: a key for one namespace', () => {
  const keysIn = ({ json }: { readonly json: object }): string[] =>
    ((json as { flags: { key: string }[] }).flags ?? []).map(({ key }) => key);

  it('sees no other flag, whatever is asked', async () => {
    const edge = await serving([scoped()]);
    const asked = async (flag: string) => edge.ask(`${BULK}/${flag}`, { ...bodyOf(), key: SCOPED });
    expect(await asked('pricing.fares')).toMatchObject({ status: 200, json: { value: true } });
    expect(await asked('a.flag')).toMatchObject({ status: 404, json: { errorCode: 'FLAG_NOT_FOUND' } });
    expect(await asked('pricing')).toMatchObject({ status: 404 });
    expect(keysIn(await edge.ask(BULK, { ...bodyOf(), key: SCOPED }))).toEqual(['pricing.fares', 'pricing.shown']);
  });

  it("is kept from flags that are not for clients, where it is a client's", async () => {
    const edge = await serving([scoped({ k: hashes.scopedClient, t: 'client' }), scoped(), issued()]);
    const lists = await Promise.all(
      [SCOPED_CLIENT, SCOPED, ISSUED].map(async (key) => keysIn(await edge.ask(BULK, { ...bodyOf(), key }))),
    );
    expect(lists.map(({ length }) => length)).toEqual([1, 2, 3]);
    expect(lists[0]).toEqual(['pricing.shown']);
  });

  it('has an ETag of its own', async () => {
    const edge = await serving([scoped(), issued()]);
    const [one, all] = await Promise.all([SCOPED, ISSUED].map((key) => edge.ask(BULK, { ...bodyOf(), key })));
    const etag = all?.headers.get('etag') ?? '';
    expect(one?.headers.get('etag')).not.toBe(etag);
    const again = await edge.ask(BULK, { ...bodyOf(), key: SCOPED, headers: { 'if-none-match': etag } });
    expect(again.status).toBe(200);
  });

  it('is served no offline default of another, and told nothing of it', async () => {
    const offline = { variation: 'on', value: true, visibility: 'server' };
    const vars = { OFFLINE_DEFAULTS: JSON.stringify({ 'a.flag': offline, 'pricing.fares': offline }) };
    const edge = await createEdge(signer, createStore(), vars);
    edge.keyStore.text = await document([scoped()], 1);
    const asked = async (flag: string) => (await edge.ask(`${BULK}/${flag}`, { ...bodyOf(), key: SCOPED })).json;
    expect(await asked('pricing.fares')).toMatchObject({ value: true });
    expect(await asked('a.flag')).toEqual({ ...(await asked('b.flag')), key: 'a.flag' });
    expect(keysIn(await edge.ask(BULK, { ...bodyOf(), key: SCOPED }))).toEqual(['pricing.fares']);
  });
});

describe('the use of a key', () => {
  const noting = (used: string[], reports: Promise<void>[] = []): Beacons => ({
    evaluated: () => {},
    expose: async () => {},
    ledger: () => ({ evaluated: 0, exposed: 0, sent: 0, dropped: 0 }),
    used(sha256) {
      used.push(sha256);
      return reports.shift();
    },
  });

  it('is told to ingest, whatever is asked: of keys that are issued, and of none that was refused', async () => {
    const used: string[] = [];
    const edge = await serving([issued()], {}, noting(used));
    await asks(edge, ISSUED);
    await asks(edge, ISSUED);
    await edge.ask(`${BULK}?page`, { ...bodyOf(), key: ISSUED });
    await statusWith(edge, ISSUED);
    await asks(edge, SCOPED);
    expect(used).toEqual(new Array(4).fill(hashes.issued));
  });

  it("is none of those of the settings, also where they are the deployment's own", async () => {
    const used: string[] = [];
    const records = [{ sha256: await hashOf(SERVER_KEY), kind: 'server', own: true }];
    const edge = await serving(undefined, { SDK_KEYS: JSON.stringify(records) }, noting(used));
    expect(await asks(edge, SERVER_KEY)).toBe(200);
    edge.keyStore.text = await document([issued()], 1);
    edge.clock.forward(KEYS_BOUND_MS + 1);
    expect(await asks(edge, SERVER_KEY)).toBe(200);
    expect(used).toEqual([]);
  });

  it('is told behind the answer', async () => {
    let isTold = (): void => {};
    const report = new Promise<void>((resolve) => {
      isTold = resolve;
    });
    const edge = await serving([issued()], {}, noting([], [report]));
    expect(await asks(edge, ISSUED)).toBe(200);
    let isSettled = false;
    const settled = edge.settle().then(() => {
      isSettled = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(isSettled).toBe(false);
    isTold();
    await settled;
  });
});
