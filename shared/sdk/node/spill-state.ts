/** What a spill remembers beside its batches: whose they are, how far they have arrived, and whether it was closed. */
import type { BatchLedger, FlagLedger } from '#exposure/exposure';
import { NOTHING } from '#exposure/spool';

export interface SpillState {
  readonly emitter: string;
  /** Batches up to this number have their fate. */
  readonly settled: number;
  /** The number of the next batch. */
  readonly next: number;
  /** Nothing was lost when it ended. */
  readonly isClosed: boolean;
  readonly ledger: BatchLedger;
}

/** Undefined where the text is not of the form: somebody else's, or cut off. */
export function readState(text: string): SpillState | undefined {
  try {
    const { emitter, settled, next, isClosed, ledger } = JSON.parse(text) as Record<string, unknown>;
    if (typeof emitter !== 'string' || !isCount(settled) || !isCount(next) || typeof isClosed !== 'boolean') {
      return undefined;
    }
    return { emitter, settled, next, isClosed, ledger: readLedger(ledger) };
  } catch {
    return undefined;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** What is no counter is none yet. */
export function readLedger(value: unknown): BatchLedger {
  const read = <T extends object>(zeros: T, given: unknown): T =>
    Object.fromEntries(
      Object.entries(zeros).map(([name, zero]) => {
        const found = (given as Record<string, unknown> | null | undefined)?.[name];
        if (typeof zero === 'object') return [name, read(zero as object, found)];
        return [name, isCount(found) ? found : zero];
      }),
    ) as T;
  const flags = readFlags((value as { readonly flags?: unknown } | null | undefined)?.flags);
  return { ...read(NOTHING, value), ...(flags && { flags }) };
}

function readFlags(value: unknown): FlagLedger | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const isPair = (pair: unknown): boolean => Array.isArray(pair) && pair.length === 2 && pair.every(isCount);
  return Object.fromEntries(Object.entries(value).filter(([, pair]) => isPair(pair)));
}

/** Counters only grow: of two, each has the larger one. */
export function later(
  { flags: oneFlags, ...one }: BatchLedger,
  { flags: otherFlags, ...other }: BatchLedger,
): BatchLedger {
  const larger = <T extends object>(a: T, b: T): T =>
    Object.fromEntries(
      Object.entries(a).map(([name, value]) => {
        const against = b[name as keyof T] as unknown;
        return [
          name,
          typeof value === 'object'
            ? larger(value as object, against as object)
            : Math.max(value as number, against as number),
        ];
      }),
    ) as T;
  const flags = laterFlags(oneFlags, otherFlags);
  return { ...larger(one, other), ...(flags && { flags }) };
}

function laterFlags(one: FlagLedger | undefined, other: FlagLedger | undefined): FlagLedger | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const larger = Object.entries(other).map(([flag, [evaluated, exposed]]) => {
    const [before, exposedBefore] = one[flag] ?? [0, 0];
    return [flag, [Math.max(evaluated, before), Math.max(exposed, exposedBefore)]] as const;
  });
  return { ...one, ...Object.fromEntries(larger) };
}
