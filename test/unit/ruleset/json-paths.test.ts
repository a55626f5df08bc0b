import { beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { readLines } from '#ruleset/reader';
import { entry as entrySchema, flagEntry } from '#schema/entry';
import { cacheOf, verdictOf } from '../fixtures/caches.ts';
import { FULL } from '../fixtures/entries.ts';
import { type RawEntry, rawLines, VERSION } from '../fixtures/lines.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';

type Path = readonly (string | number)[];

/** Every path inside a JSON value, the innermost last. */
const pathsOf = (value: unknown, at: Path = []): Path[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, item]) => {
        const path = [...at, Array.isArray(value) ? Number(key) : key];
        return [path, ...pathsOf(item, path)];
      })
    : [];

const DELETED = Symbol('deleted');

/** What each path is made to hold in turn. */
const DAMAGE: Readonly<Record<string, unknown>> = {
  deleted: DELETED,
  null: null,
  'empty text': '',
  'blank text': ' ',
  'an empty list': [],
  'an empty object': {},
  'a negative number': -1,
  'a fraction': 0.5,
  'a large number': 1e300,
  'a boolean': true,
  'a hostile object': { toString: 1, valueOf: 2, length: 1e9, __proto__x: 1 },
};

function damaged(value: unknown, [head, ...tail]: Path, to: unknown): unknown {
  if (head === undefined) return to;
  if (Array.isArray(value)) {
    const items = value.map((item, at) => (at === head ? damaged(item, tail, to) : item));
    return items.filter((item) => item !== DELETED);
  }
  const fields = { ...(value as Record<string, unknown>) };
  fields[head] = damaged(fields[head], tail, to);
  return Object.fromEntries(Object.entries(fields).filter(([, item]) => item !== DELETED));
}

interface Case {
  readonly entries: readonly RawEntry[];
  readonly changed: RawEntry;
  readonly label: string;
}

const CASES: readonly Case[] = FULL.flatMap((one, at) =>
  pathsOf(one)
    // The key of a line is what it is found by: without one there is no line.
    .filter(([field]) => field !== 'k')
    .flatMap((path) =>
      Object.entries(DAMAGE).map(([damage, to]) => {
        const changed = damaged(one, path, to) as RawEntry;
        return {
          entries: FULL.map((other, nth) => (nth === at ? changed : other)) as RawEntry[],
          changed,
          label: `${one.k} ${path.join('.')} ${damage}`,
        };
      }),
    ),
);

/** References are not a matter of an entry's own shape: a case that breaks one is told apart. */
const KNOWN = new Set(FULL.map(({ k }) => k));
const breaksReference = ({ changed }: Case): boolean =>
  [...JSON.stringify(changed).matchAll(/\["segment",\[([^\]]*)\]/g)]
    .flatMap(([, names = '']) => names.split(',').filter(Boolean))
    .some((name) => !KNOWN.has(`segment:${JSON.parse(name) as string}`)) ||
  ((changed['p'] as [string][] | undefined) ?? []).some?.(([key]) => !KNOWN.has(key)) === true;

const soundByZod = ({ changed }: Case): boolean => entrySchema.safeParse(changed).success;

it('B01: a ruleset in which nothing is left out is sound, for schema and decoder', () => {
  expect(FULL.filter((one) => !entrySchema.safeParse(one).success)).toEqual([]);
  expect(readLines(rawLines(FULL), VERSION).faults()).toEqual([]);
  expect(CASES.length).toBeGreaterThan(2_500);
});

it('B01: R1: schema and decoder give the same verdict on every path deleted, emptied or of a wrong type', () => {
  const disagreeing = CASES.filter((one) => {
    const { k } = one.changed;
    const faulty = readLines(rawLines(one.entries), VERSION)
      .faults()
      .some(({ key }) => key === k);
    return faulty === (soundByZod(one) && !breaksReference(one));
  });
  expect(disagreeing.map(({ label }) => label)).toEqual([]);
});

