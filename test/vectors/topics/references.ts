import { createDraft, type Draft, type Topic, type Want } from './draft.ts';

const CONTEXT = { targetingKey: 'user-1', plan: 'gold' };
const REFUSED: Want = { reason: 'ERROR', errorCode: 'PARSE_ERROR', variation: 'off', revision: 9 };
const segment = (...names: string[]) => ['segment', names];
const flag = (k: string, fields: Readonly<Record<string, unknown>>) => ({ k, r: 9, d: 0, ...fields, f: 1 });
const on = (name: string) => [name, ['on']];
const within = (...clauses: unknown[]) => ({ u: [['r', clauses, 1]] });

function addHeights(draft: Draft): void {
  draft.entry({ k: 'segment:h1', r: 1, i: ['user-1'] });
  for (let height = 2; height <= 10; height++) {
    draft.entry({ k: `segment:h${height}`, r: 1, u: [[segment(`h${height - 1}`)]] });
  }
  for (let height = 1; height <= 10; height++) {
    const key = draft.entry(flag(`over.h${height}`, within(segment(`h${height}`))));
    draft.add(
      `a flag of height ${height + 1} over segments`,
      key,
      CONTEXT,
      height + 1 > 8 ? REFUSED : { variation: 'on' },
    );
  }
  draft.entry(flag('f1', {}));
  for (let height = 2; height <= 11; height++) {
    const key = draft.entry(flag(`f${height}`, { p: [on(`f${height - 1}`)] }));
    draft.add(`a flag of height ${height} over flags`, key, CONTEXT, height > 8 ? REFUSED : { variation: 'on' });
  }
  for (const [low, high] of [
    [3, 3],
    [6, 1],
    [7, 1],
    [1, 7],
    [1, 8],
    [7, 7],
    [8, 1],
  ] as const) {
    const key = draft.entry(flag(`both.${low}.${high}`, { p: [on(`f${low}`)], ...within(segment(`h${high}`)) }));
    draft.add(
      `over a flag of ${low} and a segment of ${high}`,
      key,
      CONTEXT,
      Math.max(low, high) > 7 ? REFUSED : { variation: 'on' },
    );
  }
  draft.entry(flag('mix1', within(segment('h3'))));
  draft.entry(flag('mix2', { p: [on('mix1')], ...within(segment('h1')) }));
  for (let height = 6; height <= 9; height++) {
    const key = draft.entry(flag(`mix${height}`, { p: [on(height === 6 ? 'mix2' : `mix${height - 1}`)] }));
    draft.add(`flags over segments, height ${height}`, key, CONTEXT, height > 8 ? REFUSED : {});
  }
}

function addCycles(draft: Draft): void {
  const cycles: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    self: { p: [on('self')] },
    a1: { p: [on('a2')] },
    a2: { p: [on('a1')] },
    b1: { p: [on('b2')] },
    b2: { p: [on('f1'), on('b3')] },
    b3: { p: [on('b1')] },
    outside: { p: [on('b2')] },
    'outside.disabled': { p: [on('self')], e: 0 },
    seg: within(segment('loop')),
    seg2: within(segment('loop1')),
    seg3: within(['segment', ['h1', 'loop2'], 1]),
    farther: { p: [on('outside')] },
    'by.second': { p: [on('f1'), on('outside')] },
    'by.rule': {
      u: [
        ['a', [['exists', 'plan', []]], 1],
        ['b', [['exists', 'plan', []], segment('loop')], 1],
      ],
    },
  };
  draft.entry({ k: 'segment:loop', r: 1, i: ['user-1'], u: [[segment('loop')]] });
  draft.entry({ k: 'segment:loop1', r: 1, i: ['user-1'], u: [[segment('loop2')]] });
  draft.entry({
    k: 'segment:loop2',
    r: 1,
    i: ['user-1'],
    u: [[['exists', 'a', []]], [segment('h1'), segment('loop1')]],
  });
  for (const [key, fields] of Object.entries(cycles)) {
    draft.entry(flag(key, fields));
    draft.add(`${key} is or reaches a cycle`, key, CONTEXT, REFUSED);
  }
  for (const [key, p] of [
    ['d1', []],
    ['d2', ['d1']],
    ['d3', ['d1', 'd2']],
    ['d4', ['d3', 'd2', 'd1', 'd3']],
  ] as const) {
    draft.entry(flag(key, p.length === 0 ? {} : { p: p.map(on) }));
    draft.add(`${key} is reached by several ways, no cycle`, key, CONTEXT, { variation: 'on' });
  }
}

