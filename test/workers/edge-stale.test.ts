import { beforeAll, describe, expect, it } from 'vitest';
import { createSigner, NOW, type Signer } from '../unit/fixtures/signing.ts';
import { BULK, bodyOf, createEdge, createStore, type Edge, linesOf, REVALIDATE_MS, STALE_MS } from './fixtures/edge.ts';

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

const bulk = bodyOf();

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
    const all = await edge.ask(BULK, bulk);
    expect(all.json).toEqual({ flags: [wanted], metadata: { version: 7 } });
    expect(await edge.status()).toMatchObject({ stale: true, expired: false, ageMs: STALE_MS + 1 });
  });

  it('the ETag is another one, so that nobody keeps an answer that looks fresh', async () => {
    const edge = await serving();
    const fresh = await edge.ask(BULK, bulk);
    edge.store.fault = 'rejects';
    edge.clock.forward(STALE_MS + 1);
    const stale = await edge.ask(BULK, bulk);
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

  it('a refused ruleset is no good word, and counted once however long it lies there: the age goes on growing', async () => {
    const edge = await serving();
    edge.store.text = 'garbage';
    for (let at = 0; at < 13; at++) await edge.revalidate();
    expect(await edge.status()).toMatchObject({
      version: 7,
      stale: true,
      refusals: 1,
      ageMs: 13 * (REVALIDATE_MS + 1),
    });
    expect((await edge.flag()).json).toMatchObject({ reason: 'STALE', variant: 'on' });
  });
});

describe('I7: many requests past the staleness bound', () => {
  it('wait for one refresh together, and none says STALE where the store is well', async () => {
    const edge = await serving();
    const reads = edge.store.reads;
    edge.clock.forward(STALE_MS + 1);
    const answers = await Promise.all(Array.from({ length: 32 }, () => edge.flag()));
    expect(new Set(answers.map(({ json }) => json['reason']))).toEqual(new Set(['STATIC']));
    expect(edge.store.reads).toBe(reads + 1);
  });

  it('and a clock that was set back neither hides the age nor puts the next look off', async () => {
    const edge = await serving();
    const reads = edge.store.reads;
    edge.clock.forward(-3_600_000);
    expect(await edge.status()).toMatchObject({ ageMs: 0, stale: false });
    await edge.revalidate();
    expect(edge.store.reads).toBe(reads + 1);
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