it('B01: a reader that decodes at first use answers every flag without an error being thrown', () => {
  for (const { entries, changed, label } of CASES) {
    const reader = readLines(rawLines(entries), VERSION);
    const refused = new Set(reader.faults().map(({ key }) => key));
    const lazy = readLines(rawLines(entries), VERSION);
    for (const key of lazy.flagKeys()) {
      const decision = evaluate(lazy, key, createContext({ targetingKey: 'user-1' }));
      expect(decision.errorCode, `${label}: ${key}`).toBe(refused.has(key) ? 'PARSE_ERROR' : undefined);
    }
    expect(lazy.flagKeys()).toContain(FULL[0]?.k);
    expect(lazy.line(changed.k)).toBeDefined();
  }
});

it('B01: a refused flag serves its offline default wherever its head can still be read', () => {
  const head = ['k', 'r', 'v', 'o', 'd'];
  const off = CASES.filter(
    ({ changed, label }) => changed.k === 'pricing.everything' && !head.includes(label.split(/[ .]/)[2] ?? ''),
  );
  let refused = 0;
  for (const { entries, changed, label } of off) {
    const decision = evaluate(readLines(rawLines(entries), VERSION), changed.k, createContext({ targetingKey: 'x' }));
    if (decision.errorCode === undefined) continue;
    refused++;
    expect(decision, label).toMatchObject({ value: 'v2', variation: 'v2', revision: 7, reason: 'ERROR' });
  }
  expect(refused).toBeGreaterThan(500);
});

it('B01: a refused flag whose head cannot be read serves nothing, with revision 0', () => {
  const broken: readonly RawEntry[] = [
    { k: 'a', r: -1, f: 0 },
    { k: 'b', r: 1, o: 2, f: 0 },
    { k: 'c', r: 1, v: [], f: 0 },
    { k: 'd', r: 1, d: null, o: 0, f: 0 },
    { k: 'e', r: VERSION + 1, o: 0, f: 0 },
  ];
  const reader = readLines(rawLines(broken), VERSION);
  for (const { k } of broken) {
    expect(evaluate(reader, k, createContext({}))).toMatchObject({
      value: undefined,
      variation: undefined,
      revision: 0,
      errorCode: 'PARSE_ERROR',
    });
  }
});

describe('given a cache that has a good ruleset', () => {
  let signer: Signer;
  beforeAll(async () => {
    signer = await createSigner();
  });

  it('B01: refuses each damaged ruleset as a whole and goes on serving what it has', async () => {
    const cache = cacheOf(signer);
    expect(verdictOf(await cache.offer(await signer.sign(rawLines(FULL), { version: VERSION })))).toBe('newer');
    const before = cache.current();
    // Every seventh: signing is what takes the time, and the verdict on each was compared above.
    const sample = CASES.filter(
      (one, at) => at % 7 === 0 && (!flagEntry.safeParse(one.changed).success || breaksReference(one)),
    );
    const refused = sample.filter(({ changed }) => !changed.k.startsWith('segment:'));
    let version = VERSION;
    for (const { entries, label } of refused) {
      const answer = await cache.offer(await signer.sign(rawLines(entries), { version: ++version }));
      expect(verdictOf(answer), label).toBe('bad-entries');
      expect(cache.current()).toBe(before);
    }
    expect(refused.length).toBeGreaterThan(150);
    expect(cache.status()).toMatchObject({ version: VERSION, refusals: refused.length });
  });

  it('B01: says which entry is refused, and for what', async () => {
    const cache = cacheOf(signer);
    const entries = [
      { k: 'a.flag', r: 1, f: 0 },
      { k: 'b.flag', r: 1, f: null },
    ];
    const answer = await cache.offer(await signer.sign(rawLines(entries)));
    expect(answer.ok ? '' : answer.error.message).toMatch(/^b\.flag: .+ is null$/);
  });
});
