import { beforeAll, describe, expect, it } from 'vitest';
import { createSigner, NOW, type Signer } from '../unit/fixtures/signing.ts';
import { createEdge, createStore, type Edge, linesOf, REVALIDATE_MS, STALE_MS } from './fixtures/edge.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

async function serving(exp?: number): Promise<Edge> {
  const text = await signer.sign(linesOf(7), { version: 7, ...(exp !== undefined && { exp }) });
  const edge = await createEdge(signer, createStore(text));
  await edge.status();
  return edge;
}

const bulk = { method: 'POST', body: '{"context":{"targetingKey":"user-1"}}' };

describe('I7: past the staleness bound', () => {
  it('answers say STALE, what the reason was, and the version', async () => {
    const edge = await serving();
    edge.store.fault = 'rejects';
    edge.clock.forward(STALE_MS);
    expect((await edge.flag()).json).toMatchObject({ reason: 'STATIC' });
    edge.clock.forward(1);
    const metadata = { version: 7, revision: 7, freshReason: 'STATIC' };
    const wanted = { key: 'a.flag', value: true, variant: 'on', reason: 'STALE', metadata };
    expect((await edge.flag()).json).toEqual(wanted);
    const all = await edge.ask('/ofrep/v1/evaluate/flags', bulk);
    expect(all.json).toEqual({ flags: [wanted], metadata: { version: 7 } });
    expect(await edge.status()).toMatchObject({ stale: true, expired: false, ageMs: STALE_MS + 1 });
  });

  it('the ETag is another one, so that nobody keeps an answer that looks fresh', async () => {
    const edge = await serving();
    const fresh = await edge.ask('/ofrep/v1/evaluate/flags', bulk);
    edge.store.fault = 'rejects';
    edge.clock.forward(STALE_MS + 1);
    const stale = await edge.ask('/ofrep/v1/evaluate/flags', bulk);
    expect(stale.headers.get('etag')).not.toBe(fresh.headers.get('etag'));
  });

  it('a request waits for one refresh, and its answer is fresh again', async () => {
    const edge = await serving();
    edge.store.text = await signer.sign(linesOf(8), { version: 8 });
    edge.clock.forward(STALE_MS + 1);
    expect((await edge.flag()).json).toMatchObject({ reason: 'STATIC', variant: 'off', metadata: { version: 8 } });
    expect(await edge.status()).toMatchObject({ version: 8, stale: false, ageMs: 0 });
  });

  it('a word that nothing is newer makes it fresh again too', async () => {
    const edge = await serving();
    edge.store.fault = 'rejects';
    edge.clock.forward(STALE_MS + 1);
    expect((await edge.flag()).json).toMatchObject({ reason: 'STALE' });
    edge.store.fault = 'none';
    await edge.revalidate();
    const { json } = await edge.flag();
    expect(json).toMatchObject({ reason: 'STATIC' });
    expect(json['metadata']).not.toHaveProperty('freshReason');
  });

  it('a store that does not answer holds no request up for good', async () => {
    const edge = await serving();
    edge.store.fault = 'hangs';
    edge.clock.forward(STALE_MS + 1);
    expect((await edge.flag()).json).toMatchObject({ variant: 'on', reason: 'STALE' });
    edge.clock.forward(REVALIDATE_MS + 1);
    edge.store.fault = 'none';
    expect((await edge.flag()).json).toMatchObject({ variant: 'on', reason: 'STATIC' });
  });

  it('refused rulesets are no good word: the age goes on growing', async () => {
    const edge = await serving();
    edge.store.text = 'garbage';
    for (let at = 0; at < 13; at++) await edge.revalidate();
    expect(await edge.status()).toMatchObject({
      version: 7,
      stale: true,
      refusals: 13,
      ageMs: 13 * (REVALIDATE_MS + 1),
    });
    expect((await edge.flag()).json).toMatchObject({ reason: 'STALE', variant: 'on' });
  });
});

describe('a ruleset past its expiry', () => {
  it('B11: goes on serving, and says STALE', async () => {
    const edge = await serving(NOW + 600);
    edge.clock.forward(599_999);
    await edge.revalidate();
    expect(await edge.status()).toMatchObject({ version: 7, expired: true, stale: true });
    const { status, json } = await edge.flag();
    expect([status, json]).toMatchObject([200, { value: true, reason: 'STALE', metadata: { freshReason: 'STATIC' } }]);
  });

  it('B11: is taken by a POP that has none', async () => {
    const edge = await serving(NOW - 1);
    expect((await edge.flag()).json).toMatchObject({ variant: 'on', reason: 'STALE' });
    expect(await edge.status()).toMatchObject({ version: 7, expired: true, refusals: 0 });
  });

  it('B11: is fresh once it is signed again', async () => {
    const edge = await serving(NOW - 1);
    edge.store.text = await signer.sign(linesOf(7), { version: 7 });
    await edge.revalidate();
    expect((await edge.flag()).json).toMatchObject({ reason: 'STATIC' });
    expect(await edge.status()).toMatchObject({ version: 7, expired: false, stale: false });
  });
});

describe('a POP that has no ruleset yet', () => {
  it.each<[string, Edge['store']['fault'], string | undefined]>([
    ['an empty store', 'none', undefined],
    ['a store out of reach', 'rejects', undefined],
    ['garbage in the store', 'none', 'garbage'],
  ])('answers 503 and when to come back, with %s', async (_, fault, text) => {
    const edge = await createEdge(signer, Object.assign(createStore(text), { fault }));
    for (const path of ['/ofrep/v1/evaluate/flags', '/ofrep/v1/evaluate/flags/a.flag']) {
      const { status, headers, json } = await edge.ask(path, bulk);
      expect([status, headers.get('content-type')]).toEqual([503, 'application/problem+json']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(json).toMatchObject({ status: 503, title: 'Not Ready' });
    }
    const counted = await edge.status();
    expect(counted.version).toBeUndefined();
    expect([counted.storeErrors > 0, counted.refusals > 0]).toEqual([fault === 'rejects', text === 'garbage']);
  });

  it('serves as soon as there is one', async () => {
    const edge = await createEdge(signer, createStore());
    expect((await edge.flag()).status).toBe(503);
    edge.store.text = await signer.sign(linesOf(7), { version: 7 });
    expect(await edge.flag()).toMatchObject({ status: 200, json: { variant: 'on' } });
  });

  it('R17: answers also where the first read of the store never ends', async () => {
    const edge = await createEdge(signer, Object.assign(createStore(), { fault: 'hangs' as const }));
    const never = new Promise((resolve) => setTimeout(() => resolve('still waiting'), 5_000));
    expect(await Promise.race([edge.flag(), never])).toMatchObject({ status: 503 });
  });
});
