/** What the emitter's figures have to reach. */
import type { Outcome } from '../report/targets.ts';
import { EMIT_CASES, type EmitCase, RESENT } from './cases.ts';
import type { EmitFigures } from './measure.ts';

const MOST_NS = 300;
/** Flat: it does not grow with what lies there. */
const MOST_HEAP_MB = 64;

/** None where the run has not measured it. */
export const emitOutcomes = (figures: EmitFigures | undefined): readonly Outcome[] =>
  figures === undefined
    ? []
    : [
        ...EMIT_CASES.map((name) => {
          const found = emitCost(figures, name);
          const target = `${name}: emitting costs an evaluation at most ${MOST_NS} ns`;
          return { target, found: `${found.toFixed(0)} ns`, met: found <= MOST_NS, informative: false };
        }),
        {
          target: `${RESENT}: the heap grows by at most ${MOST_HEAP_MB} MB, however many exposures lie there`,
          found: `${figures.resent.heapMb.toFixed(1)} MB`,
          met: figures.resent.heapMb <= MOST_HEAP_MB,
          informative: false,
        },
      ];

export const resentSeconds = ({ rows, resent }: EmitFigures): number =>
  ((rows.find((row) => row.case === RESENT)?.ns ?? Number.NaN) * resent.exposures) / 1e9;

export function emitCost({ rows }: EmitFigures, name: EmitCase): number {
  const ns = (subject: 'lockstep' | 'floor'): number =>
    rows.find((row) => row.case === name && row.subject === subject)?.ns ?? Number.NaN;
  return ns('lockstep') - ns('floor');
}
