/** What a stretch of the sandbox's code takes: CPU time of the thread, and memory that is alive. */
import { GCProfiler, getHeapStatistics, setFlagsFromString } from 'node:v8';
import vm from 'node:vm';
import { threadCpuMs } from './thread-cpu.ts';

export interface Measured<T> {
  readonly result: { readonly value: T } | { readonly error: unknown };
  readonly cpuMs: number;
  readonly wallMs: number;
  /** What was alive in the whole process, in bytes: before and after; and the most that was there underway, alive or not yet collected. */
  readonly before: number;
  readonly after: number;
  readonly peak: number;
}

export interface Meter {
  measure<T>(act: () => T): Measured<T>;
  /** What is alive in the whole process. */
  used(): number;
  /** The same, after a collection of everything. */
  usedFully(): number;
}

/** `light` collects the young generation around each stretch, which is fast; `exact` collects all. */
export type MemoryMeasure = 'light' | 'exact';

export function createMeter(account: MemoryMeasure): Meter {
  const collect = collector();
  const live = (type: 'minor' | 'major'): number => {
    collect({ type, execution: 'sync' });
    return used();
  };
  const usual = account === 'light' ? 'minor' : 'major';
  return {
    used: () => live(usual),
    usedFully: () => live('major'),
    measure(act) {
      const before = live(usual);
      const collections = new GCProfiler();
      collections.start();
      const cpuBefore = threadCpuMs();
      const started = performance.now();
      const result = attempt(act);
      const wallMs = performance.now() - started;
      const cpuMs = Math.min(wallMs, threadCpuMs() - cpuBefore);
      const peak = Math.max(used(), peakOf(collections.stop()));
      const after = live(usual);
      return { result, cpuMs, wallMs, before, after, peak };
    },
  };
}

/** Of a realm that nobody else has: with the flag on, every realm would have it as a global. */
function collector(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as NodeJS.GCFunction;
  setFlagsFromString('--no-expose-gc');
  return collect;
}

function attempt<T>(act: () => T): Measured<T>['result'] {
  try {
    return { value: act() };
  } catch (error) {
    return { error };
  }
}

function used(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

const peakOf = (profile: ReturnType<GCProfiler['stop']>): number =>
  (profile?.statistics ?? []).reduce((peak, { afterGC }) => {
    const { usedHeapSize, externalMemory } = afterGC.heapStatistics;
    return Math.max(peak, usedHeapSize + externalMemory);
  }, 0);
