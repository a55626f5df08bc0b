/** What distribution's figures have to reach. */
import type { Outcome } from '../report/targets.ts';
import type { DistributionCase } from './cases.ts';
import type { DistributionFigures, DistributionRow } from './measure.ts';

const MOST_MOVE_MS = 500;
const MOST_RETURN_MS = 250;
const MOST_DELTA_BYTES = 2_048;
/** On top of what a bare process takes. */
const MOST_START_MS = 50;

/** None where the run has not measured it. */
export function distributionOutcomes(figures: DistributionFigures | undefined): readonly Outcome[] {
  if (figures === undefined) return [];
  const ms = (name: DistributionCase, subject: DistributionRow['subject'] = 'lockstep'): number =>
    rowOf(figures, name, subject) / 1e6;
  return [
    below('distribution-move-p99: every SDK has a move in less', ms('distribution-move-p99'), MOST_MOVE_MS, 'ms'),
    below('distribution-return-p99: and a return', ms('distribution-return-p99'), MOST_RETURN_MS, 'ms'),
    below(
      'distribution-delta: one flag in 5,000, on the wire',
      rowOf(figures, 'distribution-delta', 'lockstep'),
      MOST_DELTA_BYTES,
      'B',
    ),
    below(
      'distribution-start: first decision, behind the start of Node',
      ms('distribution-start') - ms('distribution-start', 'floor'),
      MOST_START_MS,
      'ms',
    ),
  ];
}

const below = (what: string, found: number, limit: number, unit: 'ms' | 'B'): Outcome => ({
  target: `${what}: under ${limit.toLocaleString('en-US')} ${unit}`,
  found: `${found.toFixed(0)} ${unit}`,
  met: found < limit,
  informative: false,
});

export const rowOf = (
  { rows }: DistributionFigures,
  name: DistributionCase,
  subject: DistributionRow['subject'],
): number => rows.find((row) => row.case === name && row.subject === subject)?.ns ?? Number.NaN;
