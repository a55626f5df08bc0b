/** Takes the exposures of a part into a shard: first ones are kept and counted, what contradicts an earlier one is an incident. */
import { type ArmExposure, MINUTE_MS } from '#rollout/cohort/join-outcomes';
import {
  type Conflict,
  type Exposed,
  type Seen,
  type Sighting,
  sightExposure,
  type TextId,
} from '#rollout/cohort/sight-exposure';
import type { Cell } from './inbox-part.ts';
import { placeOf, placeText } from './place-text.ts';
import type { PlannedCohort, ShardPlan } from './shard-plan.ts';
import type { CountsToAdd } from './shard-tables.ts';
import type { ShardTexts } from './shard-texts.ts';
import { ID_BYTES, unitAt, unitsAt } from './unit-bytes.ts';

export interface ShardState {
  readonly sql: SqlStorage;
  readonly texts: ShardTexts;
  readonly plan: ShardPlan;
  readonly counts: CountsToAdd;
}

export interface ArrivedExposures {
  readonly cells: readonly Cell[];
  readonly exposures: readonly (readonly [cell: number, time: number])[];
  readonly units: Uint8Array;
}

export interface SightedConflict extends Conflict {
  readonly flag: TextId;
  readonly one: Exposed;
  readonly unit: Uint8Array;
}

export interface TakenExposures {
  /** Of units that have a first exposure in a rollout: their outcomes may have waited for it. */
  readonly touched: Uint8Array;
  readonly conflicts: readonly SightedConflict[];
}

const SPLIT = 1;
const FIRST = 2;

export const isSplitIn = (traits: number): boolean => (traits & SPLIT) !== 0;

/** To be called inside a transaction. */
export function takeExposures(state: ShardState, { cells, exposures, units }: ArrivedExposures): TakenExposures {
  const { sql, plan } = state;
  const kinds = cells.map((cell) => kindOf(cell, state.texts));
  const flags = exposures.map(([cell]) => kinds[cell]?.flag ?? 0);
  const known = readSeen(sql, units, flags);
  const fresh: KeptSighting[] = [];
  /** By what it is of: of several in a part the last is the earliest. */
  const earlier = new Map<string, KeptSighting>();
  const conflicts: SightedConflict[] = [];
  const touched: number[] = [];
  exposures.forEach(([cell, time], at) => {
    const kind = kinds[cell];
    if (kind === undefined) throw new RangeError(`exposure ${at} has no cell ${cell}`);
    const key = keyOf(units, at, kind.flag);
    const before = known.get(key) ?? [];
    const one = { ...kind.exposed, time };
    const sighting = sightExposure(before, one, plan.isSession(kind.flag));
    const { seen, conflict } = sighting;
    if (conflict) conflicts.push({ ...conflict, flag: kind.flag, one, unit: unitsAt(units, [at]) });
    if (sighting.earlier !== undefined) {
      const { revision, rule } = sighting.earlier;
      earlier.set(`${key} ${revision} ${rule}`, { at, flag: kind.flag, seen: sighting.earlier });
      if (cohortsOf(state, kind.flag, sighting.earlier).length > 0) touched.push(at);
    }
    if (sighting.earlier !== undefined || seen !== undefined) known.set(key, knownWith(before, sighting));
    if (seen === undefined) return;
    fresh.push({ at, flag: kind.flag, seen });
    if (countFirst(state, kind.flag, seen)) touched.push(at);
  });
  write(sql, KEEP, units, fresh, rowOf);
  write(sql, KEEP_EARLIER, units, [...earlier.values()], (flag, { revision, rule, since }) => [
    flag,
    revision,
    rule,
    since,
  ]);
  return { touched: unitsAt(units, touched), conflicts };
}

interface KeptSighting {
  /** The place of its unit in the part. */
  readonly at: number;
  readonly flag: TextId;
  readonly seen: Seen;
}

function knownWith(before: readonly Seen[], { seen, earlier }: Sighting): readonly Seen[] {
  const known = before.map((one) =>
    earlier !== undefined && one.revision === earlier.revision && one.rule === earlier.rule ? earlier : one,
  );
  return seen === undefined ? known : [...known, seen];
}

function write(
  sql: SqlStorage,
  statement: string,
  units: Uint8Array,
  all: readonly KeptSighting[],
  row: (flag: TextId, seen: Seen) => readonly number[],
): void {
  if (all.length === 0) return;
  const places = all.map(({ at }) => at);
  sql.exec(statement, unitsAt(units, places), JSON.stringify(all.map(({ flag, seen }) => row(flag, seen))));
}

interface Kind {
  readonly flag: TextId;
  readonly exposed: Omit<Exposed, 'time'>;
}

function kindOf(cell: Cell, texts: ShardTexts): Kind {
  const [flag, variation, , pop, revision, reason, rule, region, cloud] = cell;
  return {
    flag: texts.idOf(flag),
    exposed: {
      revision,
      rule: texts.idOf(rule),
      variation: texts.idOf(variation),
      place: texts.idOf(placeText({ region, cloud, pop })),
      isSplit: reason === 'SPLIT',
    },
  };
}

const keyOf = (units: Uint8Array, at: number, flag: TextId): string => `${unitAt(units, at)}${flag}`;

const KEEP = `
INSERT INTO seen (unit, flag, revision, rule, variation, place, time, traits)
SELECT substr(?1, 1 + key * ${ID_BYTES}, ${ID_BYTES}), value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6
FROM json_each(?2)`;

