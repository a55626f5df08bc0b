/** Keeps what emitters say of themselves: the last ledger of each, which of its batches were heard, and its collapsed counts. */
import { type HeardBatches, hear, missingBatches, NONE_HEARD } from '#exposure/heard-batches';
import type { AnyLedger } from '#schema/exposure';
import type { EmitterWord } from './inbox-part.ts';
import { addToTally, type Tally } from './inbox-tables.ts';
import { forgetEmitterFlags, keepEmitterFlags } from './read-completeness.ts';

const KEEP = `
INSERT INTO emitters (emitter, sent_at, received_at, region, heard, missing, evaluated, exposed, sent, dropped)
VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0)
ON CONFLICT DO UPDATE SET
  sent_at = max(sent_at, excluded.sent_at),
  received_at = max(received_at, excluded.received_at),
  region = iif(excluded.region = '', region, excluded.region),
  heard = excluded.heard,
  missing = excluded.missing`;

// Counters only grow, so that the larger is the later, in whatever order beacons arrive. What lies in a spill shrinks again.
const KEEP_LEDGER = `
UPDATE emitters SET
  evaluated = max(evaluated, ?1),
  exposed = max(exposed, ?2),
  sent = max(sent, ?3),
  dropped = max(dropped, ?4),
  collapsed = max(collapsed, ?5),
  spilled = iif(?6 >= sent_at, ?7, spilled)
WHERE emitter = ?8`;

const KEEP_COLLAPSED = `
INSERT INTO collapsed
  (emitter, sequence, place, flag, revision, variation, version, count, from_time, until_time, received_at)
SELECT ?1, ?2, key, value->>'flag', value->>'revision', value->>'variation', value->>'version', value->>'count',
  value->>'from', value->>'until', ?3
FROM json_each(?4) WHERE true ON CONFLICT DO NOTHING`;

const RETIRE = `
DELETE FROM emitters
WHERE emitter IN (SELECT emitter FROM emitters ORDER BY received_at DESC, emitter LIMIT -1 OFFSET ?)
RETURNING evaluated, exposed, sent, dropped, spilled, collapsed, missing`;

interface Counters extends Record<string, number> {
  evaluated: number;
  exposed: number;
  sent: number;
  dropped: number;
  spilled: number;
  collapsed: number;
  missing: number;
}

const RETIRED: Readonly<Record<string, Tally>> = {
  evaluated: 'retiredEvaluated',
  exposed: 'retiredExposed',
  sent: 'retiredSent',
  dropped: 'retiredDropped',
  spilled: 'retiredSpilled',
  collapsed: 'retiredCollapsed',
  missing: 'retiredMissing',
};

/** Where there are more emitters than `bound`, those that were silent for longest go, and their counters into a sum. */
export function keepWord(sql: SqlStorage, word: EmitterWord, receivedAt: number, bound: number): void {
  const { emitter, sentAt, region = '', sequence, ledger, collapsed = [] } = word;
  const [known] = sql.exec<{ heard: string }>('SELECT heard FROM emitters WHERE emitter = ?', emitter).toArray();
  const before = known === undefined ? NONE_HEARD : (JSON.parse(known.heard) as HeardBatches);
  const heard = sequence === undefined ? before : hear(before, sequence);
  sql.exec(KEEP, emitter, sentAt, receivedAt, region, JSON.stringify(heard), missingBatches(heard));
  if (ledger !== undefined) keepLedger(sql, emitter, sentAt, ledger);
  if (sequence !== undefined && collapsed.length > 0)
    sql.exec(KEEP_COLLAPSED, emitter, sequence, receivedAt, JSON.stringify(collapsed));
  if (known === undefined) retire(sql, bound);
}

function keepLedger(sql: SqlStorage, emitter: string, sentAt: number, ledger: AnyLedger): void {
  const { evaluated, exposed, sent, dropped, spilled = 0, collapsed = 0 } = ledger;
  sql.exec(KEEP_LEDGER, evaluated, exposed, sent, dropped, collapsed, sentAt, spilled, emitter);
  if (ledger.flags !== undefined) keepEmitterFlags(sql, emitter, ledger.flags);
}

function retire(sql: SqlStorage, bound: number): void {
  for (const retired of sql.exec<Counters>(RETIRE, bound).toArray()) {
    addToTally(sql, 'retired', 1);
    for (const [counter, tally] of Object.entries(RETIRED)) addToTally(sql, tally, retired[counter] ?? 0);
    forgetEmitterFlags(sql);
  }
}
