import { BLOCKS, FIT, NO_OPERATORS, PATTERNS, TEXT_VALUES, UNSAFE } from './clause-tables.ts';
import { createDraft, type Draft, named, show, type Topic } from './draft.ts';

/** Operators of one family share a list's bounds. */
const LISTED = ['in', 'contains', 'matches', 'lessThan', 'before', 'semverTilde', 'inCidr'];

function check(draft: Draft, clause: unknown, index: { next: number }, context: unknown = { plan: 'a' }): void {
  const u = [
    ['r', [clause], 1],
    ['else', [['exists', 'plan', [], 1]], 2],
  ];
  const key = draft.entry({
    k: `clause.${String(index.next++).padStart(4, '0')}`,
    r: 5,
    v: named('off', 'on', 'third'),
    o: 2,
    d: 0,
    u,
    f: 0,
  });
  draft.add(show(clause), key, context);
}

function addOperators(draft: Draft, index: { next: number }): void {
  for (const [operator, fit] of Object.entries(FIT)) {
    const clause = (values: unknown, ...more: unknown[]) => check(draft, [operator, 'plan', values, ...more], index);
    clause(fit);
    clause(undefined === fit[0] ? ['a'] : []);
    for (const values of [null, 'a', 1, {}]) clause(values);
    for (const value of TEXT_VALUES) clause([...fit, value]);
    for (const value of ['1', '1.2.3', '2026-11-23T08:00:00Z', '10.0.0.1', 0, -1.5, 1e308, false]) clause([value]);
    for (const bits of [-1, 0, 1, 2, 3, 4, 0.5, '1', null, true, []]) clause(fit, bits);
    clause(fit, 0, 'account');
    for (const kind of ['user', null, 1, '', 'A', 'k'.repeat(33), 'constructor']) clause(fit, 0, kind);
    clause(fit, 0, 'account', 0);
    check(draft, [operator], index);
    check(draft, [operator, 'plan'], index);
    if (!LISTED.includes(operator)) continue;
    clause(Array(1_000).fill(fit[0]));
    clause(Array(1_001).fill(fit[0]));
  }
}

function addPaths(draft: Draft, index: { next: number }): void {
  const paths: readonly unknown[] = [
    '',
    'n'.repeat(128),
    'n'.repeat(129),
    [],
    [''],
    ['a'],
    Array(8).fill('a'),
    Array(9).fill('a'),
    1,
    null,
    {},
    [1],
    ['a', null],
    [['a']],
    ['a', 'n'.repeat(129)],
    ['a', 'n'.repeat(128)],
    'user',
    'Constructor',
    '__proto',
    '\u0000',
  ];
  for (const path of paths) check(draft, ['exists', path, []], index);
  for (const name of UNSAFE) {
    check(draft, ['exists', name, []], index);
    check(draft, ['exists', ['plan', name], []], index);
    check(draft, ['in', [name, 'plan'], ['a'], 0, 'account'], index);
  }
}

function addSegments(draft: Draft, index: { next: number }): void {
  draft.entry({ k: 'segment:s', r: 1, i: ['user-1'] });
  const clauses: readonly unknown[] = [
    ['segment'],
    ['segment', []],
    ['segment', 's'],
    ['segment', ['s']],
    ['segment', ['s'], 0],
    ['segment', ['s'], 1],
    ['segment', ['s'], 2],
    ['segment', ['s'], 3],
    ['segment', ['s'], 4],
    ['segment', ['s'], -1],
    ['segment', ['s'], null],
    ['segment', ['s'], '1'],
    ['segment', ['s'], 0.5],
    ['segment', ['s'], 0, 'account'],
    ['segment', 'plan', ['s']],
    ['segment', ['s', 's']],
    ['segment', ['s', 'nothing']],
    ['segment', ['nothing']],
    ['segment', ['segment:s']],
    ['segment', ['']],
    ['segment', [1]],
    ['segment', [null]],
    ['segment', ['constructor']],
    ['segment', { 0: 's' }],
  ];
  for (const clause of clauses) {
    check(draft, clause, index, { targetingKey: 'user-1' });
    check(draft, clause, index, { targetingKey: 'user-2', plan: 1 });
  }
}

/** Clauses that break section 2.3 or 6. */
export function refusedClauses(): Topic {
  const draft = createDraft('Clauses with a part out of bounds, and the same part at its bound.');
  const index = { next: 0 };
  addOperators(draft, index);
  addPaths(draft, index);
  addSegments(draft, index);
  for (const operator of NO_OPERATORS) check(draft, [operator, 'plan', ['a']], index);
  for (const clause of [null, 'in', {}, [], ['in', 'plan', ['a']], { 0: 'in', 1: 'plan', 2: ['a'], length: 3 }])
    check(draft, clause, index);
  for (const pattern of PATTERNS) for (const bits of [0, 2]) check(draft, ['matches', 'plan', [pattern], bits], index);
  for (const block of BLOCKS) check(draft, ['inCidr', 'plan', [block]], index, { plan: '10.0.0.0' });
  return draft.done();
}
