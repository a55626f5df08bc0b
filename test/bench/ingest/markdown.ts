/** Ingest's figures as text to read. */
import { figure, ratio, table } from '../report/table.ts';
import { INGEST_CASES, INGEST_TITLES } from './cases.ts';
import type { IngestFigures } from './measure.ts';
import { nsOf, overFloor } from './targets.ts';

export function ingestText(figures: IngestFigures): string {
  const { units, shardBytes, residentBytes } = figures;
  const cells = INGEST_CASES.map((name) => {
    const [mine, floor] = [nsOf(figures, name, 'lockstep'), nsOf(figures, name, 'floor')];
    return [
      `${name}: ${INGEST_TITLES[name]}`,
      figure(mine),
      Number.isNaN(floor) ? '-' : figure(floor),
      Number.isNaN(floor) ? '-' : ratio(overFloor(figures, name)),
    ];
  });
  const held =
    `With ${figure(units)} units in it, one shard had ${figure(shardBytes / 1e6)} MB on the disk; the workerd with all inboxes and shards, ` +
    `and what waited for a collection, had ${figure(residentBytes / 1e6)} MB in memory.`;
  return `CPU of a whole workerd, by the kernel.\n\n${table(['case', 'ns', 'floor ns', '/ floor'], cells)}\n\n${held}`;
}
