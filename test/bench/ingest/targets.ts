/** What ingest's figures have to reach. */
import type { Outcome } from '../report/targets.ts';
import type { IngestCase } from './cases.ts';
import type { IngestFigures, IngestRow } from './measure.ts';

const MOST_SHARD_MB = 200;

/** None where the run has not measured it. */
export function ingestOutcomes(figures: IngestFigures | undefined): readonly Outcome[] {
  if (figures === undefined) return [];
  const shardMb = (figures.shardBytes / 1e6) * (1_000_000 / figures.units);
  const acknowledging = overFloor(figures, 'ingest-acknowledge');
  const reading = overFloor(figures, 'ingest-read');
  return [
    atLeast(figures, 'ingest-acknowledge', 100_000),
    {
      target: "ingest-acknowledge: at most 2.5x an empty Worker's CPU",
      ...{ found: `${acknowledging.toFixed(2)}x`, met: acknowledging <= 2.5, informative: false },
    },
    atLeast(figures, 'ingest-count', 40_000),
    {
      target: 'ingest-read: does not grow with units: at most 1.5x',
      ...{ found: `${reading.toFixed(2)}x`, met: reading <= 1.5, informative: false },
    },
    {
      target: `a shard of 1,000,000 units: at most ${MOST_SHARD_MB} MB`,
      ...{ found: `${shardMb.toFixed(0)} MB`, met: shardMb <= MOST_SHARD_MB, informative: false },
    },
  ];
}

function atLeast(figures: IngestFigures, name: IngestCase, limit: number): Outcome {
  const found = 1e9 / nsOf(figures, name, 'lockstep');
  const target = `${name}: at least ${limit.toLocaleString('en')} exposures a CPU second`;
  return { target, found: Math.round(found).toLocaleString('en'), met: found >= limit, informative: false };
}

export const nsOf = ({ rows }: IngestFigures, name: IngestCase, subject: IngestRow['subject']): number =>
  rows.find((row) => row.case === name && row.subject === subject)?.ns ?? Number.NaN;

export const overFloor = (figures: IngestFigures, name: IngestCase): number =>
  nsOf(figures, name, 'lockstep') / nsOf(figures, name, 'floor');
