/** What one inbox gets of a beacon. */
import { decodeBase64url } from '#core/base64url';
import type { CollapsedCount, Exposure, Outcome } from '#exposure/exposure';
import { exposureId } from '#exposure/exposure-id';
import type { AnyLedger } from '#schema/exposure';
import type { AsideOutcome, AsideReason, NamedOutcome } from './verdicts.ts';

/** Bytes of an id, and of a unit. */
export const ID_BYTES = 16;

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

/** Exposures and outcomes lie column by column: so they are copied between Workers, and read by SQLite, as a whole. */
export interface Part {
  readonly inbox: number;
  /** The cohort shard of its units. */
  readonly shard: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly cells: readonly Cell[];
  /** For each exposure, the place of its cell among `cells`, and its time. */
  readonly exposures: readonly (readonly [cell: number, time: number])[];
  /** For each exposure, `ID_BYTES`. */
  readonly ids: Uint8Array;
  readonly units: Uint8Array;
  readonly outcomes: readonly OutcomeRow[];
  /** For each outcome, `ID_BYTES`. */
  readonly outcomeIds: Uint8Array;
  readonly outcomeUnits: Uint8Array;
  /** Exposures that are put aside, as JSON. */
  readonly old: readonly string[];
  readonly oldIds: Uint8Array;
  readonly asideOutcomes: readonly (readonly [reason: AsideReason, text: string])[];
  readonly asideOutcomeIds: Uint8Array;
  readonly word?: EmitterWord;
}

/** What of a beacon is for one inbox. */
export interface Share {
  readonly good: Exposure[];
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
  const idOf = (one: Exposure): string => exposureId(environment, one);
  return {
    ...head,
    ...tabulate(good),
    ids: pack(good.map(idOf)),
    units: pack(good.map(({ unit }) => unit)),
    outcomes: goodOutcomes.map(({ outcome }) => rowOf(outcome)),
    outcomeIds: pack(goodOutcomes.map(({ id }) => id)),
    outcomeUnits: pack(goodOutcomes.map(({ outcome: { unit } }) => unit)),
    old: old.map((one) => JSON.stringify(one)),
    oldIds: pack(old.map(idOf)),
    asideOutcomes: asideOutcomes.map(({ reason, outcome }) => [reason, JSON.stringify(outcome)]),
    asideOutcomeIds: pack(asideOutcomes.map(({ id }) => id)),
  };
}

const rowOf = ({ name, time, value, region, source }: Outcome): OutcomeRow => [
  name,
  time,
  value ?? null,
  region ?? '',
  source,
];

function tabulate(good: readonly Exposure[]): Pick<Part, 'cells' | 'exposures'> {
  const cells: Cell[] = [];
  const places = new Map<string, number>();
  const exposures = good.map((one): readonly [number, number] => {
    const cell = cellOf(one);
    const key = cell.join('\n');
    const place = places.get(key) ?? cells.push(cell) - 1;
    places.set(key, place);
    return [place, one.time];
  });
  return { cells, exposures };
}

const cellOf = ({ flag, variation, version, pop, revision, reason, rule, region, cloud }: Exposure): Cell => [
  flag,
  variation,
  version,
  pop ?? '',
  revision,
  reason,
  rule ?? '',
  region ?? '',
  cloud ?? '',
];

/** Ids or units, as bytes in a row. */
function pack(texts: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(texts.length * ID_BYTES);
  texts.forEach((text, at) => {
    const one = decodeBase64url(text);
    if (one?.byteLength !== ID_BYTES) throw new TypeError(`not the base64url of ${ID_BYTES} bytes`);
    bytes.set(one, at * ID_BYTES);
  });
  return bytes;
}
