/** What an inbox has put aside: exposures and outcomes that are not believed, and parts that a shard could not take. */

export interface PutAside {
  readonly reason: string;
  /** Milliseconds since 1970, as all times here. */
  readonly receivedAt: number;
  /** The exposure or the outcome, as it came. */
  readonly what: unknown;
}

export interface RefusedPart {
  readonly inbox: number;
  readonly sequence: number;
  readonly shard: number;
  readonly reason: string;
  readonly receivedAt: number;
}

export interface Quarantine {
  /** The latest first. */
  readonly events: readonly PutAside[];
  /** What `POST /v1/quarantine/replay` sends to shards again. */
  readonly parts: readonly RefusedPart[];
}

const EVENTS = `
SELECT reason, received_at AS receivedAt, exposure AS text FROM quarantine ORDER BY seq DESC LIMIT ?`;

const PARTS = `
SELECT sequence, shard, reason, received_at AS receivedAt FROM refused_parts ORDER BY sequence LIMIT ?`;

export function readQuarantine(sql: SqlStorage, inbox: number, limit: number): Quarantine {
  const events = sql.exec<{ reason: string; receivedAt: number; text: string }>(EVENTS, limit);
  const parts = sql.exec<{ sequence: number; shard: number; reason: string; receivedAt: number }>(PARTS, limit);
  return {
    events: [...events].map(({ reason, receivedAt, text }) => ({
      reason,
      receivedAt,
      what: JSON.parse(text) as unknown,
    })),
    parts: [...parts].map((part) => ({ inbox, ...part })),
  };
}
