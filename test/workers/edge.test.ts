import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_ENTRIES, MAX_RULESET } from '#schema/limits';
import { rawLines } from '../unit/fixtures/lines.ts';
import { createSigner, NOW, type Signer } from '../unit/fixtures/signing.ts';
import { createEdge, createStore, type Edge, linesOf, REVALIDATE_MS, STALE_MS } from './fixtures/edge.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

const ruleset = (version: number): Promise<string> => signer.sign(linesOf(version), { version });

const manyLines = (count: number): string =>
  rawLines(Array.from({ length: count }, (_, at) => ({ k: `f${String(at).padStart(5, '0')}`, r: 9, f: 1 })));

/** A POP that has that version in force. */
async function serving(version: number): Promise<Edge> {
  const edge = await createEdge(signer, createStore(await ruleset(version)));
  expect(await edge.status()).toMatchObject({ version, refusals: 0, storeErrors: 0 });
  return edge;
}

describe('a POP with a sound store', () => {
  it('serves from the first read, and asks for no second one while it is fresh', async () => {
    const edge = await createEdge(signer, createStore(await ruleset(7)));
    const { status, headers, json } = await edge.flag();
    expect([status, headers.get('lockstep-version')]).toEqual([200, '7']);
    const metadata = { version: 7, revision: 7 };
    expect(json).toEqual({ key: 'a.flag', value: true, variant: 'on', reason: 'STATIC', metadata });
    edge.clock.forward(REVALIDATE_MS);
    for (let at = 0; at < 10; at++) await edge.flag();
    await edge.settle();
    expect(edge.store.reads).toBe(1);
  });

  it('revalidates behind the request: the answer is of the version in memory, the next one is of the new', async () => {
    const edge = await serving(7);
    edge.store.text = await ruleset(8);
    edge.clock.forward(REVALIDATE_MS + 1);
    expect((await edge.flag()).json).toMatchObject({ variant: 'on', metadata: { version: 7 } });
    await edge.settle();
    expect((await edge.flag()).json).toMatchObject({ variant: 'off', metadata: { version: 8, revision: 8 } });
  });

  it('asks the store once for all requests that come in while one revalidates', async () => {
    const edge = await serving(7);
    edge.clock.forward(REVALIDATE_MS + 1);
    edge.store.fault = 'hangs';
    const answers = await Promise.all(Array.from({ length: 20 }, () => edge.flag()));
    expect(answers.map(({ status }) => status)).toEqual(new Array(20).fill(200));
    expect(edge.store.reads).toBe(2);
  });

  it('counts the age from the last good word, by its own clock', async () => {
    const edge = await serving(7);
    expect(await edge.status()).toMatchObject({ ageMs: 0, stale: false });
    edge.clock.forward(4_321);
    expect(await edge.status()).toMatchObject({ ageMs: 4_321 });
    await edge.revalidate();
    expect(await edge.status()).toMatchObject({ version: 7, ageMs: 0, refusals: 0 });
  });

  it('takes the same version signed again', async () => {
    const edge = await serving(7);
    edge.store.text = await signer.sign(linesOf(7), { version: 7, iat: NOW + 10, exp: NOW + 1_000_000 });
    await edge.revalidate();
    expect(await edge.status()).toMatchObject({ version: 7, ageMs: 0, refusals: 0 });
  });
});

