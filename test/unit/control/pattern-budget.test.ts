/** Patterns that take long to prove do not hold anybody else up: those of one change share a time. */
import { describe, expect, it } from 'vitest';
import { MAX_NEW_PATTERNS, patternRefusal } from '#control/pattern-budget';
import { patternFault } from '#ruleset/write/patterns';
import { segment } from '../fixtures/authored.ts';
import { ask, attempt, organisation, put, refusalOf, restore } from './fixtures/organisation.ts';
import { editor } from './fixtures/people.ts';

const matching = (patterns: readonly string[], ignoreCase = false): object =>
  segment({ rules: [{ when: [{ attribute: 'agent', op: 'matches', values: [...patterns], ignoreCase }] }] });

const slow = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, nth) => `.*a.{15}b${from + nth}`);

const path = (at: number) => ['segments', 'fresh', 'rules', 0, 'when', 0, 'values', at];

const UNPROVEN = expect.stringMatching(/cannot be proven .*divide the change, or simplify/);

describe('the patterns of a change', () => {
  const state = organisation();
  const order = (patterns: readonly string[]) => ask([put('segment', 'fresh', 0, matching(patterns))]);

  it('B22: that take long are refused together in little more than the time of one', () => {
    const began = performance.now();
    const refusal = refusalOf(state, order(slow(0, 12)), editor);
    // 60 s, where each has its own time.
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(refusal).toMatchObject({
      code: 'invalid',
      environment: 'production',
      issues: slow(0, 12).map((_, at) => ({ path: path(at), message: UNPROVEN })),
    });
  });

  it('B22: that are quick are taken beside one that is not, which alone is named', () => {
    const quick = ['^a-[0-9]{2}$', '^b-[0-9]{2}$'];
    const refusal = refusalOf(state, order([...quick, ...slow(20, 1)]), editor);
    expect(refusal).toMatchObject({ issues: [{ path: path(2), message: UNPROVEN }] });
    expect(attempt(state, order(quick), editor)).toMatchObject({ ok: true });
  });

  it('B22: are so many at most, without those that are known', () => {
    const many = Array.from({ length: MAX_NEW_PATTERNS + 1 }, (_, nth) => `^many-${nth}$`);
    expect(refusalOf(state, order(many), editor)).toMatchObject({
      code: 'invalid',
      issues: [{ path: path(MAX_NEW_PATTERNS), message: expect.stringContaining('divide the change') }],
    });
    patternFault('^many-0$', false);
    expect(attempt(state, order(many), editor)).toMatchObject({ ok: true });
  });

  it('B22: count when they come out of the archive', () => {
    const archived = put('segment', 'fresh', 0, matching(slow(40, 1)), { archived: true });
    expect(patternRefusal(state, [archived])).toMatchObject({ issues: [{ path: path(0) }] });
    expect(patternRefusal(state, [restore('segment', 'fresh', 1)])).toBeUndefined();
    const back = restore('segment', 'fresh', 1, { body: matching(slow(41, 1)) });
    expect(patternRefusal(state, [back])).toMatchObject({ issues: [{ path: path(0) }] });
  });
});
