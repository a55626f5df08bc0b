/** What the figures have to reach, and whether they do. */
import { ALPHA, LOOK_SECONDS } from '../null-ramp.ts';
import type { Results } from '../results.ts';
import { comparedCells, HEADLINE, isAhead, PEERS_COMPARED, ratioOf } from './detection-tables.ts';
import { markdownTable, percent, seconds, smallPercent } from './markdown-table.ts';

export interface Outcome {
  readonly target: string;
  readonly found: string;
  readonly met: boolean;
}

const BETA = 0.1;
const MOST_RATIO = 1.5;
const HEADLINE_SECONDS = { median: 90, p95: 180 } as const;

export function outcomesOf(results: Results, quick: boolean): readonly Outcome[] {
  return [...rollbacks(results), gate(results), ...headline(results), ...speed(results, quick)];
}

function rollbacks({ ramps }: Results): Outcome[] {
  const harmless = [...ramps].filter(([name]) => name.includes(', 1x, '));
  const atLimit = [...ramps].filter(([name]) => name.includes(', 1.1x, '));
  const worst = Math.max(...harmless.map(([, { upper }]) => upper));
  const worstAtLimit = Math.max(...atLimit.map(([, { ours, runs }]) => ours / runs));
  return [
    {
      target: `false rollback of a whole ramp: upper 95 % bound at most ${percent(ALPHA)} in every cell`,
      found: `${smallPercent(worst)} in the worst of ${harmless.length}`,
      met: worst <= ALPHA,
    },
    {
      target: `the same of a flag exactly at its limit: at most ${percent(ALPHA)} in every cell`,
      found: `${smallPercent(worstAtLimit)} in the worst of ${atLimit.length}`,
      met: worstAtLimit <= ALPHA,
    },
  ];
}

function gate({ gates }: Results): Outcome {
  const rates = [...gates.values()].map(({ wronglyPassed, runs }) => wronglyPassed / runs);
  const worst = Math.max(...rates);
  return {
    target: `a flag as bad as its stage's bound passes the gate in at most ${percent(BETA)}, delays included`,
    found: `${percent(worst)} in the worst of ${rates.length}`,
    met: worst <= BETA,
  };
}

function headline({ detection }: Results): Outcome[] {
  const figures = detection.get(HEADLINE);
  const median = figures?.medians.ramp ?? Number.POSITIVE_INFINITY;
  const p95 = figures?.p95 ?? Number.POSITIVE_INFINITY;
  const target = '4x the errors at 5 %, 2 %, 50/s';
  return [
    {
      target: `${target}: median at most ${HEADLINE_SECONDS.median} s`,
      found: seconds(median),
      met: median <= HEADLINE_SECONDS.median,
    },
    {
      target: `${target}: p95 at most ${HEADLINE_SECONDS.p95} s`,
      found: seconds(p95),
      met: p95 <= HEADLINE_SECONDS.p95,
    },
  ];
}

function speed(results: Results, quick: boolean): Outcome[] {
  const compared = comparedCells(results, quick);
  const worst = (rule: 'ours' | 'ramp') => Math.max(...compared.map(({ figures }) => ratioOf(figures, rule) ?? 0));
  const ratio = worst('ours');
  return [
    {
      target: `effects of 1.5 and more: at most ${MOST_RATIO}x the median of the informed test`,
      found: `${ratio.toFixed(2)}x in the worst of ${compared.length}; as one stage of five ${worst('ramp').toFixed(2)}x`,
      met: ratio <= MOST_RATIO,
    },
    ...PEERS_COMPARED.map((peer): Outcome => {
      const ahead = compared.filter(({ figures }) => isAhead(figures, peer, LOOK_SECONDS)).length;
      return {
        target: `sooner than ${peer === 'msprt' ? 'the mSPRT' : 'the confidence sequence'}`,
        found: `in ${ahead} of ${compared.length}`,
        met: ahead === compared.length,
      };
    }),
  ];
}

export const targetTable = (outcomes: readonly Outcome[]): string =>
  markdownTable(
    ['target', 'found', 'met'],
    outcomes.map(({ target, found, met }) => [target, found, met ? 'yes' : 'no']),
  );
