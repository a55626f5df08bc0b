/** Makes one list of the shards' incidents: each unit is in one of them. */
import type { IncidentCount, ShardIncidents } from './keep-incidents.ts';

export function mergeIncidents(shards: readonly ShardIncidents[], limit: number): ShardIncidents {
  const counts = new Map<string, IncidentCount>();
  for (const one of shards.flatMap((shard) => shard.counts)) {
    const key = `${one.kind} ${one.flag} ${one.revision}`;
    counts.set(key, { ...one, count: one.count + (counts.get(key)?.count ?? 0) });
  }
  const incidents = shards
    .flatMap((shard) => shard.incidents)
    .sort((a, b) => b.receivedAt - a.receivedAt || (a.unit < b.unit ? -1 : 1));
  return {
    counts: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count),
    incidents: incidents.slice(0, limit),
  };
}
