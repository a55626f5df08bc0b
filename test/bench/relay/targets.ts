/** What a relay's figures have to reach. */
import type { Outcome } from '../report/targets.ts';
import type { RelayCase } from './cases.ts';
import type { RelayFigures } from './measure.ts';

/** None where the run has not measured it. */
export function relayOutcomes(figures: RelayFigures | undefined): readonly Outcome[] {
  if (figures === undefined) return [];
  const evaluations = 1 / overFloor(figures, 'relay-evaluate');
  return [
    {
      target: 'relay-evaluate: at least 0.7x the requests a CPU second of a bare Hono server',
      ...{ found: `${evaluations.toFixed(2)}x`, met: evaluations >= 0.7, informative: false },
    },
    atMost(figures, 'relay-change', 1.5, "relay-change: at most 1.5x a bare SSE server's CPU"),
    atMost(figures, 'relay-memory', 1.25, 'relay-memory: at most 1.25x its resident memory'),
  ];
}

function atMost(figures: RelayFigures, name: RelayCase, limit: number, target: string): Outcome {
  const found = overFloor(figures, name);
  return { target, found: `${found.toFixed(2)}x`, met: found <= limit, informative: false };
}

export function overFloor({ rows }: RelayFigures, name: RelayCase): number {
  const of = (subject: 'lockstep' | 'floor'): number =>
    rows.find((row) => row.case === name && row.subject === subject)?.ns ?? Number.NaN;
  return of('lockstep') / of('floor');
}
