/** The emitter's figures as text to read. */
import { figure, table } from '../report/table.ts';
import { EMIT_CASES, EMIT_TITLES } from './cases.ts';
import type { EmitFigures } from './measure.ts';
import { emitCost, resentSeconds } from './targets.ts';

export function emitText(figures: EmitFigures): string {
  const about =
    'CPU of the thread, means over all rounds but the first. The floor makes the same context and evaluates the same flag; the difference is what emitting costs.';
  const cells = EMIT_CASES.map((name) => {
    const [mine, floor] = (['lockstep', 'floor'] as const).map(
      (subject) => figures.rows.find((row) => row.case === name && row.subject === subject)?.ns,
    );
    return [`${name}: ${EMIT_TITLES[name]}`, figure(mine), figure(floor), figure(emitCost(figures, name))];
  });
  const { exposures, heapMb, megabytes } = figures.resent;
  const spilled =
    `${figure(exposures)} exposures of an outage lay in ${figure(megabytes)} MB of files. The next process opened them and sent all of them, ` +
    `oldest first, in ${figure(resentSeconds(figures))} s; its heap grew by ${figure(heapMb)} MB at the most.`;
  return `${about}\n\n${table(['case', 'ns', 'floor ns', 'emitting ns'], cells)}\n\n${spilled}`;
}
