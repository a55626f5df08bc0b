import type { VectorEntry } from '../run.ts';
import { createDraft, type Draft, named, type Topic } from './draft.ts';

/** Of a step: that the flag has none, that it lets the unit pass, or that it serves. */
type Stage = 'absent' | 'passes' | 'serves';

const STAGES: readonly Stage[] = ['absent', 'passes', 'serves'];
const STEPS = ['p', 'i', 'h', 'l', 'u'] as const;

const FIELDS: Readonly<Record<(typeof STEPS)[number], Readonly<Record<'passes' | 'serves', unknown>>>> = {
  p: { passes: [['base', ['on']]], serves: [['base', ['off']]] },
  i: { passes: [[2, ['nobody']]], serves: [[2, ['user-1']]] },
  h: { passes: ['quiet', 'h', 0], serves: ['quiet', 'h', 100_000] },
  l: { passes: ['grid', 'l', [0, 100_000]], serves: ['grid', 'l', []] },
  u: { passes: [['r', [['in', 'plan', ['none']]], 3]], serves: [['r', [['in', 'plan', ['gold']]], 3]] },
};

const REASONS = { p: 'DEFAULT', i: 'TARGETING_MATCH', h: 'SPLIT', l: 'SPLIT', u: 'TARGETING_MATCH' };

function stagesOf(number: number): Stage[] {
  return STEPS.map((_, index) => STAGES[Math.floor(number / 3 ** index) % 3] ?? 'absent');
}

function firstReason(stages: readonly Stage[]): string {
  const first = STEPS.find((_, index) => stages[index] === 'serves');
  if (first !== undefined) return REASONS[first];
  return stages.every((stage) => stage === 'absent') ? 'STATIC' : 'DEFAULT';
}

function flagOf(key: string, stages: readonly Stage[]): VectorEntry {
  const fields: Record<string, unknown> = {};
  STEPS.forEach((step, index) => {
    const stage = stages[index] ?? 'absent';
    if (stage !== 'absent') fields[step] = FIELDS[step][stage];
  });
  return { k: key, r: 8, v: named('off', 'fall', 'target', 'rule'), s: 'x', o: 0, d: 1, ...fields, f: 1 };
}

function addCombinations(draft: Draft): void {
  for (let number = 0; number < 3 ** STEPS.length; number++) {
    const stages = stagesOf(number);
    const shown = STEPS.map((step, index) => `${step} ${stages[index]}`).join(', ');
    const key = draft.entry(flagOf(`steps.${String(number).padStart(3, '0')}`, stages));
    draft.add(shown, key, { targetingKey: 'user-1', plan: 'gold' }, { reason: firstReason(stages) });
    draft.add(`${shown}, no key`, key, { plan: 'gold' });
    const disabled = draft.entry({ ...flagOf(`steps.${String(number).padStart(3, '0')}.e`, stages), e: 0 });
    if (number % 3 === 2) draft.add(`${shown}, disabled`, disabled, { targetingKey: 'user-1' }, { reason: 'DISABLED' });
  }
}

function addFallthroughs(draft: Draft): void {
  const fields = { r: 8, s: 'x' };
  const index = draft.entry({ k: 'fall.index', ...fields, f: 1 });
  const split = draft.entry({ k: 'fall.split', ...fields, f: [0, [1, 100_000]] });
  const u = [['r', [['exists', 'plan', []]], [1, [1, 100_000]]]];
  const rule = draft.entry({ k: 'fall.rule', ...fields, u, f: 0 });
  draft.add('an index alone is STATIC', index, {}, { reason: 'STATIC', variation: 'on', value: true });
  draft.add('a split alone is SPLIT', split, {}, { reason: 'SPLIT', variation: 'on' });
  draft.add('a rule with a split is SPLIT', rule, { plan: 1 }, { reason: 'SPLIT', rule: 'r', variation: 'on' });
  draft.add('behind a rule it is DEFAULT', rule, {}, { reason: 'DEFAULT', variation: 'off' });
  draft.add('no flag of that key', 'no-such-flag', {}, { reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND', revision: 0 });
  for (const key of ['', 'Base', 'base ', 'constructor', '__proto__', 'toString', 'hasOwnProperty', '0']) {
    draft.add(
      `no flag of key ${JSON.stringify(key)}`,
      key,
      { targetingKey: 'user-1' },
      { errorCode: 'FLAG_NOT_FOUND' },
    );
  }
}

function addRuleOrder(draft: Draft): void {
  const clause = (value: string) => ['in', 'plan', [value]];
  const u = [
    ['first', [clause('a'), ['in', 'age', [1]]], 1],
    ['second', [clause('a')], 2],
    ['third', [clause('b'), clause('a')], 3],
    ['fourth', [['in', 'plan', ['a', 'b']]], 3],
    ['fifth', [clause('c'), clause('c'), clause('c')], 1],
  ];
  const key = draft.entry({ k: 'rules', r: 9, v: named('off', 'x', 'y', 'z'), u, f: 0 });
  const rules = {
    first: { plan: 'a', age: 1 },
    second: { plan: 'a', age: 2 },
    fourth: { plan: 'b' },
    fifth: { plan: 'c' },
  };
  for (const [rule, context] of Object.entries(rules)) {
    draft.add(`rule ${rule} is the first that matches`, key, context, { rule, reason: 'TARGETING_MATCH' });
  }
  draft.add('one clause of a rule does not hold', key, { age: 1 }, { reason: 'DEFAULT', variation: 'off' });
  draft.add('all clauses of a rule must hold, in a list too', key, { plan: ['b', 'a'] }, { rule: 'second' });
}

/** The nine steps of an evaluation: which comes first, and the reason that it gives. */
export function steps(): Topic {
  const draft = createDraft(
    'Every combination of steps that are absent, let pass or serve: their order, reasons and metadata.',
  );
  draft.entry({ k: 'base', r: 3, f: 1 });
  addCombinations(draft);
  addFallthroughs(draft);
  addRuleOrder(draft);
  return draft.done();
}
