import { idOf, named, variations } from './draft.ts';
import { many, NAMES_BAD, NAMES_GOOD } from './refused-names.ts';

type Fields = Readonly<Record<string, unknown>>;
const deep = (depth: number, list: boolean) => {
  let value: unknown = list ? [] : {};
  for (let level = 1; level < depth; level++) value = list ? [value] : { a: value };
  return value;
};
const v1 = (value: unknown) => ({ v: [['off', value, 'aaaaaaaa']], o: 0, d: 0, f: 0 });
const ids = (...list: unknown[]) => ({ v: list.map((id, index) => [`v${index}`, `value ${index}`, id]) });
const proto: unknown = JSON.parse('{"__proto__": 1}');
const many64 = (count: number) => ({ v: named(...many(count)), o: 0, d: 0, f: 0 });

/** Flags whose variations are no variations. */
export const VARIATIONS_BAD: readonly Fields[] = [
  { v: [] },
  { v: [['a', 1]] },
  { v: [['a', 1, 'aaaaaaaa', 1]] },
  { v: [[]] },
  { v: ['a'] },
  { v: [null] },
  { v: { a: 1 } },
  { v: variations({ a: 1, b: 'x', c: 2 }) },
  { v: variations({ a: 1, b: true, c: 2 }) },
  { v: variations({ a: {}, b: 'x', c: 2 }) },
  { v: variations({ a: 'x', b: [], c: 'y' }) },
  {
    v: [
      ['a', 1, 'aaaaaaaa'],
      ['a', 2, 'bbbbbbbb'],
      ['c', 3, 'cccccccc'],
    ],
  },
  {
    v: [
      ['a', 1, 'aaaaaaaa'],
      ['b', 2, 'bbbbbbbb'],
      ['a', 3, 'cccccccc'],
    ],
  },
  ids('aaaaaaaa', 'bbbbbbbb', 'aaaaaaaa'),
  v1([1, deep(16, true)]),
  v1({ a: deep(15, true), b: deep(16, false) }),
  v1([[], deep(16, false)]),
  v1(null),
  v1(deep(17, true)),
  v1(deep(17, false)),
  v1(proto),
  v1([proto]),
  v1({ a: { b: [proto] } }),
  ids('aaaaaaaa', 'aaaaaaaa', 'cccccccc'),
  ids('aaaaaaa', 'b', 'c'),
  ids('aaaaaaaaa', 'bbbbbbbb', 'cccccccc'),
  ids('aaaaaaa=', 'bbbbbbbb', 'cccccccc'),
  ids('aaaaaaa+', 'bbbbbbbb', 'cccccccc'),
  ids('aaaaaaa/', 'bbbbbbbb', 'cccccccc'),
  ids(1, 'bbbbbbbb', 'cccccccc'),
  ids('', 'bbbbbbbb', 'cccccccc'),
  ids('aaaaaaa ', 'bbbbbbbb', 'cccccccc'),
  ids('/aaaaaaa', ':aaaaaaa', '@aaaaaaa'),
  ids('aaa:aaaa', 'bbbbbbbb', 'cccccccc'),
  ids('aaa@aaaa', 'bbbbbbbb', 'cccccccc'),
  ids('aaa[aaaa', 'bbbbbbbb', 'cccccccc'),
  ids('aaa`aaaa', 'bbbbbbbb', 'cccccccc'),
  ids('aaa{aaaa', 'bbbbbbbb', 'cccccccc'),
  ids('aaaaaaa\n', 'bbbbbbbb', 'cccccccc'),
  many64(65),
  ...NAMES_BAD.map((name) => ({
    v: [
      [name, 1, 'aaaaaaaa'],
      ['b', 2, 'bbbbbbbb'],
      ['c', 3, 'cccccccc'],
    ],
  })),
];
/** Flags whose variations are at their bounds. */
export const VARIATIONS_GOOD: readonly Fields[] = [
  v1(deep(16, true)),
  v1(deep(16, false)),
  v1({ a: null }),
  v1([null]),
  v1({ constructor: 1, prototype: { toString: 1 } }),
  many64(64),
  many64(1),
  v1({ a: [], b: [[]] }),
  v1(false),
  v1(-0),
  v1(''),
  v1('__proto__'),
  v1({ a: '__proto__' }),
  { v: variations({ a: {}, b: [], c: [1] }) },
  {
    v: [
      ['a', 1, 'aaaaaaaa'],
      ['b', 1, 'bbbbbbbb'],
      ['c', 1, 'cccccccc'],
    ],
  },
  {
    v: [
      ['a', 1, 'aaaaaaaa'],
      ['A', 2, 'AAAAAAAA'],
      ['c', 3, idOf(3)],
    ],
  },
  ids('azAZ09-_', '--------', '________'),
  ...NAMES_GOOD.map((name) => ({
    v: [
      [name, 1, 'aaaaaaaa'],
      ['bb', 2, 'bbbbbbbb'],
      ['cc', 3, 'cccccccc'],
    ],
  })),
];
