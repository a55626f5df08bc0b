/**
 * How much slower than the reference this machine is just now. The platform's limits are milliseconds of the platform's machines, which
 * are not published. The reference is a server's core of today at rest, told by how fast V8 parses JSON there: native code, whose speed
 * no compiler changes underway.
 */
import { threadCpuMs } from './thread-cpu.ts';

export interface Machine {
  /** At least 1: a faster machine widens nothing. */
  factor(): number;
  /** Measures once more: beside each event. */
  sample(): void;
  /** Measures anew, where it matters; the greater of before and now. */
  recheck(): number;
}

/** 47 KB. */
const TEXT = JSON.stringify(
  Array.from({ length: 300 }, (_, index) => ({
    key: `flag.number${index}`,
    enabled: true,
    weights: [index, 2 * index, 3 * index],
    variations: ['control', 'treatment'],
    rule: { attribute: 'country', values: ['NL', 'DE', 'FR'] },
  })),
);
const REFERENCE_MS = 0.2;
const SAMPLES = 5;
/** Beyond this a machine is not slow but broken. */
const MAX_FACTOR = 20;

export function createMachine(): Machine {
  const samples = Array.from({ length: 2 * SAMPLES }, measure).slice(SAMPLES);
  const factor = (): number => Math.min(MAX_FACTOR, Math.max(1, median(samples)));
  const sample = (): void => {
    samples.shift();
    samples.push(measure());
  };
  return {
    factor,
    sample,
    recheck() {
      const before = factor();
      for (let again = 0; again < SAMPLES; again++) sample();
      return Math.max(before, factor());
    },
  };
}

function measure(): number {
  const start = threadCpuMs();
  JSON.parse(TEXT);
  return (threadCpuMs() - start) / REFERENCE_MS;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 1;
