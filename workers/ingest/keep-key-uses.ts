/** When SDK keys were last used: of each the latest that an inbox was told. */
import type { KeyUse } from '#exposure/key-uses';

const KEEP = `
INSERT INTO key_uses (sha256, used_at) SELECT value->>0, value->>1 FROM json_each(?) WHERE true
ON CONFLICT DO UPDATE SET used_at = max(used_at, excluded.used_at)`;

const LET_OLDEST_GO = `
DELETE FROM key_uses WHERE sha256 IN (SELECT sha256 FROM key_uses ORDER BY used_at DESC, sha256 LIMIT -1 OFFSET ?)`;

/** Where there are more keys than `bound`, those that were idle for longest go. To be called inside a transaction. */
export function keepKeyUses(sql: SqlStorage, uses: readonly KeyUse[], bound: number): void {
  sql.exec(KEEP, JSON.stringify(uses));
  sql.exec(LET_OLDEST_GO, bound);
}

export interface KeyLastUse {
  readonly sha256: string;
  /** Milliseconds since 1970, a whole minute. */
  readonly lastUsedAt: number;
}

export const readKeyUses = (sql: SqlStorage): KeyLastUse[] =>
  sql.exec<{ sha256: string; lastUsedAt: number }>('SELECT sha256, used_at AS lastUsedAt FROM key_uses').toArray();
