/** A relay's figures as text to read. */
import { figure, ratio, table } from '../report/table.ts';
import { RELAY_CASES, RELAY_TITLES } from './cases.ts';
import type { RelayFigures } from './measure.ts';
import { overFloor } from './targets.ts';

export function relayText(figures: RelayFigures): string {
  const { rows, streams, perSecond } = figures;
  const about =
    `Processes of their own; CPU of all their threads, by the kernel. ${figure(streams)} streams. Beside whatever else the machine did, ` +
    `${figure(perSecond.lockstep)} evaluations a second came from the relay and ${figure(perSecond.floor)} answers from the bare server.`;
  const cells = RELAY_CASES.map((name) => {
    const [mine, floor] = (['lockstep', 'floor'] as const).map(
      (subject) => rows.find((row) => row.case === name && row.subject === subject)?.ns,
    );
    return [`${name}: ${RELAY_TITLES[name]}`, figure(mine), figure(floor), ratio(overFloor(figures, name))];
  });
  return `${about}\n\n${table(['case', 'relay', 'floor', '/ floor'], cells)}`;
}
