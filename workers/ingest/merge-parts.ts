/** Several parts of a log as one, by unit: so that a shard's rows are looked for, and written, in the order in which they lie. */
import type { LoggedPart } from './cohort-shard.ts';
import type { Cell, OutcomeRow } from './inbox-part.ts';
import type { ArrivedExposures } from './take-exposures.ts';
import type { ArrivedOutcomes } from './take-outcomes.ts';
import { ID_BYTES, joinUnits, placesByUnit, unitsAt } from './unit-bytes.ts';

export type MergedParts = ArrivedExposures & ArrivedOutcomes;

/** What a unit has in them stays in the order in which it came. Throws where a part is not of the form. */
export function mergeParts(parts: readonly LoggedPart[]): MergedParts {
  const cells: Cell[] = [];
  const exposures: (readonly [cell: number, time: number])[] = [];
  const outcomes: OutcomeRow[] = [];
  const receivedAt: number[] = [];
  for (const part of parts) {
    const before = cells.length;
    cells.push(...(JSON.parse(part.cells) as readonly Cell[]));
    for (const [cell, time] of JSON.parse(part.exposures) as ArrivedExposures['exposures'])
      exposures.push([before + cell, time]);
    for (const outcome of JSON.parse(part.outcomes) as readonly OutcomeRow[]) {
      outcomes.push(outcome);
      receivedAt.push(part.receivedAt);
    }
  }
  const units = joinUnits(parts.map((part) => part.units));
  const outcomeUnits = joinUnits(parts.map((part) => part.outcomeUnits));
  const outcomeIds = joinUnits(parts.map((part) => part.outcomeIds));
  const [places, outcomePlaces] = [byUnit(units, exposures.length), byUnit(outcomeUnits, outcomes.length)];
  return {
    cells,
    exposures: picked(exposures, places),
    units: unitsAt(units, places),
    outcomes: picked(outcomes, outcomePlaces),
    outcomeIds: unitsAt(outcomeIds, outcomePlaces),
    outcomeUnits: unitsAt(outcomeUnits, outcomePlaces),
    receivedAt: picked(receivedAt, outcomePlaces),
  };
}

function byUnit(units: Uint8Array, count: number): number[] {
  if (units.byteLength !== count * ID_BYTES)
    throw new RangeError(`${count} rows have ${units.byteLength} bytes of units`);
  return placesByUnit(units);
}

const picked = <T>(list: readonly T[], places: readonly number[]): T[] => places.map((place) => list[place] as T);
