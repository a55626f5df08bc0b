/** What the control plane's figures have to reach. */
import type { Outcome } from '../report/targets.ts';
import type { AuditFigures } from './audit-measure.ts';
import { AUDIT_CASES, type AuditCase, SIZES, type Stage } from './cases.ts';
import type { ControlFigures } from './measure.ts';

const MOST_GROWTH = 1.3;
const MOST_OVER_SHA256 = 3;

/** None where the run has not measured it. */
export function controlOutcomes(figures: ControlFigures | undefined): readonly Outcome[] {
  if (figures === undefined) return [];
  const { compiled, replaced } = figures;
  const sizes = 'largest over smallest of 10, 1,000, 5,000 flags and a long log';
  return [
    times(`control: time of a command, ${sizes}: at most 1.3x`, growthOf(figures, 'command'), MOST_GROWTH),
    times(`control: commit to publisher call, ${sizes}: at most 1.3x`, growthOf(figures, 'call'), MOST_GROWTH),
    {
      ...times(`control: acknowledgement, the same`, growthOf(figures, 'acknowledge'), MOST_GROWTH),
      informative: true,
    },
    count('control: compiled for one change: 1', compiled),
    count('control: entries replaced by one change: 1', replaced),
  ];
}

/** None where the run has not measured it. */
export function auditOutcomes(figures: AuditFigures | undefined): readonly Outcome[] {
  if (figures === undefined) return [];
  const shown = (outcome: Outcome): Outcome => ({ ...outcome, informative: true });
  return [
    ...AUDIT_CASES.map((name) => {
      const target = `${name}: at most 3x SHA-256 over the same bytes`;
      const outcome = times(target, overFloor(figures, name), MOST_OVER_SHA256);
      return name === 'audit-real' ? outcome : shown(outcome);
    }),
    shown(times('audit-real: the first time in a process', figures.firstOverFloor, MOST_OVER_SHA256)),
  ];
}

const times = (target: string, found: number, limit: number): Outcome => ({
  target,
  found: `${found.toFixed(2)}x`,
  met: found <= limit,
  informative: false,
});

const count = (target: string, found: number): Outcome => ({
  target,
  found: String(found),
  met: found === 1,
  informative: false,
});

function growthOf({ rows }: ControlFigures, stage: Stage): number {
  const names: readonly string[] = SIZES.map((size) => `control-${stage}-${size}`);
  const found = rows.filter((row) => row.subject === 'lockstep' && names.includes(row.case)).map(({ ns }) => ns);
  return Math.max(...found) / Math.min(...found);
}

function overFloor({ rows }: AuditFigures, name: AuditCase): number {
  const ns = (subject: 'lockstep' | 'floor'): number =>
    rows.find((row) => row.case === name && row.subject === subject)?.ns ?? Number.NaN;
  return ns('lockstep') / ns('floor');
}
