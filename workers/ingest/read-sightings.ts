/** What a unit was served of a flag: the first of each revision and rule, from the shard that has the unit. */
import type { TextId } from '#rollout/cohort/sight-exposure';
import { type Place, placeOf } from './place-text.ts';
import type { ShardTexts } from './shard-texts.ts';
import { isSplitIn } from './take-exposures.ts';

export interface Sighted extends Place {
  readonly revision: number;
  /** Empty where the flag's fallthrough decided. */
  readonly rule: string;
  readonly variation: string;
  readonly isSplit: boolean;
  /** Milliseconds since 1970, by ingest's clock. */
  readonly time: number;
}

const FIND = `
SELECT revision, rule, variation, place, time, traits FROM seen
WHERE unit = ?1 AND flag = (SELECT text_id FROM texts WHERE text = ?2) ORDER BY time, revision`;

type Row = {
  revision: number;
  rule: TextId;
  variation: TextId;
  place: TextId;
  time: number;
  traits: number;
};

export function readSightings(sql: SqlStorage, { textOf }: ShardTexts, flag: string, unit: Uint8Array): Sighted[] {
  return [...sql.exec<Row>(FIND, unit, flag)].map(({ revision, rule, variation, place, time, traits }) => ({
    revision,
    rule: textOf(rule),
    variation: textOf(variation),
    isSplit: isSplitIn(traits),
    ...placeOf(textOf(place)),
    time,
  }));
}
