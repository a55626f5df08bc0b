/** Distribution's figures as text to read. */
import { figure, ratio, table } from '../report/table.ts';
import { DISTRIBUTION_CASES, DISTRIBUTION_TITLES } from './cases.ts';
import type { DistributionFigures } from './measure.ts';
import { rowOf } from './targets.ts';

export function distributionText(figures: DistributionFigures): string {
  const { flags, relays, sdks, moves, returns, canaryMs, relaysMs } = figures;
  const about =
    `${figure(flags)} flags; the publisher and the stream in a workerd each, ${relays} relays, ${sdks} SDKs in as many processes as relays: ` +
    `all on one machine, with whatever else it did. ${figure(moves)} moves and ${figure(returns)} returns of one flag each, in turn with echoes: ` +
    'events of the same size that bare processes pass on along the same path. ' +
    `Of a move, the canary had half after ${figure(canaryMs)} ms, and the last relay after ${figure(relaysMs)} ms.`;
  const cells = DISTRIBUTION_CASES.map((name) => {
    const [mine, floor] = (['lockstep', 'floor'] as const).map((subject) => rowOf(figures, name, subject)) as [
      number,
      number,
    ];
    const shown = (value: number): string => figure(name === 'distribution-delta' ? value : value / 1e6);
    return [`${name}: ${DISTRIBUTION_TITLES[name]}`, shown(mine), shown(floor), ratio(mine / floor)];
  });
  return `${about}\n\n${table(['case', 'lockstep', 'floor', '/ floor'], cells)}`;
}
