/** The figures of the controller's statistics as text to read. */
import { figure, table } from '../report/table.ts';
import { GUARDRAIL_CASES, GUARDRAIL_TITLES } from './cases.ts';
import type { GuardrailFigures } from './measure.ts';

export function guardrailsText({ rows, rollouts, stateBytes }: GuardrailFigures): string {
  const about =
    `${figure(rollouts)} rollouts with 4 guardrails (two on errors, one on conversion, one on a p95) of 16 shards each, in the middle of a stage. ` +
    `Medians of CPU of the process. The floor adds the same numbers and does nothing else. The largest state of one guardrail has ${figure(stateBytes)} bytes as JSON.`;
  const ms = (name: string, subject: string): string => {
    const found = rows.find((row) => row.case === name && row.subject === subject);
    return figure(found && found.ns / 1e6);
  };
  const cells = GUARDRAIL_CASES.map((name) => [
    `${name}: ${GUARDRAIL_TITLES[name]}`,
    ms(name, 'lockstep'),
    ms(name, 'floor'),
  ]);
  return `${about}\n\n${table(['case', 'ms', 'floor ms'], cells)}`;
}
