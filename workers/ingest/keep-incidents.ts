/** Consistency incidents of a shard: of each unit, flag, revision and rule the first, and how many there were. */

import { encodeBase64url } from '#core/base64url';
import type { IncidentKind, TextId } from '#rollout/cohort/sight-exposure';
import { type Place, placeOf } from './place-text.ts';
import type { ShardTexts } from './shard-texts.ts';
import type { ShardState, SightedConflict } from './take-exposures.ts';

/** Incidents whose words are kept. A broken bucket makes one of every unit that it moves. */
const MAX_INCIDENTS = 1_000;

const KEEP = `
INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1`;

const COUNT = `
INSERT INTO incident_counts (kind, flag, revision, count) VALUES (?, ?, ?, 1)
ON CONFLICT DO UPDATE SET count = count + 1`;

/** Where there are too many, what repeats is counted again. To be called inside a transaction. */
export function keepIncidents({ sql }: ShardState, conflicts: readonly SightedConflict[], receivedAt: number): void {
  if (conflicts.length === 0) return;
  let kept = sql.exec<{ kept: number }>('SELECT count(*) AS kept FROM incidents').one().kept;
  for (const { kind, flag, one, unit, before } of conflicts) {
    const isFull = kept >= MAX_INCIDENTS;
    const words = [kind, flag, one.revision, one.rule, unit, one.variation, one.place, one.time];
    const earlier = [before.revision, before.variation, before.place, before.time];
    const isNew = !isFull && sql.exec(KEEP, ...words, ...earlier, receivedAt).toArray().length > 0;
    if (isNew) kept++;
    if (isNew || isFull) sql.exec(COUNT, kind, flag, one.revision);
  }
}

export interface Serving extends Place {
  readonly revision: number;
  readonly variation: string;
  /** Milliseconds since 1970, by ingest's clock, as all times here. */
  readonly time: number;
}

export interface Incident {
  readonly kind: IncidentKind;
  readonly flag: string;
  /** Empty where the flag's fallthrough decided. */
  readonly rule: string;
  readonly unit: string;
  readonly before: Serving;
  readonly after: Serving;
  readonly receivedAt: number;
}

export interface IncidentCount {
  readonly kind: IncidentKind;
  readonly flag: string;
  readonly revision: number;
  readonly count: number;
}

export interface ShardIncidents {
  readonly counts: readonly IncidentCount[];
  /** The latest first. */
  readonly incidents: readonly Incident[];
}

interface Row extends Record<string, SqlStorageValue> {
  kind: IncidentKind;
  flag: TextId;
  revision: number;
  rule: TextId;
  unit: ArrayBuffer;
  variation: TextId;
  place: TextId;
  time: number;
  before_revision: number;
  before_variation: TextId;
  before_place: TextId;
  before_time: number;
  received_at: number;
}

export function readIncidents(sql: SqlStorage, texts: ShardTexts, limit: number): ShardIncidents {
  const counts = sql.exec<{ kind: IncidentKind; flag: TextId; revision: number; count: number }>(
    'SELECT kind, flag, revision, count FROM incident_counts',
  );
  const rows = sql.exec<Row>('SELECT * FROM incidents ORDER BY received_at DESC, unit LIMIT ?', limit);
  return {
    counts: [...counts].map((one) => ({ ...one, flag: texts.textOf(one.flag) })),
    incidents: [...rows].map((row) => incidentOf(row, texts)),
  };
}

function incidentOf(row: Row, { textOf }: ShardTexts): Incident {
  return {
    kind: row.kind,
    flag: textOf(row.flag),
    rule: textOf(row.rule),
    unit: encodeBase64url(new Uint8Array(row.unit)),
    before: {
      revision: row.before_revision,
      variation: textOf(row.before_variation),
      ...placeOf(textOf(row.before_place)),
      time: row.before_time,
    },
    after: { revision: row.revision, variation: textOf(row.variation), ...placeOf(textOf(row.place)), time: row.time },
    receivedAt: row.received_at,
  };
}
