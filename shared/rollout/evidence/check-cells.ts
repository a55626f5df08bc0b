/** Whether counts can be true at all. What cannot is answered with a verdict that holds, and leaves the evidence as it was. */
import type { CountsCell } from './statistics.ts';
import type { UnhealthyReason } from './verdict.ts';

/** Cells of one report: four hours of minutes of three revisions. */
export const MAX_CELLS = 720;
/** Clocks of a region may be ahead by this much; ingest holds back what is further ahead. */
const MINUTES_AHEAD = 2;
const MINUTE_MS = 60_000;

/** `stages`: how many the plan has. */
export function checkCells(cells: readonly CountsCell[], stages: number, now: number): UnhealthyReason | null {
  if (cells.length > MAX_CELLS) return 'too-many-cells';
  const newest = now / MINUTE_MS + MINUTES_AHEAD;
  for (const { stage, revision, minute, treatment, control } of cells) {
    if (!Number.isInteger(stage) || stage < 0 || stage >= stages) return 'unknown-stage';
    const trouble = checkCount(minute) ?? checkCount(revision) ?? checkArm(treatment) ?? checkArm(control);
    if (trouble !== null) return trouble;
    if (minute > newest) return 'from-the-future';
  }
  return null;
}

const checkArm = ({ exposures, outcomes }: CountsCell['treatment']): UnhealthyReason | null =>
  checkCount(exposures) ?? checkCount(outcomes) ?? (outcomes > exposures ? 'impossible-count' : null);

/** A count is a whole number, not negative, and small enough to be exact. */
export function checkCount(count: number): UnhealthyReason | null {
  if (!Number.isFinite(count)) return 'not-finite';
  if (count < 0) return 'negative';
  if (!Number.isInteger(count)) return 'not-whole';
  return Number.isSafeInteger(count) ? null : 'impossible-count';
}