function addMissing(draft: Draft): void {
  draft.entry(flag('bad', { c: 7 }));
  draft.entry({ k: 'segment:bad', r: 1, i: [] });
  draft.entry({ k: 'segment:sound', r: 1, i: ['user-1'] });
  const flags: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'no.flag': { p: [on('nothing')] },
    'no.segment': within(segment('nothing')),
    'no.segment.later': {
      u: [
        ['a', [['exists', 'plan', []]], 1],
        [
          'b',
          [
            ['exists', 'plan', []],
            ['segment', ['sound', 'nothing'], 1],
          ],
          1,
        ],
      ],
    },
    'bad.flag': { p: [on('bad')] },
    'bad.segment': within(segment('sound', 'bad')),
    'bad.disabled': { e: 0, p: [on('bad')] },
    'flag.as.segment': within(segment('f1')),
    'bad.far': { p: [on('bad.flag')] },
    'bad.beside': { p: [on('f1'), on('bad.segment')] },
  };
  for (const [key, fields] of Object.entries(flags)) {
    draft.entry(flag(key, fields));
    draft.add(`${key}: a reference to nothing, or to what is refused`, key, CONTEXT, REFUSED);
  }
}

function addWeights(draft: Draft): void {
  const repeat = (name: string, times: number) => segment(...Array<string>(times).fill(name));
  draft.entry({ k: 'segment:w10', r: 1, u: [[repeat('h1', 9)]] });
  draft.entry({ k: 'segment:w11', r: 1, u: [[repeat('h1', 4)], [repeat('h1', 6)]] });
  draft.entry({ k: 'segment:w1000', r: 1, u: [[repeat('h1', 999)]] });
  draft.entry({ k: 'segment:w1001', r: 1, u: [[repeat('h1', 1_000)]] });
  const weighed: Readonly<Record<string, readonly [number, Readonly<Record<string, unknown>>]>> = {
    'w.999': [1_000, within(repeat('h1', 999))],
    'w.1000': [1_001, within(repeat('h1', 1_000))],
    'w.split': [1_000, within(repeat('h1', 500), repeat('h1', 499))],
    'w.split.more': [1_001, within(repeat('h1', 500), repeat('h1', 500))],
    'w.tens': [1_000, within(repeat('w10', 99), repeat('h1', 9))],
    'w.tens.more': [1_001, within(repeat('w10', 100))],
    'w.elevens': [1_000, within(repeat('w11', 90), repeat('h1', 9))],
    'w.elevens.more': [1_001, within(repeat('w11', 90), repeat('w10', 1))],
    'w.flags': [1_000, { p: [on('w.base'), on('w.base')], ...within(repeat('h1', 397)) }],
    'w.flags.more': [1_001, { p: [on('w.base'), on('w.base')], ...within(repeat('h1', 398)) }],
    'w.over': [1_001, within(segment('w1000'))],
    'w.over.more': [1_002, within(segment('w1001'))],
    'w.rules': [
      1_000,
      {
        u: [
          ['a', [['exists', 'none', []], repeat('h1', 333)], 1],
          ['b', [repeat('h1', 666)], 1],
        ],
      },
    ],
    'w.rules.more': [
      1_001,
      {
        u: [
          ['a', [['exists', 'none', []], repeat('h1', 334)], 1],
          ['b', [repeat('h1', 666)], 1],
        ],
      },
    ],
  };
  draft.entry(flag('w.base', within(repeat('h1', 300))));
  for (const [key, [weight, fields]] of Object.entries(weighed)) {
    draft.entry(flag(key, fields));
    draft.add(`${key} weighs ${weight}`, key, CONTEXT, weight > 1_000 ? REFUSED : { variation: 'on' });
  }
}

/** References between entries. */
export function references(): Topic {
  const draft = createDraft('References: heights to 8, weights to 1,000, cycles, and what is missing or refused.');
  addHeights(draft);
  addCycles(draft);
  addMissing(draft);
  addWeights(draft);
  return draft.done();
}
