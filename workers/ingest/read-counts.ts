/** Reads an inbox's counts. */
import type { CountsQuery } from './counts-query.ts';
import { uncountedParts } from './inbox-log.ts';
import { readTallies } from './inbox-tables.ts';

export interface Count {
  readonly flag: string;
  readonly variation: string;
  readonly version: number;
  /** Empty where it is not known. */
  readonly pop: string;
  /** Unique exposures. */
  readonly count: number;
}

/** What became of exposures, or of outcomes. */
export interface Taken {
  /** Those that are new. */
  readonly accepted: number;
  /** Those that the inbox had already. */
  readonly duplicates: number;
  /** Those that were put aside. */
  readonly quarantined: number;
}

export const sumTaken = (all: readonly Taken[]): Taken => ({
  accepted: all.reduce((total, { accepted }) => total + accepted, 0),
  duplicates: all.reduce((total, { duplicates }) => total + duplicates, 0),
  quarantined: all.reduce((total, { quarantined }) => total + quarantined, 0),
});

/** Counters of an emitter, and how many of its batches below the highest that was heard were not. */
export const COUNTERS = ['evaluated', 'exposed', 'sent', 'dropped', 'spilled', 'collapsed', 'missing'] as const;
export type Counters = Readonly<Record<(typeof COUNTERS)[number], number>>;

export interface EmitterStanding extends Counters {
  readonly emitter: string;
  /** Empty where it does not say. */
  readonly region: string;
  /** By ingest's clock (milliseconds since 1970), as all times here. */
  readonly receivedAt: number;
}

/** Ledgers of all emitters, added up. */
export interface LedgerSum extends Counters {
  readonly emitters: number;
  /** How many of them are in the sum alone. */
  readonly retired: number;
}

/** Exposures of which nothing but their number arrived. */
export interface CollapsedSum {
  readonly total: number;
  /** 0 where nothing was received. */
  readonly lastReceivedAt: number;
}

export interface InboxCounts {
  /** In the order of `CountKey`; one more than was asked for, where there are more. */
  readonly counts: readonly Count[];
  /** Of what the filters let through, on whatever page. */
  readonly total: number;
  /** Parts that are not counted yet. */
  readonly waiting: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** 0 where nothing was received. */
  readonly lastReceivedAt: number;
  readonly outcomes: Taken;
  readonly collapsed: CollapsedSum;
  readonly ledgers: LedgerSum;
  /** Those that were heard last, the latest first. */
  readonly emitters: readonly EmitterStanding[];
}

/** How many emitters an answer names. */
export const EMITTERS_NAMED = 100;

const FILTERED = 'FROM cells WHERE flag = ifnull(?1, flag) AND version = ifnull(?2, version) AND pop = ifnull(?3, pop)';

const PAGE = `
SELECT flag, variation, version, pop, sum(count) AS count ${FILTERED}
AND (flag, variation, version, pop) > (?4, ?5, ?6, ?7)
GROUP BY flag, variation, version, pop HAVING sum(count) > 0
ORDER BY flag, variation, version, pop LIMIT ?8`;

const TOTAL = `SELECT ifnull(sum(count), 0) AS total ${FILTERED}`;

const LEDGERS = `
SELECT count(*) AS emitters, ${COUNTERS.map((name) => `ifnull(sum(${name}), 0) AS ${name}`).join(', ')} FROM emitters`;

const EMITTERS = `
SELECT emitter, region, received_at AS receivedAt, ${COUNTERS.join(', ')}
FROM emitters ORDER BY received_at DESC, emitter LIMIT ?`;

const COLLAPSED = `
SELECT ifnull(sum(count), 0) AS total, ifnull(max(received_at), 0) AS lastReceivedAt
FROM collapsed WHERE flag = ifnull(?1, flag) AND version = ifnull(?2, version)`;

/** Before every flag: keys have at least a letter. */
const START = ['', '', 0, ''] as const;

export function readCounts(sql: SqlStorage, { flag, version, pop, limit, after = START }: CountsQuery): InboxCounts {
  const filters = [flag ?? null, version ?? null, pop ?? null];
  const tallies = readTallies(sql);
  return {
    counts: sql.exec<Row<Count>>(PAGE, ...filters, ...after, limit + 1).toArray(),
    total: sql.exec<{ total: number }>(TOTAL, ...filters).one().total,
    waiting: uncountedParts(sql),
    duplicates: tallies.get('duplicates') ?? 0,
    quarantined: tallies.get('quarantined') ?? 0,
    lastReceivedAt: tallies.get('lastReceivedAt') ?? 0,
    outcomes: {
      accepted: tallies.get('outcomes') ?? 0,
      duplicates: tallies.get('outcomeDuplicates') ?? 0,
      quarantined: tallies.get('outcomesQuarantined') ?? 0,
    },
    collapsed: sql.exec<Row<CollapsedSum>>(COLLAPSED, flag ?? null, version ?? null).one(),
    ledgers: sumLedgers([
      { retired: 0, ...sql.exec<Row<Omit<LedgerSum, 'retired'>>>(LEDGERS).one() },
      {
        emitters: tallies.get('retired') ?? 0,
        retired: tallies.get('retired') ?? 0,
        evaluated: tallies.get('retiredEvaluated') ?? 0,
        exposed: tallies.get('retiredExposed') ?? 0,
        sent: tallies.get('retiredSent') ?? 0,
        dropped: tallies.get('retiredDropped') ?? 0,
        spilled: tallies.get('retiredSpilled') ?? 0,
        collapsed: tallies.get('retiredCollapsed') ?? 0,
        missing: tallies.get('retiredMissing') ?? 0,
      },
    ]),
    emitters: sql.exec<Row<EmitterStanding>>(EMITTERS, EMITTERS_NAMED).toArray(),
  };
}

/** As the storage's types want it: an index for any name. */
type Row<T> = { -readonly [Name in keyof T]: T[Name] };

export function sumLedgers(sums: readonly LedgerSum[]): LedgerSum {
  const add = (name: keyof LedgerSum): number => sums.reduce((sum, one) => sum + one[name], 0);
  const counters = Object.fromEntries(COUNTERS.map((name) => [name, add(name)])) as Record<keyof Counters, number>;
  return { emitters: add('emitters'), retired: add('retired'), ...counters };
}
