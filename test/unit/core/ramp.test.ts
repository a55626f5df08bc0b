import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { readLines } from '#ruleset/reader';
import { type Compiled, compile } from '#ruleset/write/compile';
import { authored } from '#schema/authored';
import { compileOk, type FlagInput, rampFlag, textFlag } from '../fixtures/authored.ts';

const USERS = Array.from({ length: 2_000 }, (_, at) => `user-${at}`);

const served = (compiled: Pick<Compiled, 'lines'>, key = 'a.flag'): (string | undefined)[] => {
  const reader = readLines(compiled.lines, 1_000);
  return USERS.map((targetingKey) => evaluate(reader, key, createContext({ targetingKey })).variation);
};

const onAmong = (variations: readonly (string | undefined)[]): Set<number> =>
  new Set(variations.flatMap((variation, at) => (variation === 'on' ? [at] : [])));

function ramp(percents: readonly number[], fields: Partial<FlagInput> = {}): Compiled[] {
  const steps: Compiled[] = [];
  percents.forEach((percent, at) => {
    steps.push(compileOk({ flags: { 'a.flag': rampFlag(percent, fields) } }, steps.at(-1)?.entries, at + 1));
  });
  return steps;
}

const PERCENT = fc.integer({ min: 0, max: 100_000 }).map((thousandths) => thousandths / 1_000);

it('I2: growing a ramp never removes anyone', () => {
  fc.assert(
    fc.property(fc.array(PERCENT, { minLength: 2, maxLength: 6 }), (percents) => {
      const cohorts = ramp([...percents].sort((a, b) => a - b)).map((step) => onAmong(served(step)));
      for (let at = 1; at < cohorts.length; at++) {
        const after = cohorts[at] as Set<number>;
        expect([...(cohorts[at - 1] as Set<number>)].filter((user) => !after.has(user))).toEqual([]);
      }
    }),
    { seed: 1, numRuns: 30 },
  );
});

it('I2: 1, 5, 25, 50, 100 % each hold about as many as they say, and all whom the stage before held', () => {
  const cohorts = ramp([1, 5, 25, 50, 100]).map((step) => onAmong(served(step)).size);
  expect(cohorts.at(-1)).toBe(2_000);
  [1, 5, 25, 50].forEach((percent, at) => {
    const expected = percent * 20;
    expect(Math.abs((cohorts[at] as number) - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });
});

it('I2: rollback and re-ramp give the same cohort again', () => {
  fc.assert(
    fc.property(PERCENT, fc.array(PERCENT, { maxLength: 4 }), (percent, detour) => {
      const steps = ramp([percent, ...detour, percent]);
      expect(served(steps.at(-1) as Compiled)).toEqual(served(steps[0] as Compiled));
    }),
    { seed: 2, numRuns: 30 },
  );
});

it('I2: re-ramping a flag that was compiled anew gives the same cohort', () => {
  const [fresh] = ramp([25]) as [Compiled];
  expect(served(ramp([5, 60, 0, 25]).at(-1) as Compiled)).toEqual(served(fresh));
});

it('I2: growing one variation of several moves nobody who is in another, and none of its own', () => {
  const weights = fc.record({ b: fc.integer({ min: 0, max: 40 }), c: fc.integer({ min: 0, max: 40 }) });
  const flag = (now: { readonly b: number; readonly c: number }): FlagInput =>
    textFlag(['a', 'b', 'c'], { fallthrough: { split: { rest: 'a', weights: now } } });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 20 }), (before, growth) => {
      const first = compileOk({ flags: { 'a.flag': flag(before) } });
      const grown = { ...before, b: before.b + growth };
      const second = compileOk({ flags: { 'a.flag': flag(grown) } }, first.entries, 2);
      const was = served(first);
      served(second).forEach((variation, at) => {
        if (was[at] !== 'a') expect(variation).toBe(was[at]);
      });
    }),
    { seed: 3, numRuns: 30 },
  );
});

it('I2: renaming or adding a rule leaves the cohort of the fallthrough as it is', () => {
  const [first] = ramp([20]) as [Compiled];
  const rules: FlagInput['rules'] = [{ id: 'new', when: [{ attribute: 'plan', op: 'exists' }], serve: 'on' }];
  const next = compile(authored.parse({ flags: { 'a.flag': rampFlag(20, { rules }) } }), first.entries, 2);
  expect(next.ok && served(next.value)).toEqual(served(first));
});
