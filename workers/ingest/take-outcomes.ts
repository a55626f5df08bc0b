/** Takes the outcomes of a part into a shard, where each waits at most its metric's attribution window for an exposure that is late. */
import { MINUTE_MS } from '#rollout/cohort/join-outcomes';
import type { TextId } from '#rollout/cohort/sight-exposure';
import type { OutcomeRow } from './inbox-part.ts';
import type { ShardState } from './take-exposures.ts';
import { ID_BYTES } from './unit-bytes.ts';

/** Of a metric that no rollout has: one that is declared within it still gets the outcome. */
const UNDECLARED_MINUTES = 30;

export interface ArrivedOutcomes {
  readonly outcomes: readonly OutcomeRow[];
  readonly outcomeIds: Uint8Array;
  readonly outcomeUnits: Uint8Array;
  /** Of each. */
  readonly receivedAt: readonly number[];
}

const KEEP = `
INSERT INTO outcomes (unit, id, metric, region, time, value, due)
SELECT substr(?1, 1 + key * ${ID_BYTES}, ${ID_BYTES}), substr(?2, 1 + key * ${ID_BYTES}, ${ID_BYTES}),
  value->>0, value->>1, value->>2, CAST(value->>3 AS REAL), value->>4
FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING`;

/** To be called inside a transaction. */
export function takeOutcomes({ sql, texts, plan }: ShardState, arrived: ArrivedOutcomes): void {
  const { outcomes, outcomeIds, outcomeUnits, receivedAt } = arrived;
  if (outcomes.length === 0) return;
  const waitOf = (metric: TextId): number => {
    const windows = plan.byMetric(metric).map(({ metrics }) => metrics.get(metric)?.attributionMinutes ?? 0);
    return Math.max(...windows, windows.length === 0 ? UNDECLARED_MINUTES : 0) * MINUTE_MS;
  };
  const rows = outcomes.map(([name, time, value, region], at) => {
    const metric = texts.idOf(name);
    return [metric, texts.idOf(region), time, value, (receivedAt[at] ?? 0) + waitOf(metric)];
  });
  sql.exec(KEEP, outcomeUnits, outcomeIds, JSON.stringify(rows));
}
