/** What the controller's statistics have to reach. */
import type { Outcome } from '../report/targets.ts';
import type { GuardrailFigures } from './measure.ts';

const MOST_MS = 200;
const MOST_BYTES = 16_384;

/** None where the run has not measured it. */
export function guardrailOutcomes(figures: GuardrailFigures | undefined): readonly Outcome[] {
  if (figures === undefined) return [];
  const tick = figures.rows.find(({ case: name, subject }) => name === 'guardrails-tick' && subject === 'lockstep');
  const ms = (tick?.ns ?? Number.NaN) / 1e6;
  return [
    {
      target: 'guardrails: a tick over 500 rollouts: at most 200 ms of CPU',
      found: `${ms.toFixed(0)} ms`,
      met: ms <= MOST_MS,
      informative: false,
    },
    {
      target: 'guardrails: state of one: at most 16,384 bytes',
      found: `${figures.stateBytes} B`,
      met: figures.stateBytes <= MOST_BYTES,
      informative: false,
    },
  ];
}
