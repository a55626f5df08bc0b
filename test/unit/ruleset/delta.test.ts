import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RulesetCache } from '#ruleset/cache';
import { applyDelta, readDelta } from '#ruleset/delta';
import { offerDelta } from '#ruleset/offer-delta';
import { makeDelta, writeDelta } from '#ruleset/write/make-delta';
import type { Issue } from '#ruleset/write/sign';
import { cacheOf, verdictOf } from '../fixtures/caches.ts';
import { type RawEntry, rawLines } from '../fixtures/lines.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../fixtures/signing.ts';

const LINES = fc
  .dictionary(
    fc.constantFrom('a', 'a.b', 'b', 'c', 'd.e', 'segment:s', 'segment:t', 'z'),
    fc.integer({ min: 0, max: 2 }),
  )
  .map((values) => rawLines(Object.entries(values).map(([k, r]) => ({ k, r }))));
const BASE = 'A'.repeat(43);

it('B12: R26: a delta brings any lines to any others', () => {
  fc.assert(
    fc.property(LINES, LINES, (before, after) => {
      const delta = readDelta(writeDelta(makeDelta(BASE, before, 'header', after)));
      expect(applyDelta(before, delta.changes)).toBe(after);
      expect([delta.base, delta.header]).toEqual([BASE, 'header']);
    }),
    { seed: 1, numRuns: 3_000 },
  );
});

it('holds a line for what changed and no other', () => {
  fc.assert(
    fc.property(LINES, LINES, (before, after) => {
      const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
      const was = new Set(lines(before));
      const { changes } = makeDelta(BASE, before, 'header', after);
      expect(lines(changes).filter((line) => was.has(line))).toEqual([]);
      expect(lines(makeDelta(BASE, before, 'header', before).changes)).toEqual([]);
    }),
    { seed: 2 },
  );
});

const FLAGS: readonly RawEntry[] = [
  { k: 'a.flag', r: 1, f: 1 },
  { k: 'b.flag', r: 1, f: 0 },
];
const NEXT: readonly RawEntry[] = [
  { k: 'b.flag', r: 2, f: 1 },
  { k: 'c.flag', r: 2, f: 0 },
];

