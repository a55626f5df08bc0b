/** Counts parts of an inbox's log: each exposure and each outcome once. To be called inside a transaction: all of them, or none. */
import { appendToArchive } from './archive-log.ts';
import type { LoggedPart } from './cohort-shard.ts';
import { countExposures } from './count-exposures.ts';
import { countOutcomes } from './count-outcomes.ts';
import { bytesOf } from './inbox-log.ts';
import type { Cell, ExposureRow, OutcomeRow } from './inbox-part.ts';
import { hearRegions } from './inbox-progress.ts';
import { addToTally, raiseTally } from './inbox-tables.ts';
import { noteReceived } from './read-completeness.ts';

/** A part of the log whose lists were read. */
export interface ReadPart {
  readonly receivedAt: number;
  readonly cells: readonly Cell[];
  readonly exposures: readonly ExposureRow[];
  readonly units: Uint8Array;
  readonly outcomes: readonly OutcomeRow[];
  readonly outcomeIds: Uint8Array;
  readonly outcomeUnits: Uint8Array;
}

export interface Counting {
  readonly environment: string;
  /** Whether what is new waits for the archive. */
  readonly archives: boolean;
}

/** Returns how many bytes of the log they are. */
export function countParts(sql: SqlStorage, logged: readonly LoggedPart[], counting: Counting): number {
  const parts = logged.map(readPart);
  const fresh = countExposures(sql, parts, counting.environment);
  const freshOutcomes = countOutcomes(sql, parts);
  if (counting.archives)
    for (const [at, part] of parts.entries())
      appendToArchive(sql, part, { exposures: fresh[at] ?? [], outcomes: freshOutcomes[at] ?? [] });
  hearRegions(sql, parts);
  noteReceived(sql, parts);
  addToTally(sql, 'duplicates', total(parts, ({ exposures }) => exposures) - sum(fresh));
  addToTally(sql, 'outcomes', sum(freshOutcomes));
  addToTally(sql, 'outcomeDuplicates', total(parts, ({ outcomes }) => outcomes) - sum(freshOutcomes));
  raiseTally(sql, 'lastReceivedAt', Math.max(...parts.map(({ receivedAt }) => receivedAt)));
  raiseTally(sql, 'countedThrough', Math.max(...logged.map(({ sequence }) => sequence)));
  return logged.reduce((bytes, part) => bytes + bytesOf(part), 0);
}

const total = (parts: readonly ReadPart[], of: (part: ReadPart) => readonly unknown[]): number => sum(parts.map(of));

const sum = (lists: readonly (readonly unknown[])[]): number => lists.reduce((all, { length }) => all + length, 0);

const readPart = ({ cells, exposures, outcomes, ...rest }: LoggedPart): ReadPart => ({
  receivedAt: rest.receivedAt,
  cells: JSON.parse(cells) as readonly Cell[],
  exposures: JSON.parse(exposures) as readonly ExposureRow[],
  units: rest.units,
  outcomes: JSON.parse(outcomes) as readonly OutcomeRow[],
  outcomeIds: rest.outcomeIds,
  outcomeUnits: rest.outcomeUnits,
});
