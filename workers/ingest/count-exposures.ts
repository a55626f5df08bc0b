/** Counts exposures, each once. An exposure belongs to the cell that it was first received with. */
import type { ReadPart } from './count-parts.ts';
import { newByDigest } from './digest-ids.ts';
import type { Cell } from './inbox-part.ts';
import { DAY_MS } from './prune-tables.ts';
import { findServed, type Kind, keepServed, numberKinds } from './served-tables.ts';
import { headAt, joinUnits, placesByUnit, unitAt, unitsAt } from './unit-bytes.ts';

/** Returns, of each part, the places of those that were new. */
export function countExposures(sql: SqlStorage, parts: readonly ReadPart[], environment: string): number[][] {
  const all = arrivedIn(parts);
  if (all.cellOf.length === 0) return parts.map(() => []);
  const receivedAt = Math.max(...parts.map((part) => part.receivedAt));
  const kinds = numberKindsOf(sql, all.cells, receivedAt);
  const order = placesByUnit(all.units);
  const units = unitsAt(all.units, order);
  const kindOf = order.map((place) => kinds[all.cellOf[place] as number] as number);
  const known = findServed(sql, units, kindOf);
  const [fresh, renewed]: [number[], number[]] = [[], []];
  const isRepeat = repeatsIn(units, kindOf);
  kindOf.forEach((_, at) => {
    const before = known.get(at);
    if (isRepeat(at)) return;
    if (before === undefined) fresh.push(at);
    // Who is still served what he was is not to be forgotten, and be counted as if he were new: his row is no older than a day.
    else if (before < receivedAt - DAY_MS) renewed.push(at);
  });
  const kept = (places: readonly number[]): void =>
    keepServed(
      sql,
      unitsAt(units, places),
      places.map((at) => kindOf[at] as number),
      receivedAt,
    );
  kept(fresh);
  kept(renewed);
  const cellAt = (at: number): Cell => all.cells[all.cellOf[order[at] as number] as number] as Cell;
  const counted = newByDigest(sql, environment, { places: fresh, units, cellAt });
  const added = counted.map((at) => order[at] as number);
  addToCells(sql, all, added, receivedAt);
  return dealOut(parts, added);
}

interface Arrived {
  readonly cells: readonly Cell[];
  /** Of each exposure, among all of them. */
  readonly cellOf: readonly number[];
  readonly units: Uint8Array;
}

function arrivedIn(parts: readonly ReadPart[]): Arrived {
  const places = new Map<string, number>();
  const cells: Cell[] = [];
  const cellOf: number[] = [];
  for (const part of parts) {
    const own = part.cells.map((cell) => {
      const key = cell.join('\n');
      const place = places.get(key) ?? cells.push(cell) - 1;
      places.set(key, place);
      return place;
    });
    for (const [cell] of part.exposures) cellOf.push(placeOf(own, cell));
  }
  const units = joinUnits(parts.map((part) => part.units));
  return { cells, cellOf, units };
}

function placeOf(cells: readonly number[], cell: number): number {
  const place = cells[cell];
  if (place === undefined) throw new RangeError(`there is no cell ${cell}`);
  return place;
}

/** By cell. */
function numberKindsOf(sql: SqlStorage, cells: readonly Cell[], receivedAt: number): number[] {
  const places = new Map<string, number>();
  const kinds: Kind[] = [];
  const kindOf = cells.map(([flag, variation, , , revision]) => {
    const key = `${flag}\n${revision}\n${variation}`;
    const place = places.get(key) ?? kinds.push([flag, revision, variation]) - 1;
    places.set(key, place);
    return place;
  });
  const numbers = numberKinds(sql, kinds, receivedAt);
  return kindOf.map((place) => numbers[place] as number);
}

/** Whether the same stands in front of it. To be asked from first to last; units are in the order of their heads. */
function repeatsIn(units: Uint8Array, kinds: readonly number[]): (at: number) => boolean {
  const seen = new Set<string>();
  let head = Number.NaN;
  let first = 0;
  const keyOf = (at: number): string => `${unitAt(units, at)}${kinds[at]}`;
  return (at) => {
    const own = headAt(units, at);
    if (own !== head) {
      [head, first] = [own, at];
      seen.clear();
      return false;
    }
    // Most units are alone, and cost no text.
    if (seen.size === 0) seen.add(keyOf(first));
    const key = keyOf(at);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  };
}

// A statement takes 100 parameters at most, and each costs as much as a row's: one list in JSON makes it one statement for all parts.

const ADD_TO_CELLS = `
INSERT INTO cells (flag, variation, version, pop, revision, reason, rule, region, cloud, count, last_at)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9, ?2
FROM json_each(?1) WHERE true ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = excluded.last_at`;

function addToCells(sql: SqlStorage, { cells, cellOf }: Arrived, added: readonly number[], receivedAt: number): void {
  const counts = new Map<number, number>();
  for (const place of added) counts.set(cellOf[place] as number, (counts.get(cellOf[place] as number) ?? 0) + 1);
  const counted = [...counts].map(([cell, count]) => [...(cells[cell] as Cell), count]);
  if (counted.length > 0) sql.exec(ADD_TO_CELLS, JSON.stringify(counted), receivedAt);
}

/** Places among all parts, as those of each part: ascending. */
function dealOut(parts: readonly ReadPart[], added: readonly number[]): number[][] {
  const isAdded = new Uint8Array(parts.reduce((all, { exposures }) => all + exposures.length, 0));
  for (const place of added) isAdded[place] = 1;
  let before = 0;
  return parts.map(({ exposures }) => {
    const from = before;
    before += exposures.length;
    return [...exposures.keys()].filter((place) => isAdded[from + place] === 1);
  });
}
