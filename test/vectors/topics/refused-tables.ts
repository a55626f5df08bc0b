import { HOLDOUTS_BAD, HOLDOUTS_GOOD, LAYERS_BAD, LAYERS_GOOD, SPLITS_BAD, SPLITS_GOOD } from './refused-buckets.ts';
import * as lists from './refused-lists.ts';
import { KINDS_BAD, KINDS_GOOD, NAMES_BAD, NAMES_GOOD } from './refused-names.ts';
import { VARIATIONS_BAD, VARIATIONS_GOOD } from './refused-variations.ts';

const { C } = lists;

type Fields = Readonly<Record<string, unknown>>;

/** Flags without a head: nothing of them counts. */
export const HEADLESS: readonly Fields[] = [
  ...VARIATIONS_BAD,
  ...[-1, 4_294_967_397, 2 ** 53, 1e300, 5.5, '5', null, true, [5]].map((r) => ({ r })),
  ...[-1, 3, 0.5, '0', null, true, [0]].flatMap((index) => [{ o: index }, { d: index }]),
];

/** Flags whose head is sound, and something else is not. */
export const REFUSED: readonly Fields[] = [
  ...SPLITS_BAD.flatMap((split) => [{ f: split }, { u: [['r', [C], split]] }]),
  ...LAYERS_BAD.map((l) => ({ l })),
  ...HOLDOUTS_BAD.map((h) => ({ h })),
  ...lists.TARGETS_BAD.map((i) => ({ i })),
  ...lists.PREREQUISITES_BAD.map((p) => ({ p })),
  ...lists.RULES_BAD.map((u) => ({ u })),
  ...NAMES_BAD.flatMap((name) => [
    { l: [name, 's', []] },
    { h: [name, 's', 0] },
    { u: [[name, [C], 0]] },
    { p: [['accepted.000', ['on', name]]] },
  ]),
  ...KINDS_BAD.flatMap((kind) => [
    { f: [0, [1, 100_000], kind] },
    { l: ['l', 's', [], kind] },
    { h: ['h', 's', 0, kind] },
    { i: [[1, ['a'], kind]] },
  ]),
  ...['', 's'.repeat(65), 1, null].map((s) => ({ s })),
  ...[1, -1, 0.5, '0', null, false, true].map((e) => ({ e })),
  ...[0, 2, -1, '1', null, false, true, 1.5].flatMap((mark) => [{ c: mark }, { n: mark }]),
  ...[3, -1, 0.5, '0', null, true, {}].map((f) => ({ f })),
];

/** Flags at the bounds, all sound. The first is a prerequisite of others. */
export const ACCEPTED: readonly Fields[] = [
  {},
  ...VARIATIONS_GOOD.map((fields) => ({ o: 0, d: 0, f: 0, ...fields })),
  ...SPLITS_GOOD.flatMap((split) => [{ f: split }, { u: [['r', [C], split]] }]),
  ...LAYERS_GOOD.map((l) => ({ l })),
  ...HOLDOUTS_GOOD.map((h) => ({ h })),
  ...lists.TARGETS_GOOD.map((i) => ({ i })),
  ...lists.PREREQUISITES_GOOD.map((p) => ({ p })),
  ...lists.RULES_GOOD.map((u) => ({ u })),
  ...NAMES_GOOD.flatMap((name) => [
    { l: [name, 's', []] },
    { h: [name, 's', 100_000] },
    { u: [[name, [C], 0]] },
    { p: [['accepted.000', ['on', name]]] },
  ]),
  ...KINDS_GOOD.flatMap((kind) => [
    { f: [0, [1, 5, 2, 100_000], kind] },
    { l: ['l', 's', [], kind] },
    { h: ['h', 's', 0, kind] },
    { i: [[1, ['a'], kind]] },
  ]),
  ...['s', 's'.repeat(64), ' ', '\ud83d'].map((s) => ({ s, f: [0, [1, 50_000, 2, 100_000]] })),
  ...[0, 1, -0, 4_294_967_396].map((r) => ({ r })),
  { e: -0 },
  { e: 0 },
  { o: -0, d: -0, f: -0 },
  { o: 2, d: 2, f: 2 },
  { c: 1, n: 1 },
  { q: null, zz: [], '': 1 },
];
