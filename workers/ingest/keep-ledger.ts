/** Keeps the last ledger of each emitter. */

import type { EmitterLedger } from './inbox-part.ts';
import { addToTally } from './inbox-tables.ts';

// Counters only grow, so that the larger is the later, in whatever order beacons arrive.
const KEEP = `
INSERT INTO emitters (emitter, sent_at, received_at, evaluated, exposed, sent, dropped) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
  sent_at = max(sent_at, excluded.sent_at),
  received_at = max(received_at, excluded.received_at),
  evaluated = max(evaluated, excluded.evaluated),
  exposed = max(exposed, excluded.exposed),
  sent = max(sent, excluded.sent),
  dropped = max(dropped, excluded.dropped)`;

const RETIRE = `
DELETE FROM emitters
WHERE emitter IN (SELECT emitter FROM emitters ORDER BY received_at DESC, emitter LIMIT -1 OFFSET ?)
RETURNING evaluated, exposed, sent, dropped`;

interface Counters extends Record<string, number> {
  evaluated: number;
  exposed: number;
  sent: number;
  dropped: number;
}

/** Where there are more emitters than `bound`, those that were silent for longest go, and their counters into a sum. */
export function keepLedger(
  sql: SqlStorage,
  { emitter, sentAt, ledger }: EmitterLedger,
  receivedAt: number,
  bound: number,
): void {
  const known = sql.exec('SELECT 1 FROM emitters WHERE emitter = ?', emitter).toArray().length > 0;
  const { evaluated, exposed, sent, dropped } = ledger;
  sql.exec(KEEP, emitter, sentAt, receivedAt, evaluated, exposed, sent, dropped);
  if (known) return;
  for (const retired of sql.exec<Counters>(RETIRE, bound).toArray()) {
    addToTally(sql, 'retired', 1);
    addToTally(sql, 'retiredEvaluated', retired.evaluated);
    addToTally(sql, 'retiredExposed', retired.exposed);
    addToTally(sql, 'retiredSent', retired.sent);
    addToTally(sql, 'retiredDropped', retired.dropped);
  }
}
