/** What one inbox gets of a beacon. */
import type { CollapsedCount, Exposure, Outcome } from '#exposure/exposure';
import { exposureId } from '#exposure/exposure-id';
import type { AnyLedger } from '#schema/exposure';
import type { ReadExposure } from './read-exposures.ts';
import { ID_BYTES, packUnit, packUnits } from './unit-bytes.ts';
import type { AsideOutcome, AsideReason, NamedOutcome } from './verdicts.ts';

/**
 * Everything about an exposure but who and when: a few combinations that many exposures share. A text that is not there is
 * empty.
 */
export type Cell = readonly [
  flag: string,
  variation: string,
  version: number,
  pop: string,
  revision: number,
  reason: string,
  rule: string,
  region: string,
  cloud: string,
];

/** Of a cell, the places of its revision and its region. */
export const [REVISION, REGION] = [4, 7] as const;

/** An outcome without its id and its unit. */
export type OutcomeRow = readonly [
  name: string,
  time: number,
  value: number | null,
  region: string,
  source: Outcome['source'],
];

/** What an emitter says of itself. */
export interface EmitterWord {
  readonly emitter: string;
  readonly sentAt: number;
  readonly region?: string;
  /** Of this batch. */
  readonly sequence?: number;
  readonly ledger?: AnyLedger;
  /** Of this batch, which has a number then. */
  readonly collapsed?: readonly CollapsedCount[];
}

/** An exposure without its unit: the place of its cell in the part, and its time. */
export type ExposureRow = readonly [cell: number, time: number];

/** As a part lies in an inbox's log: bytes in a row, and lists that are short as JSON. Nobody on the way there has to read it. */
export interface Part {
  readonly inbox: number;
  /** The cohort shard of its units. */
  readonly shard: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** A list of `Cell`. */
  readonly cells: string;
  /** For each exposure, `ROW_BYTES`: `unpackRows` makes `ExposureRow` of them. */
  readonly exposures: Uint8Array;
  /** For each exposure, `ID_BYTES`. */
  readonly units: Uint8Array;
  /** Where there are some, as in what follows: a list that is empty costs a call as much as one that is not. */
  readonly outcomes?: PartOutcomes;
  readonly aside?: PartAside;
  readonly word?: EmitterWord;
}

export interface PartOutcomes {
  /** A list of `OutcomeRow`. */
  readonly rows: string;
  /** For each, `ID_BYTES`. */
  readonly ids: Uint8Array;
  readonly units: Uint8Array;
}

/** What is not counted: as JSON. */
export interface PartAside {
  readonly exposures: readonly string[];
  readonly exposureIds: Uint8Array;
  readonly outcomes: readonly (readonly [reason: AsideReason, text: string])[];
  readonly outcomeIds: Uint8Array;
}

/** What of a beacon is for one inbox. */
export interface Share {
  readonly good: ReadExposure[];
  readonly old: Exposure[];
  readonly goodOutcomes: NamedOutcome[];
  readonly asideOutcomes: AsideOutcome[];
}

export const emptyShare = (): Share => ({ good: [], old: [], goodOutcomes: [], asideOutcomes: [] });

export interface PartHead {
  readonly environment: string;
  readonly inbox: number;
  readonly shard: number;
  readonly receivedAt: number;
  readonly word?: EmitterWord;
}

export function packPart({ environment, ...head }: PartHead, share: Partial<Share>): Part {
  const { good, old, goodOutcomes, asideOutcomes } = { ...emptyShare(), ...share };
  return {
    ...head,
    ...tabulate(good),
    ...(goodOutcomes.length > 0 && {
      outcomes: {
        rows: JSON.stringify(goodOutcomes.map(({ outcome }) => rowOf(outcome))),
        ids: packUnits(goodOutcomes.map(({ id }) => id)),
        units: packUnits(goodOutcomes.map(({ outcome: { unit } }) => unit)),
      },
    }),
    ...(old.length + asideOutcomes.length > 0 && {
      aside: {
        exposures: old.map((one) => JSON.stringify(one)),
        exposureIds: packUnits(old.map((one) => exposureId(environment, one))),
        outcomes: asideOutcomes.map(({ reason, outcome }) => [reason, JSON.stringify(outcome)] as const),
        outcomeIds: packUnits(asideOutcomes.map(({ id }) => id)),
      },
    }),
  };
}

const rowOf = ({ name, time, value, region, source }: Outcome): OutcomeRow => [
  name,
  time,
  value ?? null,
  region ?? '',
  source,
];

/** Of an exposure: the place of its cell (16 bits), and its time (a double). As JSON it is twice as long, and takes as long as all else here. */
const ROW_BYTES = 10;
const TIME_AT = 2;

/** Exposures of a beacon that share a cell have the same one. */
function tabulate(good: readonly ReadExposure[]): Pick<Part, 'cells' | 'exposures' | 'units'> {
  const places = new Map<Cell, number>();
  const exposures = new Uint8Array(good.length * ROW_BYTES);
  const rows = new DataView(exposures.buffer);
  const units = new Uint8Array(good.length * ID_BYTES);
  let at = 0;
  for (const { cell, unit, time } of good) {
    const place = places.get(cell) ?? places.size;
    if (place === places.size) places.set(cell, place);
    rows.setUint16(at * ROW_BYTES, place);
    rows.setFloat64(at * ROW_BYTES + TIME_AT, time);
    packUnit(unit, units, at++);
  }
  return { cells: JSON.stringify([...places.keys()]), exposures, units };
}

export function unpackRows({ buffer, byteOffset, byteLength }: Uint8Array): ExposureRow[] {
  const rows = new DataView(buffer, byteOffset, byteLength);
  return Array.from({ length: byteLength / ROW_BYTES }, (_, at) => [
    rows.getUint16(at * ROW_BYTES),
    rows.getFloat64(at * ROW_BYTES + TIME_AT),
  ]);
}
