import { expect, it } from 'vitest';
import { compile } from '#ruleset/write/compile';
import type { Moved } from '#ruleset/write/moved';
import { authored } from '#schema/authored';

type Input = Parameters<typeof authored.parse>[0];

const FLAG = { description: 'A flag.', type: 'boolean', salt: 'abc', enabled: true, off: 'off' };
const splitting = (weight: number, by = 'user'): object => ({
  ...FLAG,
  fallthrough: { split: { by, rest: 'off', weights: { on: weight } } },
});
const serving = (variation: string): object => ({ ...FLAG, fallthrough: { serve: variation } });

/** What moves from one set of authored flags to the next. */
function moved(before: Input, after: Input): readonly Moved[] {
  const first = compile(authored.parse(before), [], 1);
  const next = compile(authored.parse(after), first.ok ? first.value.entries : [], 2);
  if (!next.ok) throw new Error(JSON.stringify(next.error));
  return next.value.moved;
}

const flags = (flag: object): Input => ({ flags: { 'a.flag': flag } });

it.each([
  ['a growing split', splitting(5), splitting(25), 20_000],
  ['a split that becomes a variation for all', splitting(40), serving('on'), 60_000],
  ['a variation for all that becomes a split', serving('off'), splitting(10), 10_000],
  ['another variation for all', serving('off'), serving('on'), 100_000],
  ['a split by another kind', splitting(10), splitting(10, 'account'), 100_000],
])('tells how many units move with %s', (_, before, after, buckets) => {
  expect(moved(flags(before), flags(after))).toEqual([{ flag: 'a.flag', where: 'fallthrough', buckets }]);
});

it('tells nothing where nobody moves', () => {
  expect(moved(flags(splitting(5)), flags({ ...splitting(5), description: 'Another text.' }))).toEqual([]);
});

it('tells who is kept off by a layer that shrinks', () => {
  const layered = (percent: number): Input => ({
    ...(flags(serving('on')) as object),
    layers: { one: { description: 'A layer.', salt: 'layer', slices: { 'a.flag': percent } } },
  });
  expect(moved(layered(50), layered(10))).toEqual([{ flag: 'a.flag', where: 'layer', buckets: 40_000 }]);
});

it('tells who is kept off by a holdout that grows', () => {
  const held = (percent: number): Input => ({
    flags: { 'a.flag': { ...serving('on'), holdout: 'one' } },
    holdouts: { one: { description: 'A holdout.', salt: 'hold', percent } },
  });
  expect(moved(held(2), held(5))).toEqual([{ flag: 'a.flag', where: 'holdout', buckets: 3_000 }]);
});

it('R30: refuses another salt for a layer and for a holdout', () => {
  const of = (layer: string, holdout: string): Input => ({
    flags: { 'a.flag': { ...serving('on'), holdout: 'held' } },
    layers: { one: { description: 'A layer.', salt: layer, slices: { 'a.flag': 50 } } },
    holdouts: { held: { description: 'A holdout.', salt: holdout, percent: 5 } },
  });
  const first = compile(authored.parse(of('x', 'y')), [], 1);
  const next = compile(authored.parse(of('x2', 'y2')), first.ok ? first.value.entries : [], 2);
  expect(next.ok ? [] : next.error.map(({ path }) => path.join('/')).sort()).toEqual([
    'holdouts/held/salt',
    'layers/one/salt',
  ]);
});

it('R4: tells the flag whose split has become too ragged for a line, instead of compiling it', () => {
  const names = Array.from({ length: 63 }, (_, at) => `v${at}`);
  const variations = Object.fromEntries(['rest', ...names].map((name) => [name, name]));
  let seed = 1;
  const next = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return (seed % 1_000) ** 2;
  };
  /** 95 % in all, so unequal that many outgrow their share. */
  const weights = (): Record<string, number> => {
    const shares = names.map(next);
    const sum = shares.reduce((total, one) => total + one, 0);
    return Object.fromEntries(
      names.map((name, at) => [name, Math.floor(((shares[at] as number) * 95_000) / sum) / 1_000]),
    );
  };
  const ragged = (): Input =>
    flags({
      description: 'A flag.',
      type: 'string',
      salt: 'abc',
      enabled: true,
      variations,
      fallthrough: { split: { rest: 'rest', weights: weights() } },
    });
  let entries: Parameters<typeof compile>[1] = [];
  for (let version = 1; version <= 200; version++) {
    const compiled = compile(authored.parse(ragged()), entries, version);
    if (!compiled.ok) {
      expect(compiled.error[0]?.path).toEqual(['flags', 'a.flag']);
      expect(compiled.error[0]?.message).toMatch(/readers refuse/);
      return;
    }
    entries = compiled.value.entries;
  }
  expect.unreachable('the split never became too ragged');
});
