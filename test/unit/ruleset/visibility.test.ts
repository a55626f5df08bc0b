import { describe, expect, it } from 'vitest';
import { readLines } from '#ruleset/reader';
import type { Entry } from '#schema/entry';
import { booleanFlag, compileOk, flagIn } from '../fixtures/authored.ts';
import { readerOf } from '../fixtures/lines.ts';
import { authoredMarketplace, compiledMarketplace } from '../fixtures/marketplace.ts';

const compiled = compileOk({
  flags: {
    'a.unsaid': booleanFlag({ salt: 'salt-1' }),
    'b.server': booleanFlag({ salt: 'salt-2', visibility: 'server' }),
    'c.client': booleanFlag({ salt: 'salt-3', visibility: 'client' }),
    'd.client-off': booleanFlag({ salt: 'salt-4', visibility: 'client', enabled: false }),
    'e.client-rules': booleanFlag({
      salt: 'salt-5',
      visibility: 'client',
      rules: [{ id: 'r', when: [{ attribute: 'plan', op: 'exists' }], serve: 'on' }],
    }),
  },
});

describe('given flags for servers and for clients', () => {
  it('B24: only a flag that says so carries the mark of clients', () => {
    const marked = (compiled.entries as readonly (Entry & { readonly n?: unknown })[]).filter(
      ({ n }) => n !== undefined,
    );
    expect(marked.map(({ k, n }) => [k, n])).toEqual([
      ['c.client', 1],
      ['d.client-off', 1],
      ['e.client-rules', 1],
    ]);
  });

  it('B24: the reader knows which is which, whatever their form', () => {
    const reader = readLines(compiled.lines, 1);
    expect(reader.flagKeys().map((key) => [key, reader.firstUse(key)?.client])).toEqual([
      ['a.unsaid', false],
      ['b.server', false],
      ['c.client', true],
      ['d.client-off', true],
      ['e.client-rules', true],
    ]);
  });

  it('B24: a flag that is refused is for no client', () => {
    const reader = readerOf([
      { k: 'a', r: 1, n: 1, f: 9 },
      { k: 'b', r: 1, n: 2, f: 0 },
      { k: 'c', r: 1, n: true, f: 0 },
      { k: 'd', r: 1, n: 0, f: 0 },
    ]);
    expect(reader.flagKeys().map((key) => reader.firstUse(key)?.client)).toEqual([false, false, false, false]);
  });

  it('B24: the marketplace shows clients what its authors meant for them, and nothing else', () => {
    const { flags } = authoredMarketplace();
    const meant = Object.keys(flags)
      .filter((key) => flags[key]?.visibility === 'client')
      .sort();
    const marketplace = compiledMarketplace();
    const reader = readLines(marketplace.lines, 1);
    expect(reader.flagKeys().filter((key) => reader.firstUse(key)?.client)).toEqual(meant);
    expect(meant.length).toBeGreaterThan(0);
    expect(flagIn(marketplace, 'platform.readOnly').n).toBeUndefined();
  });
});
