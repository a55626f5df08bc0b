/** Reads what an inbox knows of exposures that are a number alone: their emitters had no more room to say whose they were. */

/** Of a flag's revision. */
export interface Collapsed {
  readonly revision: number;
  readonly count: number;
  /** By their emitters' clocks (milliseconds since 1970): none of them was before, or after. */
  readonly from: number;
  readonly until: number;
}

const OF_FLAG = `
SELECT revision, sum(count) AS count, min(from_time) AS "from", max(until_time) AS until
FROM collapsed WHERE flag = ? GROUP BY revision ORDER BY revision`;

export const readCollapsed = (sql: SqlStorage, flag: string): Collapsed[] =>
  sql.exec<{ -readonly [Name in keyof Collapsed]: Collapsed[Name] }>(OF_FLAG, flag).toArray();

/** Of these revisions alone, all inboxes in one. */
export function mergeCollapsed(
  inboxes: readonly (readonly Collapsed[])[],
  revisions: ReadonlySet<number>,
): readonly Collapsed[] {
  const merged = new Map<number, Collapsed>();
  for (const one of inboxes.flat()) {
    if (!revisions.has(one.revision)) continue;
    const { count, from, until } = merged.get(one.revision) ?? { ...one, count: 0 };
    merged.set(one.revision, {
      revision: one.revision,
      count: count + one.count,
      from: Math.min(from, one.from),
      until: Math.max(until, one.until),
    });
  }
  return [...merged.values()].sort((a, b) => a.revision - b.revision);
}