describe('a POP whose store holds something else', () => {
  it.each<[string, string, () => Promise<string>]>([
    ['B08: garbage', 'malformed', async () => 'no ruleset at all'],
    ['B08: an empty value', 'malformed', async () => ''],
    ['B08: a value of another format', 'malformed', async () => '{"flags":{}}'],
    ['B10: a truncated value', 'wrong-digest', async () => (await ruleset(9)).slice(0, -10)],
    ['B10: a value truncated in its header', 'malformed', async () => (await ruleset(9)).slice(0, 90)],
    [
      'B10: other lines under a good header',
      'wrong-digest',
      async () => `${(await ruleset(9)).split('\n')[0]}\n${linesOf(8)}`,
    ],
    ['B10: another environment', 'wrong-environment', () => signer.sign(linesOf(9), { version: 9, env: 'staging' })],
    [
      'B10: a key that is not trusted',
      'bad-signature',
      async () => (await createSigner('key-2')).sign(linesOf(9), { version: 9 }),
    ],
    [
      'B10: another key of the same name',
      'bad-signature',
      async () => (await createSigner()).sign(linesOf(9), { version: 9 }),
    ],
    ['B09, R12: an older version', 'older', () => ruleset(6)],
    ['B09: the same version with other content', 'conflict', () => signer.sign(linesOf(8), { version: 7 })],
    ['B09: a version that is far too high', 'version-jump', () => ruleset(2_000_000)],
    ['R4: a value over the limit', 'too-large', async () => `${await ruleset(9)}${' '.repeat(MAX_RULESET)}`],
    ['R4: more entries than the limit', 'bad-lines', () => signer.sign(manyLines(MAX_ENTRIES + 1), { version: 9 })],
    ['R14: nothing left, and that not on purpose', 'unannounced-empty', () => signer.sign('', { version: 9 })],
  ])('%s: keeps serving what it has, and tells of %s', async (_, code, bad) => {
    const edge = await serving(7);
    edge.store.text = await bad();
    await edge.revalidate();
    expect((await edge.flag()).json).toMatchObject({ variant: 'on', reason: 'STATIC', metadata: { version: 7 } });
    expect(await edge.status()).toMatchObject({ version: 7, refusals: 1, lastRefusal: { code }, storeErrors: 0 });
    edge.store.text = await ruleset(10);
    await edge.revalidate();
    expect(await edge.status()).toMatchObject({ version: 10, ageMs: 0, refusals: 1 });
  });

  it('B10: what is in force, cut off behind its header, is no good word', async () => {
    const edge = await serving(7);
    edge.store.text = edge.store.text?.slice(0, -10);
    await edge.revalidate();
    const told = { version: 7, refusals: 1, lastRefusal: { code: 'wrong-digest' }, ageMs: REVALIDATE_MS + 1 };
    expect(await edge.status()).toMatchObject(told);
    expect((await edge.flag()).json).toMatchObject({ variant: 'on', metadata: { version: 7 } });
  });

  it('R14: keeps serving when the value disappears, and grows stale', async () => {
    const edge = await serving(7);
    edge.store.text = undefined;
    await edge.revalidate();
    expect(await edge.status()).toMatchObject({ version: 7, ageMs: REVALIDATE_MS + 1, stale: false });
    edge.clock.forward(STALE_MS);
    expect((await edge.flag()).json).toMatchObject({ variant: 'on', reason: 'STALE', metadata: { version: 7 } });
  });

  it('R14: counts in the status that the value disappeared', async () => {
    const edge = await serving(7);
    edge.store.text = undefined;
    await edge.revalidate();
    const { refusals, storeErrors } = await edge.status();
    expect(refusals + storeErrors).toBeGreaterThan(0);
  });

  it('B08: takes an empty ruleset that is so on purpose', async () => {
    const edge = await serving(7);
    edge.store.text = await signer.sign('', { version: 8, emptied: true });
    await edge.revalidate();
    expect(await edge.status()).toMatchObject({ version: 8, refusals: 0 });
    expect(await edge.flag()).toMatchObject({ status: 404, json: { errorCode: 'FLAG_NOT_FOUND' } });
  });

  it('R6: of good, bad, good, bad the newest good one serves, and the status says that they take turns', async () => {
    const edge = await serving(7);
    for (const text of ['bad', await ruleset(8), 'worse']) {
      edge.store.text = text;
      await edge.revalidate();
    }
    expect(await edge.status()).toMatchObject({ version: 8, refusals: 2, flapping: true });
    expect((await edge.flag()).json).toMatchObject({ metadata: { version: 8 } });
  });

  it('counts the store’s own errors apart from refusals, and serves on', async () => {
    const edge = await serving(7);
    edge.store.fault = 'rejects';
    for (let at = 0; at < 3; at++) await edge.revalidate();
    expect(await edge.status()).toMatchObject({ version: 7, storeErrors: 3, refusals: 0 });
    expect((await edge.flag()).json).toMatchObject({ variant: 'on' });
  });
});
