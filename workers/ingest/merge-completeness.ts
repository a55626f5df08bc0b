/** Makes one answer of what the inboxes know of completeness. */
import { type COUNTERS, type EmitterStanding, type InboxCounts, type LedgerSum, sumLedgers } from './read-counts.ts';

/** Of a region and a flag. */
export interface Received {
  readonly region: string;
  readonly flag: string;
  /** By the ledgers of emitters that tell flags apart. */
  readonly evaluated: number;
  readonly exposed: number;
  /** Exposures that arrived, repeats included. */
  readonly received: number;
  /** Unique ones. */
  readonly counted: number;
}

export interface FlagCompleteness extends Received {
  /** Null where no ledger tells the flag apart. */
  readonly completeness: number | null;
}

export interface Completeness {
  /** Parts that are not counted yet: what is in them is in the ledgers, and not received. */
  readonly waiting: number;
  readonly ledgers: LedgerSum & Outstanding;
  readonly emitters: readonly (EmitterStanding & Outstanding)[];
  /** The least complete first. */
  readonly flags: readonly FlagCompleteness[];
}

interface Outstanding {
  /** Exposures that are on their way, or died with their emitter. */
  readonly outstanding: number;
}

/** How many regions and flags an answer names. */
const FLAGS_NAMED = 1_000;

export function mergeCompleteness(
  counts: readonly Pick<InboxCounts, 'ledgers' | 'emitters' | 'waiting'>[],
  received: readonly (readonly Received[])[],
): Completeness {
  const ledgers = sumLedgers(counts.map((one) => one.ledgers));
  const emitters = counts.flatMap((one) => one.emitters).sort((a, b) => outstandingOf(b) - outstandingOf(a));
  return {
    waiting: counts.reduce((sum, { waiting }) => sum + waiting, 0),
    ledgers: { ...ledgers, outstanding: outstandingOf(ledgers) },
    emitters: emitters.map((one) => ({ ...one, outstanding: outstandingOf(one) })),
    flags: flagsOf(received)
      .sort((a, b) => (a.completeness ?? 2) - (b.completeness ?? 2) || (keyOf(a) < keyOf(b) ? -1 : 1))
      .slice(0, FLAGS_NAMED),
  };
}

/** In no order. */
export function flagsOf(received: readonly (readonly Received[])[]): FlagCompleteness[] {
  const merged = new Map<string, Received>();
  for (const one of received.flat()) merged.set(keyOf(one), added(one, merged.get(keyOf(one))));
  return [...merged.values()].map((one) => ({
    ...one,
    completeness: one.exposed === 0 ? null : Math.min(1, one.received / one.exposed),
  }));
}

export const outstandingOf = (ledger: Readonly<Record<(typeof COUNTERS)[number], number>>): number =>
  Math.max(0, ledger.exposed - ledger.sent - ledger.dropped - ledger.spilled - ledger.collapsed);

const keyOf = ({ region, flag }: Received): string => `${region}\n${flag}`;

const added = (a: Received, b: Received | undefined): Received => ({
  region: a.region,
  flag: a.flag,
  evaluated: a.evaluated + (b?.evaluated ?? 0),
  exposed: a.exposed + (b?.exposed ?? 0),
  received: a.received + (b?.received ?? 0),
  counted: a.counted + (b?.counted ?? 0),
});
