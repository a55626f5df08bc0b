import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContext, type Place } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import { explain, type Step } from '#core/explain';
import { readLines } from '#ruleset/reader';
import { readerOf } from '../fixtures/lines.ts';
import { compiledMarketplace } from '../fixtures/marketplace.ts';

const compiled = compiledMarketplace();
const reader = readLines(compiled.lines, 1);

const HELD_OUT = Array.from({ length: 500 }, (_, at) => `user-${at}`).filter(
  (targetingKey) => evaluate(reader, 'pricing.dynamicMarkup', createContext({ targetingKey })).metadata?.['holdout'],
);

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const ATTRIBUTES = fc.record(
  {
    targetingKey: fc.oneof(
      fc.constantFrom('qa-fares-1', 'qa-fares-control', 'user-0007', 'user-0013', 'qa-pay-1'),
      fc.constantFrom(...HELD_OUT),
      fc.integer({ min: 0, max: 5_000 }).map((at) => `user-${at}`),
    ),
    email: fc.constantFrom('a@marketplace.example', 'A@MARKETPLACE.EXAMPLE', 'a@b.example'),
    emailVerified: fc.boolean(),
    country: fc.constantFrom('US', 'DE', 'SG', 'JP'),
    currency: fc.constantFrom('JPY', 'EUR'),
    plan: fc.constantFrom('gold', 'free'),
    ip: fc.constantFrom('192.0.2.7', '10.1.2.3', '2001:db8::1', 'no address'),
    userAgent: fc.constantFrom('curl/8.0', 'HeadlessChrome', 'Mozilla/5.0'),
    departure: fc.constantFrom('2026-12-24T00:00:00Z', '2026-06-01T00:00:00Z'),
    platform: fc.constantFrom('ios', 'web'),
    appVersion: fc.constantFrom('5.1.0', '5.4.2', '6.0.0-beta.3', 'nightly'),
    storedCards: fc.integer({ min: 0, max: 2 }),
    account: fc.constantFrom<unknown>('acme', 'wonka', { targetingKey: 'acme-test', seats: 300 }, { seats: 3 }),
    device: fc.constantFrom<unknown>('d-1', { targetingKey: 'd-2', screenWidth: 400, form: 'tablet', memoryGb: 16 }),
    bookings: fc.record({ count: fc.constantFrom(3, 30), cancelled: fc.constantFrom(0, 5) }),
    betaProgramme: fc.boolean(),
  },
  { requiredKeys: [] },
);

const PLACE: fc.Arbitrary<Place | undefined> = maybe(
  fc.record({
    region: fc.constantFrom('asia-southeast1', 'us-east-1'),
    cloud: fc.constantFrom('azure', 'aws'),
    pop: fc.constantFrom('sin', 'iad'),
  }),
);

/** Whether the last step says what the decision does. */
function agrees({ step, name, outcome }: Step, decision: Decision): boolean {
  const { variation, reason, rule, metadata } = decision;
  switch (step) {
    case 'rule':
      return (
        name === rule && outcome.endsWith(`serves ${variation}`) && (reason === 'SPLIT' || reason === 'TARGETING_MATCH')
      );
    case 'fallthrough':
      return (
        rule === undefined && (outcome.endsWith(`serves ${variation}`) || outcome.endsWith(`the rest, ${variation}`))
      );
    case 'target':
      return rule === undefined && reason === 'TARGETING_MATCH';
    case 'prerequisite':
      return metadata?.['prerequisiteFailed'] === name && outcome.endsWith('off variation');
    case 'holdout':
      return metadata?.['holdout'] === name;
    case 'layer':
      return metadata?.['layer'] === name && outcome.endsWith('off variation');
    case 'flag':
      return reason === 'STATIC' || reason === 'DISABLED';
    default:
      return step satisfies never;
  }
}

it('the last step tells the decision, and no other step ends', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(ATTRIBUTES, PLACE, (attributes, place) => {
      for (const key of reader.flagKeys()) {
        const decision = evaluate(reader, key, createContext(attributes, place));
        const steps = explain(reader, key, createContext(attributes, place));
        const last = steps.at(-1) as Step;
        seen.add(last.step);
        expect(agrees(last, decision), `${key}: ${JSON.stringify([last, decision])}`).toBe(true);
        expect(steps.map(({ ends }) => ends)).toEqual(steps.map((_, at) => at === steps.length - 1));
      }
    }),
    { seed: 1, numRuns: 300 },
  );
  expect([...seen].sort()).toEqual(['fallthrough', 'flag', 'holdout', 'layer', 'prerequisite', 'rule', 'target']);
});

it('a rule that ends has only clauses that hold; one that does not match has one that does not', () => {
  fc.assert(
    fc.property(ATTRIBUTES, (attributes) => {
      for (const key of reader.flagKeys()) {
        for (const { step, ends, outcome, clauses = [] } of explain(reader, key, createContext(attributes))) {
          if (step !== 'rule') continue;
          const all = clauses.every(Boolean);
          expect(all).toBe(ends || outcome.includes('skipped'));
        }
      }
    }),
    { seed: 2, numRuns: 100 },
  );
});

it('tells of a flag that is not there or cannot be evaluated', () => {
  const broken = readerOf([{ k: 'broken', r: 1, f: 9 }]);
  const outcomes = ['broken', 'missing'].map((key) =>
    explain(broken, key, createContext({})).map(({ outcome }) => outcome),
  );
  expect(outcomes).toEqual([['cannot be evaluated: PARSE_ERROR'], ['cannot be evaluated: FLAG_NOT_FOUND']]);
});

it('B21: explains what was decided although a clause that nobody asked about cannot be read', () => {
  const rules = [
    [
      'r',
      [
        ['exists', 'absent', []],
        ['exists', 'plan', []],
      ],
      1,
    ],
  ];
  const one = readerOf([{ k: 'flag', r: 1, u: rules, f: 0 }]);
  const attributes = Object.defineProperty({}, 'plan', {
    get: () => {
      throw new Error('cannot be read');
    },
  });
  expect(evaluate(one, 'flag', createContext(attributes)).reason).toBe('DEFAULT');
  expect(explain(one, 'flag', createContext(attributes)).at(-1)?.outcome).toBe('serves off');
});
