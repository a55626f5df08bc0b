import { many } from './refused-names.ts';

/** A clause that holds where there is a plan. */
export const C = ['exists', 'plan', []];
const rules = (count: number) => Array.from({ length: count }, (_, index) => [`r${index}`, [C], 0]);

/** No lists of targets. */
export const TARGETS_BAD: readonly unknown[] = [
  [],
  [[]],
  [[1]],
  [[1, []]],
  [[1, ['a'], 'account', 1]],
  [[3, ['a']]],
  [[-1, ['a']]],
  [[0.5, ['a']]],
  [['1', ['a']]],
  [[1, 'a']],
  [[1, [1]]],
  [[1, ['']]],
  [[1, ['k'.repeat(257)]]],
  [[1, [null]]],
  [[1, ['a'], null]],
  [[1, { 0: 'a' }]],
  [1, ['a']],
  many(65, 't').map((key) => [1, [key]]),
  [
    [1, ['a']],
    [1, ['']],
  ],
  {},
  [[1, ['a', 'b', '']]],
];
/** Lists of targets at their bounds. */
export const TARGETS_GOOD: readonly unknown[] = [
  [[1, ['k'.repeat(256)]]],
  many(64, 't').map((key) => [1, [key]]),
  [[2, ['user-1', 'user-1']]],
  [
    [2, ['a'], 'account'],
    [2, ['user-1']],
  ],
  [[-0, ['user-1']]],
];
/** No lists of prerequisites. */
export const PREREQUISITES_BAD: readonly unknown[] = [
  [],
  [[]],
  [['accepted.000']],
  [['accepted.000', []]],
  [['accepted.000', ['on'], 1]],
  [['accepted.000', 'on']],
  [['accepted.000', [1]]],
  [['accepted.000', [null]]],
  [[1, ['on']]],
  [[null, ['on']]],
  [['nothing', ['on']]],
  [['1', ['on']]],
  [['constructor', ['on']]],
  [['segment:a', ['on']]],
  [['accepted.000', many(65)]],
  many(17).map(() => ['accepted.000', ['on']]),
  ['accepted.000', ['on']],
  {},
  [
    ['accepted.000', ['on']],
    ['nothing', ['on']],
  ],
  [['accepted.000', ['on', '']]],
];
/** Lists of prerequisites at their bounds. */
export const PREREQUISITES_GOOD: readonly unknown[] = [
  [['accepted.000', ['on']]],
  [['accepted.000', ['on', 'on']]],
  [['accepted.000', many(63).concat('on')]],
  many(16).map(() => ['accepted.000', ['on']]),
];
/** No lists of rules. */
export const RULES_BAD: readonly unknown[] = [
  [],
  [[]],
  [['r', [C]]],
  [['r', [C], 0, 0]],
  [['r', [], 0]],
  [['r', C, 0]],
  [['r', [C], 3]],
  [['r', [C], -1]],
  [['r', [C], '0']],
  [['r', [C], null]],
  [['r', [C], 0.5]],
  [['r', [C], true]],
  [['r', [C], {}]],
  [['r', Array(33).fill(C), 0]],
  rules(101),
  [
    ['r', [C], 0],
    ['r', [C], 1],
  ],
  [
    ['a', [C], 0],
    ['r', [C], 0],
    ['a', [C], 1],
  ],
  ['r', [C], 0],
  [['r', [[]], 0]],
  [['r', [null], 0]],
  [['r', ['exists'], 0]],
  {},
  [null],
];
/** Lists of rules at their bounds. */
export const RULES_GOOD: readonly unknown[] = [
  [['r', Array(32).fill(C), 0]],
  rules(100),
  [
    ['r', [C], 2],
    ['R', [C], 0],
  ],
];
