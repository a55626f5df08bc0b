/**
 * How long an inbox keeps what. Ids stay for as long as what has them may come again; numbers stay forever: those of cells that nothing
 * was added to for so long are added up by flag, variation and region.
 */
import { pruningDigests } from './digest-ids.ts';
import { NO_BYTES, type PrunerOptions, pruningByAge, type Walk } from './prune-tables.ts';

/** A reason is a name: what has none is a sum already. */
const OLD_CELLS = `FROM cells WHERE cell > ?1 AND cell <= ?2 AND last_at < ?3 AND reason <> ''`;

const ADD_UP = `
INSERT INTO cells (flag, variation, version, pop, revision, reason, rule, region, cloud, count, last_at)
SELECT flag, variation, 0, '', 0, '', '', region, '', sum(count), ?3 ${OLD_CELLS} GROUP BY flag, variation, region
ON CONFLICT DO UPDATE SET count = count + excluded.count`;

const addingUpCells = (sql: SqlStorage): Walk => ({
  table: 'cells',
  key: 'cell',
  start: 0,
  prune({ after, upto, horizon }) {
    sql.exec(ADD_UP, after, upto, horizon);
    sql.exec(`DELETE ${OLD_CELLS}`, after, upto, horizon);
  },
});

export const inboxRetention = (sql: SqlStorage): Pick<PrunerOptions, 'walks' | 'finish'> => ({
  walks: [
    pruningByAge(sql, 'served', 'unit', NO_BYTES),
    pruningByAge(sql, 'outcomes', 'id', NO_BYTES),
    ...pruningDigests(sql),
    // As late as the latest that is of it: nobody has its number any more.
    pruningByAge(sql, 'kinds', 'kind', 0),
    addingUpCells(sql),
  ],
  finish(horizon) {
    sql.exec('DELETE FROM quarantine WHERE received_at < ?', horizon);
    const parts = sql.exec('DELETE FROM refused_parts WHERE received_at < ? RETURNING sequence', horizon).toArray();
    if (parts.length > 0)
      console.error(`${parts.length} parts that shards refused are let go, and were never replayed`);
  },
});
