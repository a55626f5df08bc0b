/** What the EdgeWorker's figures have to reach: half of the smallest tier's limits, beside an empty handler. */
import { PARTS } from '../../../scripts/akamai/bundle.ts';
import { MAX_MAIN } from '../../../scripts/akamai/platform.ts';
import { TIERS } from '../../../scripts/edgeworkers/tiers.ts';
import type { Outcome } from '../report/targets.ts';
import type { AkamaiCase } from './cases.ts';
import type { AkamaiFigures, AkamaiRow } from './measure.ts';

const { handler } = TIERS.basic;
const HALF_CPU_NS = (handler.cpuMs / 2) * 1e6;
const HALF_MEMORY = handler.memoryBytes / 2;
const START_NS = 10e6;

/** None where the run has not measured it. */
export function akamaiOutcomes(figures: AkamaiFigures | undefined): readonly Outcome[] {
  if (figures === undefined) return [];
  const { rows, mainGzip } = figures;
  return [
    ...(['akamai-first-1', 'akamai-first-30', 'akamai-warm-1', 'akamai-warm-30'] as const).flatMap((name) => [
      outcome(`${name}: CPU above an empty handler: at most 5 ms`, aboveFloor(rows, name, 'ns'), HALF_CPU_NS, ms),
      outcome(`${name}: memory above it: at most 0.75 MB`, aboveFloor(rows, name, 'bytes'), HALF_MEMORY, mb),
    ]),
    outcome('akamai: reads of EdgeKV for any number of flags: at most 1', mostReads(rows, isPage), 1, String),
    outcome('akamai: and for an answer of OFREP, with the keys: at most 2', mostReads(rows, isBulk), 2, String),
    outcome('akamai-start: CPU: at most 10 ms', rowOf(rows, 'akamai-start', 'lockstep')?.ns, START_NS, ms),
    ...PARTS.map((part) =>
      outcome(
        `akamai: main.js of ${part}, gzipped: at most 15,360 bytes`,
        mainGzip[part],
        MAX_MAIN,
        (size) => `${size} B`,
      ),
    ),
  ];
}

function outcome(
  target: string,
  found: number | undefined,
  limit: number,
  written: (found: number) => string,
): Outcome {
  if (found === undefined) return { target, found: '-', met: undefined, informative: false };
  return { target, found: written(found), met: found <= limit, informative: false };
}

const rowOf = (rows: readonly AkamaiRow[], name: AkamaiCase, subject: AkamaiRow['subject']): AkamaiRow | undefined =>
  rows.find((row) => row.case === name && row.subject === subject);

function aboveFloor(rows: readonly AkamaiRow[], name: AkamaiCase, what: 'ns' | 'bytes'): number | undefined {
  const [ours, floor] = [rowOf(rows, name, 'lockstep')?.[what], rowOf(rows, name, 'floor')?.[what]];
  return ours === undefined || floor === undefined ? undefined : ours - floor;
}

const isBulk = (row: AkamaiRow): boolean => row.case === 'akamai-bulk';
const isPage = (row: AkamaiRow): boolean => !isBulk(row);

const mostReads = (rows: readonly AkamaiRow[], isMeant: (row: AkamaiRow) => boolean): number | undefined => {
  const ours = rows.filter((row) => row.subject === 'lockstep' && isMeant(row));
  return ours.length === 0 ? undefined : Math.max(...ours.map(({ subRequests = 0 }) => subRequests));
};

const ms = (ns: number): string => `${(ns / 1e6).toFixed(2)} ms`;
const mb = (bytes: number): string => `${(bytes / 1_048_576).toFixed(2)} MB`;
