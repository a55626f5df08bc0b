/** Parts of an inbox's log as the archive keeps them: a line of JSON for each event, by flag or metric and hour. Pure. */
import { encodeBase64url } from '#core/base64url';
import { type ArchivedKind, HOUR_MS, hourPrefix } from './archive-names.ts';
import type { Cell, OutcomeRow } from './inbox-part.ts';
import { ID_BYTES } from './unit-bytes.ts';

/** What an inbox accepted of a part. */
export interface AcceptedPart {
  readonly position: number;
  readonly receivedAt: number;
  readonly cells: readonly Cell[];
  readonly exposures: readonly (readonly [cell: number, time: number])[];
  readonly units: Uint8Array;
  readonly outcomes: readonly OutcomeRow[];
  readonly outcomeIds: Uint8Array;
  readonly outcomeUnits: Uint8Array;
}

export interface ArchiveBounds {
  readonly events: number;
  readonly objects: number;
}

export interface ArchiveBatch {
  add(part: AcceptedPart): void;
  /** Whether it has as much as the bounds say, or more by what its last part had. */
  isFull(): boolean;
  /** By prefix, in the order in which each began: lines that have ended. */
  texts(): ReadonlyMap<string, readonly string[]>;
}

export function createArchiveBatch(environment: string, bounds: ArchiveBounds): ArchiveBatch {
  const texts = new Map<string, string[]>();
  const folders = new Map<string, string[]>();
  let events = 0;
  /** The lines of an hour. Found by a short key: the prefix of an hour takes longer to make than a line. */
  function linesOf(kind: ArchivedKind, subject: string, time: number): string[] {
    const hour = Math.floor(time / HOUR_MS);
    const key = `${kind} ${subject} ${hour}`;
    const found = folders.get(key) ?? [];
    if (found.length === 0) {
      folders.set(key, found);
      texts.set(hourPrefix({ kind, environment, subject }, hour), found);
    }
    return found;
  }

  return {
    add({ cells, exposures, units, outcomes, outcomeIds, outcomeUnits, receivedAt }) {
      const heads = cells.map(headOf);
      exposures.forEach(([place, time], at) => {
        const [flag = ''] = cells[place] ?? [];
        const line = `${heads[place]},"unit":"${unitText(units, at)}","time":${time},"receivedAt":${receivedAt}}\n`;
        linesOf('exposures', flag, time).push(line);
      });
      outcomes.forEach((row, at) => {
        const ids = { unit: unitText(outcomeUnits, at), id: unitText(outcomeIds, at) };
        linesOf('outcomes', row[0], row[1]).push(`${JSON.stringify({ ...outcomeOf(row), ...ids, receivedAt })}\n`);
      });
      events += exposures.length + outcomes.length;
    },
    isFull: () => events >= bounds.events || texts.size >= bounds.objects,
    texts: () => texts,
  };
}

/** All that exposures of a cell share, but for the brace at the end. What is not known is not there. */
function headOf([flag, variation, version, pop, revision, reason, rule, region, cloud]: Cell): string {
  const places = Object.entries({ rule, region, cloud, pop }).filter(([, name]) => name !== '');
  const head = { flag, revision, variation, reason, version, ...Object.fromEntries(places) };
  return JSON.stringify(head).slice(0, -1);
}

const outcomeOf = ([name, time, value, region, source]: OutcomeRow) => ({
  name,
  source,
  ...(value !== null && { value }),
  ...(region !== '' && { region }),
  time,
});

const unitText = (units: Uint8Array, at: number): string =>
  encodeBase64url(units.subarray(at * ID_BYTES, (at + 1) * ID_BYTES));
