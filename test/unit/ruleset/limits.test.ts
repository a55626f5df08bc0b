import { describe, expect, it } from 'vitest';
import * as limit from '#schema/limits';
import { booleanFlag, mistakesIn, segment } from '../fixtures/authored.ts';
import { type RawEntry, readerOf } from '../fixtures/lines.ts';

const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const key = (length: number): string => 'k'.repeat(length);
const unit = (at: number): string => `unit-${at}`;

const flag = (fields: object): unknown => ({ flags: { 'a.flag': { ...booleanFlag(), ...fields } } });
const when = (clause: object): unknown => flag({ rules: [{ id: 'r', when: [clause], serve: 'on' }] });
const raw = (fields: object): RawEntry => ({ k: 'a.flag', r: 1, f: 0, ...fields });
const rawClause = (...clause: unknown[]): RawEntry => raw({ u: [['r', [clause], 1]] });

const EXISTS = { attribute: 'a', op: 'exists' };
const RAW_EXISTS = ['exists', 'a', []];
const id8 = (at: number): string => String(at).padStart(8, '0');

/** What is bounded: the bound, and how a writer and a reader see something of a size. */
interface Bound {
  readonly bound: number;
  readonly authored: (size: number) => unknown;
  readonly entries: (size: number) => RawEntry[];
}

