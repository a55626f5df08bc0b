/** Waits until the POPs of a planet serve a version. */
import { setTimeout as sleep } from 'node:timers/promises';
import { edgeOf, POP_NAMES, type PopName } from '../planet/layout.ts';
import type { PlanetFile } from '../planet/state.ts';
import { keyOf, urlOf } from './running-planet.ts';

export interface Following {
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
  await Promise.all(
    POP_NAMES.map(async (pop) => {
      for (;;) {
        const now = await versionAt(planet, pop);
        const tookMs = performance.now() - began;
        if (now !== undefined && now >= version) return served.set(pop, tookMs);
        if (tookMs > deadlineMs || signal?.aborted === true) return behind.set(pop, now);
        await sleep(INTERVAL_MS);
      }
    }),
  );
  return { served, behind };
}

async function versionAt(planet: PlanetFile, pop: PopName): Promise<number | undefined> {
  try {
    const response = await fetch(`${urlOf(planet, edgeOf(pop))}/v1/status`, {
      headers: { authorization: `Bearer ${keyOf(planet, 'server')}` },
      signal: AbortSignal.timeout(ASK_DEADLINE_MS),
    });
    return ((await response.json()) as { readonly version?: number | null }).version ?? undefined;
  } catch {
    // It restarts, or is too slow: asked again.
    return undefined;
  }
}
