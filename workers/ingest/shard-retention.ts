/**
 * How long a shard keeps what. What a declared rollout counts by stays until the rollout is dropped: who has been exposed and joined is
 * never to be counted a second time.
 */
import { MINUTE_MS } from '#rollout/cohort/join-outcomes';
import { NO_BYTES, type PrunerOptions, type Walk } from './prune-tables.ts';
import type { ShardPlan } from './shard-plan.ts';

const FORGET_SEEN = `
DELETE FROM seen WHERE unit > ?1 AND unit <= ?2 AND time < ?3
AND (flag, revision) NOT IN (SELECT value->>0, value->>1 FROM json_each(?4))`;

/** Flags and revisions that rollouts count. */
const declared = ({ cohorts }: ShardPlan): readonly (readonly [flag: number, revision: number])[] =>
  cohorts.flatMap(({ flag, stageOf }) => [...stageOf.keys()].map((revision): [number, number] => [flag, revision]));

const pruningSeen = (sql: SqlStorage, plan: () => ShardPlan): Walk => ({
  table: 'seen',
  key: 'unit',
  start: NO_BYTES,
  prune: ({ after, upto, horizon }) =>
    void sql.exec(FORGET_SEEN, after, upto, horizon, JSON.stringify(declared(plan()))),
});

/** Latencies, which have a minute: no outcome of it is believed any more. */
const FORGET_JOINED = 'DELETE FROM joined WHERE unit > ? AND unit <= ? AND minute > 0 AND minute < ?';

const pruningJoined = (sql: SqlStorage): Walk => ({
  table: 'joined',
  key: 'unit',
  start: NO_BYTES,
  prune: ({ after, upto, horizon }) => void sql.exec(FORGET_JOINED, after, upto, Math.floor(horizon / MINUTE_MS)),
});

export const shardRetention = (sql: SqlStorage, plan: () => ShardPlan): Pick<PrunerOptions, 'walks' | 'finish'> => ({
  walks: [pruningSeen(sql, plan), pruningJoined(sql)],
  finish: (horizon) => void sql.exec('DELETE FROM incidents WHERE received_at < ?', horizon),
});
