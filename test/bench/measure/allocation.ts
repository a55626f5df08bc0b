/** Bytes that a warm loop allocates, counted between two garbage collections. */
import { GCProfiler } from 'node:v8';
import type { Runner } from '../subject.ts';

/** Small against the young generation, so that nothing is collected while it is counted. */
const BUDGET_BYTES = 2_000_000;
const ATTEMPTS = 9;

/** Bytes per run: the difference between a long and a short stretch, so that the counting itself drops out. */
export async function bytesPerRun(runner: Runner): Promise<number> {
  const rough = Math.max(1, (await stretch(runner, 2)) / 2);
  const count = Math.min(100_000, Math.max(1, Math.floor(BUDGET_BYTES / rough)));
  const found: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const short = await stretch(runner, count);
    const long = await stretch(runner, count * 2);
    found.push((long - short) / count);
  }
  found.sort((a, b) => a - b);
  return found[ATTEMPTS >> 1] as number;
}

/** Bytes of a stretch of `count` runs in which no collection happened. */
async function stretch(runner: Runner, count: number): Promise<number> {
  for (let attempt = 0; attempt < 5; attempt++) {
    globalThis.gc?.();
    const profiler = new GCProfiler();
    profiler.start();
    const before = process.memoryUsage().heapUsed;
    const hits = runner(count);
    if (typeof hits !== 'number') await hits;
    const grown = process.memoryUsage().heapUsed - before;
    if (profiler.stop().statistics.length === 0) return grown;
  }
  throw new Error('every stretch was interrupted by a collection');
}
