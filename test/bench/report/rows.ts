/** The figures of a run. */
import type { CaseName } from '../cases.ts';
import type { Measured } from '../measure/fleet.ts';
import type { SubjectName } from '../subject.ts';

export interface Row {
  readonly case: CaseName;
  readonly subject: SubjectName;
  readonly ns: number;
  /** Allocated per evaluation, or, in the decoding cases, retained per payload. */
  readonly bytes?: number;
  /** Of `bytes`, the context that the case itself makes. */
  readonly contextBytes?: number;
  /** Retained per flag; decoding cases only. */
  readonly bytesPerFlag?: number;
}

export interface Sizes {
  readonly flags: number;
  readonly subject: SubjectName;
  readonly format: string;
  readonly raw: number;
  readonly gzip: number;
}

export interface CryptoRow {
  readonly what: string;
  readonly ns: number;
}

export interface Results {
  readonly node: string;
  readonly v8: string;
  readonly peers: Readonly<Record<string, string>>;
  readonly method: readonly string[];
  readonly results: readonly Row[];
  readonly sizes: readonly Sizes[];
  readonly crypto: readonly CryptoRow[];
}

/** One row per subject: the median over the process sets of each set's fastest round. */
export function rowsOf(name: CaseName, sets: readonly (readonly Measured[])[]): Row[] {
  const [first = []] = sets;
  return first.map(({ subject }) => {
    const found = sets.flatMap((set) => set.filter((one) => one.subject === subject));
    const memory = found.find((one) => one.memory !== undefined)?.memory;
    const row = { case: name, subject, ns: rounded(median(found.map((one) => one.ns))) };
    if (memory === undefined) return row;
    const bytes = Math.round(memory.bytes);
    if (name.startsWith('e-')) return { ...row, bytes, bytesPerFlag: Math.round(bytes / Number(name.split('-')[1])) };
    const { contextBytes } = memory;
    return contextBytes === undefined ? { ...row, bytes } : { ...row, bytes, contextBytes: Math.round(contextBytes) };
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** To three digits behind the point for a nanosecond, to none for a million. */
const rounded = (ns: number): number => (ns < 1_000 ? Math.round(ns * 100) / 100 : Math.round(ns));
