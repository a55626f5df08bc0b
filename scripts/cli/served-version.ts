/** Waits until the POPs of a planet serve a version. */
import { setTimeout as sleep } from 'node:timers/promises';
import { edgeOf, POP_NAMES, type PopName } from '../planet/layout.ts';
import type { PlanetFile } from '../planet/state.ts';
import { keyOf, urlOf } from './running-planet.ts';

/** What a POP serves. */
export interface PopVersion {
  readonly name: PopName;
  /** Null where it serves no ruleset, or does not answer. */
  readonly version: number | null;
  /** Whether it says that what it serves may be out of date; true where it does not answer. */
  readonly stale: boolean;
}

export interface Following {
  /** What each POP served when it was last asked. */
  readonly pops: readonly PopVersion[];
  /** By POP, how long it took until it served the version (milliseconds). */
  readonly served: ReadonlyMap<PopName, number>;
  /** Those that did not in time, with what they serve instead; undefined where they do not answer. */
  readonly behind: ReadonlyMap<PopName, number | undefined>;
}

const INTERVAL_MS = 100;
const ASK_DEADLINE_MS = 2_000;

/** Each is asked again and again, as its users would, until `signal` or the deadline. */
export async function untilServed(
  planet: PlanetFile,
  version: number,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<Following> {
  const began = performance.now();
  const served = new Map<PopName, number>();
  const behind = new Map<PopName, number | undefined>();
  const pops = await Promise.all(
    POP_NAMES.map(async (pop) => {
      for (;;) {
        const now = await askPop(planet, pop);
        const tookMs = performance.now() - began;
        const serves = (now.version ?? 0) >= version;
        if (serves) served.set(pop, tookMs);
        else if (tookMs > deadlineMs || signal?.aborted === true) behind.set(pop, now.version ?? undefined);
        if (serves || behind.has(pop)) return now;
        await sleep(INTERVAL_MS);
      }
    }),
  );
  return { pops, served, behind };
}

async function askPop(planet: PlanetFile, name: PopName): Promise<PopVersion> {
  try {
    const response = await fetch(`${urlOf(planet, edgeOf(name))}/v1/status`, {
      headers: { authorization: `Bearer ${keyOf(planet, 'server')}` },
      signal: AbortSignal.timeout(ASK_DEADLINE_MS),
    });
    const { version = null, stale = true } = (await response.json()) as Partial<PopVersion>;
    return { name, version, stale };
  } catch {
    // It restarts, or is too slow: asked again.
    return { name, version: null, stale: true };
  }
}
