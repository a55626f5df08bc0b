/** The figures of a run. */
import { type CaseName, isDecoding } from '../cases.ts';
import type { Measured } from '../measure/fleet.ts';
import type { Memory } from '../measure/protocol.ts';
import type { SubjectName } from '../subject.ts';
import { noteOf } from './notes.ts';
import type { Parts } from './parts.ts';

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
  /** What the figure does not say by itself. */
  readonly note?: string;
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

export interface Results extends Parts {
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
    const note = noteOf(name, subject);
    return {
      case: name,
      subject,
      ns: rounded(median(found.map((one) => one.ns))),
      ...(memory === undefined ? {} : memoryOf(name, memory)),
      ...(note === undefined ? {} : { note }),
    };
  });
}

function memoryOf(name: CaseName, memory: Memory): Pick<Row, 'bytes' | 'contextBytes' | 'bytesPerFlag'> {
  const bytes = Math.round(memory.bytes);
  if (isDecoding(name)) return { bytes, bytesPerFlag: Math.round(bytes / Number(name.split('-')[1])) };
  return memory.contextBytes === undefined ? { bytes } : { bytes, contextBytes: Math.round(memory.contextBytes) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** To three digits behind the point for a nanosecond, to none for a million. */
const rounded = (ns: number): number => (ns < 1_000 ? Math.round(ns * 100) / 100 : Math.round(ns));