const KEEP_EARLIER = `
UPDATE seen SET since = part.value->>3 FROM json_each(?2) AS part
WHERE unit = substr(?1, 1 + part.key * ${ID_BYTES}, ${ID_BYTES})
AND flag = part.value->>0 AND revision = part.value->>1 AND rule = part.value->>2`;

const rowOf = (flag: TextId, { revision, rule, variation, place, time, isSplit, isFirst }: Seen): readonly number[] => [
  flag,
  revision,
  rule,
  variation,
  place,
  time,
  (isSplit ? SPLIT : 0) + (isFirst ? FIRST : 0),
];

/** `value` is the flag that is looked for with the unit of the same place. */
const FIND = `
SELECT part.key AS at, flag, revision, rule, variation, place, time, coalesce(since, time) AS since, traits
FROM json_each(?1) AS part CROSS JOIN seen ON seen.unit = substr(?2, 1 + part.key * ${ID_BYTES}, ${ID_BYTES}) AND seen.flag = part.value`;

type SeenRow = {
  at: number;
  flag: TextId;
  revision: number;
  rule: TextId;
  variation: TextId;
  place: TextId;
  time: number;
  since: number;
  traits: number;
};

function readSeen(sql: SqlStorage, units: Uint8Array, flags: readonly TextId[]): Map<string, readonly Seen[]> {
  const found = new Map<string, Seen[]>();
  const foundAt = new Map<string, number>();
  for (const row of sql.exec<SeenRow>(FIND, JSON.stringify(flags), units)) {
    const key = keyOf(units, row.at, row.flag);
    // A unit that is in the part twice is found twice.
    const first = foundAt.get(key) ?? row.at;
    foundAt.set(key, first);
    if (first !== row.at) continue;
    const seen = found.get(key) ?? [];
    found.set(key, seen);
    seen.push(seenOf(row));
  }
  return found;
}

const seenOf = ({ revision, rule, variation, place, time, since, traits }: Omit<SeenRow, 'at' | 'flag'>): Seen => ({
  ...{ revision, rule, variation, place, time, since },
  isSplit: isSplitIn(traits),
  isFirst: (traits & FIRST) !== 0,
});

/** Whether there is a rollout that the exposure belongs to. */
function countFirst(state: ShardState, flag: TextId, seen: Seen): boolean {
  if (!seen.isFirst) return false;
  const cohorts = cohortsOf(state, flag, seen);
  for (const { cohort, exposure } of cohorts) countExposure(state.counts, cohort, exposure);
  return cohorts.length > 0;
}

/** The rollouts that an exposure belongs to, and what it is there. */
const cohortsOf = ({ plan, texts }: ShardState, flag: TextId, seen: Seen) =>
  plan.byFlag(flag).flatMap((cohort) => {
    const exposure = armExposure(cohort, seen, texts);
    return exposure === undefined ? [] : [{ cohort, exposure }];
  });

/** What a first exposure is in a rollout; undefined where its revision is of none of the stages. */
export function armExposure(
  { stageOf, arms }: PlannedCohort,
  { revision, variation, place, time, since }: Pick<Seen, 'revision' | 'variation' | 'place' | 'time' | 'since'>,
  texts: ShardTexts,
): ArmExposure | undefined {
  const stage = stageOf.get(revision);
  if (stage === undefined) return undefined;
  const arm = arms.get(variation);
  return { stage, revision, time, since, region: texts.idOf(placeOf(texts.textOf(place)).region), ...(arm && { arm }) };
}

export function countExposure(counts: CountsToAdd, { cohort }: PlannedCohort, exposure: ArmExposure): void {
  const { stage, revision, time, region, arm } = exposure;
  if (arm !== undefined)
    counts.add('exposure_counts', cohort, stage, revision, Math.floor(time / MINUTE_MS), region, arm);
}

/** First exposures of a flag at these revisions, of all units or of `units`. */
const FIRSTS = `SELECT revision, variation, place, time, coalesce(since, time) AS since FROM seen
WHERE flag = ?1 AND traits & ${FIRST} AND revision IN (SELECT value FROM json_each(?2))`;

export function* firstExposures(
  { sql, texts }: Pick<ShardState, 'sql' | 'texts'>,
  cohort: PlannedCohort,
  revisions: readonly number[],
): Generator<ArmExposure> {
  const rows = sql.exec<Omit<SeenRow, 'at' | 'flag' | 'rule' | 'traits'>>(
    FIRSTS,
    cohort.flag,
    JSON.stringify(revisions),
  );
  for (const row of rows) {
    const exposure = armExposure(cohort, row, texts);
    if (exposure !== undefined) yield exposure;
  }
}

const FIRSTS_OF_UNITS = `
SELECT part.key AS at, flag, revision, variation, place, time, coalesce(since, time) AS since FROM json_each(?1) AS part
CROSS JOIN seen ON seen.unit = substr(?2, 1 + part.key * ${ID_BYTES}, ${ID_BYTES}) AND seen.flag = part.value
WHERE traits & ${FIRST}`;

/** The first exposures of units in a rollout, by the place of the unit. */
export function exposuresOfUnits(
  { sql, texts }: Pick<ShardState, 'sql' | 'texts'>,
  cohort: PlannedCohort,
  units: Uint8Array,
): ReadonlyMap<number, readonly ArmExposure[]> {
  const flags = new Array<number>(units.byteLength / ID_BYTES).fill(cohort.flag);
  const found = new Map<number, ArmExposure[]>();
  for (const row of sql.exec<SeenRow>(FIRSTS_OF_UNITS, JSON.stringify(flags), units)) {
    const exposure = armExposure(cohort, row, texts);
    if (exposure !== undefined) found.set(row.at, [...(found.get(row.at) ?? []), exposure]);
  }
  return found;
}
