/** What emitters say that they had, against what arrived and what was counted: by emitter, and by region and flag. */

import type { ReadPart } from './count-parts.ts';
import type { Received } from './merge-completeness.ts';

export const COMPLETENESS_TABLES = `
CREATE TABLE IF NOT EXISTS received (
  region TEXT NOT NULL,
  flag TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (region, flag)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS emitter_flags (
  emitter TEXT NOT NULL,
  flag TEXT NOT NULL,
  evaluated INTEGER NOT NULL,
  exposed INTEGER NOT NULL,
  PRIMARY KEY (emitter, flag)
) STRICT, WITHOUT ROWID;
`;

const RECEIVE = `
INSERT INTO received (region, flag, count) SELECT value->>0, value->>1, value->>2 FROM json_each(?) WHERE true
ON CONFLICT DO UPDATE SET count = count + excluded.count`;

/** Repeats are received again: an emitter that sends twice has exposed once, or twice if it does not know. */
export function noteReceived(sql: SqlStorage, parts: readonly Pick<ReadPart, 'cells' | 'exposures'>[]): void {
  const counts = new Map<string, [region: string, flag: string, count: number]>();
  for (const { cells, exposures } of parts) {
    const own = new Array<number>(cells.length).fill(0);
    for (const [cell] of exposures) own[cell] = (own[cell] ?? 0) + 1;
    cells.forEach(([flag, , , , , , , region], cell) => {
      const found = counts.get(`${region}\n${flag}`) ?? [region, flag, 0];
      found[2] += own[cell] ?? 0;
      counts.set(`${region}\n${flag}`, found);
    });
  }
  if (counts.size > 0) sql.exec(RECEIVE, JSON.stringify([...counts.values()]));
}

const KEEP_FLAGS = `
INSERT INTO emitter_flags (emitter, flag, evaluated, exposed)
SELECT ?1, key, value->>0, value->>1 FROM json_each(?2) WHERE true
ON CONFLICT DO UPDATE SET evaluated = max(evaluated, excluded.evaluated), exposed = max(exposed, excluded.exposed)`;

export const keepEmitterFlags = (
  sql: SqlStorage,
  emitter: string,
  flags: Readonly<Record<string, readonly [number, number]>>,
): void => void sql.exec(KEEP_FLAGS, emitter, JSON.stringify(flags));

/** Of emitters that were let go. */
export const forgetEmitterFlags = (sql: SqlStorage): void =>
  void sql.exec('DELETE FROM emitter_flags WHERE emitter NOT IN (SELECT emitter FROM emitters)');

const BY_FLAG = `
SELECT region, flag, sum(evaluated) AS evaluated, sum(exposed) AS exposed, sum(received) AS received, sum(counted) AS counted
FROM (
  SELECT emitters.region, flag, emitter_flags.evaluated, emitter_flags.exposed, 0 AS received, 0 AS counted
  FROM emitter_flags JOIN emitters USING (emitter)
  UNION ALL SELECT region, flag, 0, 0, count, 0 FROM received
  UNION ALL SELECT region, flag, 0, 0, 0, count FROM cells
) GROUP BY region, flag`;

export const readReceived = (sql: SqlStorage): Received[] =>
  sql.exec<{ -readonly [Name in keyof Received]: Received[Name] }>(BY_FLAG).toArray();