const BOUNDS: Readonly<Record<string, Bound>> = {
  'the length of a flag key': {
    bound: limit.MAX_KEY,
    authored: (size) => ({ flags: { [key(size)]: booleanFlag() } }),
    entries: (size) => [{ k: key(size), r: 1, f: 0 }],
  },
  'the length of a segment name': {
    bound: limit.MAX_NAME,
    authored: (size) => ({ segments: { [key(size)]: segment() } }),
    entries: (size) => [{ k: `segment:${key(size)}`, r: 1 }],
  },
  'the length of a salt': {
    bound: limit.MAX_SALT,
    authored: (size) => flag({ salt: key(size) }),
    entries: (size) => [raw({ s: key(size) })],
  },
  'the length of a kind': {
    bound: limit.MAX_KIND,
    authored: (size) => when({ ...EXISTS, kind: key(size) }),
    entries: (size) => [rawClause('exists', 'a', [], 0, key(size))],
  },
  'the length of a rule id': {
    bound: limit.MAX_NAME,
    authored: (size) => flag({ rules: [{ id: key(size), when: [EXISTS], serve: 'on' }] }),
    entries: (size) => [raw({ u: [[key(size), [RAW_EXISTS], 1]] })],
  },
  'the number of variations': {
    bound: limit.MAX_VARIATIONS,
    authored: (size) =>
      flag({
        type: 'number',
        variations: Object.fromEntries(times(size, (at) => [`v${at}`, at])),
        off: 'v0',
        fallthrough: { serve: 'v0' },
      }),
    entries: (size) => [raw({ v: times(size, (at) => [`v${at}`, at, id8(at)]) })],
  },
  'the number of prerequisites': {
    bound: limit.MAX_PREREQUISITES,
    authored: (size) => ({
      flags: {
        b: booleanFlag({ salt: 'b' }),
        a: booleanFlag({ prerequisites: times(size, () => ({ flag: 'b', variations: ['on'] })) }),
      },
    }),
    entries: (size) => [{ k: 'b', r: 1, f: 0 }, raw({ p: times(size, () => ['b', ['on']]) })],
  },
  'the number of rules': {
    bound: limit.MAX_RULES,
    authored: (size) => flag({ rules: times(size, (at) => ({ id: `r${at}`, when: [EXISTS], serve: 'on' })) }),
    entries: (size) => [raw({ u: times(size, (at) => [`r${at}`, [RAW_EXISTS], 1]) })],
  },
  'the number of rules of a segment': {
    bound: limit.MAX_RULES,
    authored: (size) => ({ segments: { s: { ...segment(), rules: times(size, () => ({ when: [EXISTS] })) } } }),
    entries: (size) => [{ k: 'segment:s', r: 1, u: times(size, () => [RAW_EXISTS]) }],
  },
  'the number of clauses': {
    bound: limit.MAX_CLAUSES,
    authored: (size) => flag({ rules: [{ id: 'r', when: times(size, () => EXISTS), serve: 'on' }] }),
    entries: (size) => [raw({ u: [['r', times(size, () => RAW_EXISTS), 1]] })],
  },
  'the number of values': {
    bound: limit.MAX_CLAUSE_VALUES,
    authored: (size) => when({ attribute: 'a', op: 'in', values: times(size, unit) }),
    entries: (size) => [rawClause('in', 'a', times(size, unit))],
  },
  'the length of a value': {
    bound: limit.MAX_CLAUSE_TEXT,
    authored: (size) => when({ attribute: 'a', op: 'in', values: [key(size)] }),
    entries: (size) => [rawClause('in', 'a', [key(size)])],
  },
  'the length of a pattern': {
    bound: 256,
    authored: (size) => when({ attribute: 'a', op: 'matches', values: [`^${key(size - 1)}`] }),
    entries: (size) => [rawClause('matches', 'a', [`^${key(size - 1)}`])],
  },
  'the length of a path': {
    bound: limit.MAX_PATH,
    authored: (size) => when({ ...EXISTS, attribute: times(size, unit) }),
    entries: (size) => [rawClause('exists', times(size, unit), [])],
  },
  'the length of an attribute name': {
    bound: limit.MAX_PATH_NAME,
    authored: (size) => when({ ...EXISTS, attribute: key(size) }),
    entries: (size) => [rawClause('exists', key(size), [])],
  },
  'the number of lists of targets': {
    bound: limit.MAX_TARGETS,
    authored: (size) => flag({ targets: times(size, (at) => ({ variation: 'on', keys: [unit(at)] })) }),
    entries: (size) => [raw({ i: times(size, (at) => [1, [unit(at)]]) })],
  },
  'the number of targets in a list': {
    bound: limit.MAX_TARGET_KEYS,
    authored: (size) => flag({ targets: [{ variation: 'on', keys: times(size, unit) }] }),
    entries: (size) => [raw({ i: [[1, times(size, unit)]] })],
  },
  'the length of a target': {
    bound: limit.MAX_MEMBER,
    authored: (size) => flag({ targets: [{ variation: 'on', keys: [key(size)] }] }),
    entries: (size) => [raw({ i: [[1, [key(size)]]] })],
  },
  'the number of members': {
    bound: limit.MAX_MEMBERS,
    authored: (size) => ({ segments: { s: { ...segment(), included: times(size, unit) } } }),
    entries: (size) => [{ k: 'segment:s', r: 1, i: times(size, unit) }],
  },
  'the length of a member': {
    bound: limit.MAX_MEMBER,
    authored: (size) => ({ segments: { s: { ...segment(), excluded: [key(size)] } } }),
    entries: (size) => [{ k: 'segment:s', r: 1, x: [key(size)] }],
  },
};

describe('given a bound', () => {
  for (const [name, { bound, authored, entries }] of Object.entries(BOUNDS)) {
    it(`R4: writer and reader agree on ${name}: ${bound} is taken, ${bound + 1} is refused`, () => {
      expect(mistakesIn(authored(bound))).toEqual([]);
      expect(readerOf(entries(bound)).faults()).toEqual([]);
      expect(mistakesIn(authored(bound + 1))).not.toEqual([]);
      expect(readerOf(entries(bound + 1)).faults()).toHaveLength(1);
    });
  }

  it('R4: lists of what is optional may be left out but not be empty in a line', () => {
    for (const field of ['v', 'p', 'i', 'u']) expect(readerOf([raw({ [field]: [] })]).faults(), field).toHaveLength(1);
    for (const field of ['i', 'x', 'u'])
      expect(readerOf([{ k: 'segment:s', r: 1, [field]: [] }]).faults(), field).toHaveLength(1);
  });
});