describe('given a cache that a delta is offered to', () => {
  let signer: Signer;
  let cache: RulesetCache;
  beforeAll(async () => {
    signer = await createSigner();
  });

  async function started(lines = rawLines(FLAGS)): Promise<string> {
    cache = cacheOf(signer);
    await cache.offer(await signer.sign(lines));
    return cache.current()?.claims.sha256 as string;
  }

  async function deltaTo(lines: string, issue: Partial<Issue> = { version: 2 }): Promise<string> {
    const [header = ''] = (await signer.sign(lines, issue)).split('\n');
    return writeDelta(makeDelta(await started(), rawLines(FLAGS), header, lines));
  }

  const offer = (delta: string) => offerDelta(cache, delta, { environment: ENVIRONMENT, crypto: signer.crypto });
  const offered = async (delta: string): Promise<string> => verdictOf(await offer(delta));

  it('B12: takes a good one, which is then as if the whole had come', async () => {
    expect(await offered(await deltaTo(rawLines(NEXT)))).toBe('newer');
    expect(cache.current()?.reader.lines).toBe(rawLines(NEXT));
    const whole = cacheOf(signer);
    await whole.offer(await signer.sign(rawLines(NEXT), { version: 2 }));
    expect(whole.status().digest).toBe(cache.status().digest);
  });

  it('B12: refuses one on another base, and one before there is any', async () => {
    const delta = await deltaTo(rawLines(NEXT));
    expect(await offered(delta.replace(/"base":"[^"]*"/, `"base":"${BASE}"`))).toBe('wrong-base');
    expect(cache.status()).toMatchObject({ version: 1, refusals: 1 });
    cache = cacheOf(signer);
    expect(await offered(delta)).toBe('wrong-base');
    expect(cache.current()).toBeUndefined();
  });

  it('B12: refuses one whose result is not what was signed', async () => {
    const delta = await deltaTo(rawLines(NEXT));
    expect(await offered(delta.replace('"f":1', '"f":0'))).toBe('wrong-digest');
    expect(await offered(delta.slice(0, delta.lastIndexOf('{')))).toBe('wrong-digest');
    expect(cache.current()?.reader.lines).toBe(rawLines(FLAGS));
  });

  it('B12: refuses one that is out of form or order', async () => {
    const delta = await deltaTo(rawLines(NEXT));
    const [header = '', base = '', ...lines] = delta.split('\n');
    const bad = [
      '', '\n', '\n\n', header, `${header}\n`, `${header}\n${base}`, `${header}\n{"base":1}\n`, `${header}\n${base} \n`,
      `${header}\n${base.replace('{', '{"x":1,')}\n`, delta.slice(0, -1), `${delta}x`, `${delta}\n`,
      [header, base, ...lines.slice(0, 3).reverse(), ''].join('\n'), [header, base, lines[0], lines[0], ''].join('\n'),
      `\n${base}\n`,
    ]; // biome-ignore format: a table
    for (const one of bad) expect(await offered(one), JSON.stringify(one)).toBe('malformed');
    expect(cache.status()).toMatchObject({ version: 1, refusals: bad.length });
    expect(await offered(delta)).toBe('newer');
  });

  it('B12: refuses one that is signed by nobody, for elsewhere, or older', async () => {
    const delta = await deltaTo(rawLines(NEXT));
    expect(await offered(delta.replace(/\.[^.\n]*\n/, `.${Buffer.alloc(64).toString('base64url')}\n`))).toBe(
      'bad-signature',
    );
    expect(await offered(await deltaTo(rawLines(NEXT), { version: 2, env: 'staging' }))).toBe('wrong-environment');
    const changed = rawLines([{ k: 'a.flag', r: 1, f: 0 }]);
    expect(await offered(await deltaTo(changed, { version: 1 }))).toBe('conflict');
    const late = await deltaTo(changed, { version: 2 });
    await cache.offer(await signer.sign(rawLines(FLAGS), { version: 3 }));
    expect(await offered(late)).toBe('older');
  });

  it('B12: R14: refuses one that removes everything unannounced, and takes it announced', async () => {
    expect(await offered(await deltaTo('', { version: 2 }))).toBe('unannounced-empty');
    expect(await offered(await deltaTo('', { version: 2, emptied: true }))).toBe('newer');
    expect(cache.current()?.reader.entryCount).toBe(0);
  });

  it('B12: a delta without changes signs the same again, or names a new version of it', async () => {
    expect(await offered(await deltaTo(rawLines(FLAGS), { version: 1, exp: 2_000_000_000 }))).toBe('same');
    expect(cache.current()?.claims.exp).toBe(2_000_000_000);
    expect(await offered(await deltaTo(rawLines(FLAGS), { version: 2 }))).toBe('newer');
  });

  it('B12: R12: of a delta and a newer whole that arrive at once the newer remains', async () => {
    const whole = await signer.sign(rawLines(NEXT), { version: 3 });
    const delta = await deltaTo(rawLines(NEXT));
    await Promise.all([offer(delta), cache.offer(whole)]);
    expect(cache.status().version).toBe(3);
    await deltaTo(rawLines(NEXT));
    await Promise.all([cache.offer(whole), offer(delta)]);
    expect(cache.status().version).toBe(3);
  });

  it('B01: a delta with an entry that cannot be decoded is refused', async () => {
    expect(await offered(await deltaTo(rawLines([{ k: 'a.flag', r: 1, f: 9 }])))).toBe('bad-entries');
  });

  it('B12: a header whose claims nest 10,000 deep is refused without an error', async () => {
    const base64url = (text: string): string => Buffer.from(text).toString('base64url');
    const head = base64url(`{"alg":${'['.repeat(10_000)}${']'.repeat(10_000)}}`);
    const header = `${head}.${base64url('{}')}.${base64url('x'.repeat(64))}`;
    const base = await started();
    expect(await offered(`${header}\n{"base":"${base}"}\n`)).toBe('malformed');
  });

  it('R4: a header above the limit is refused in a delta as it is in a whole', async () => {
    const lines = rawLines(NEXT);
    const padded = { version: 2, padding: 'x'.repeat(4_000) } as Partial<Issue>;
    const whole = cacheOf(signer);
    expect(verdictOf(await whole.offer(await signer.sign(lines, padded)))).toBe('malformed');
    expect(await offered(await deltaTo(lines, padded))).toBe('malformed');
  });
});
