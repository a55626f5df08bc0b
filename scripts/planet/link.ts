/** The way of calls from one process to another, as good as the faults on it allow. */
import type { Faults } from './faults.ts';
import type { LinkName } from './layout.ts';
import { isStream, streamed } from './streamed.ts';
import { FAILURE_HEADER } from './wire.ts';

export interface Link {
  /** What the other end answers, or a failure (`FAILURE_HEADER`); never rejects. */
  pass(request: Request): Promise<Response>;
  counts(): LinkCounts;
}

/** Since the planet started. */
export interface LinkCounts {
  readonly calls: number;
  readonly failed: number;
}

export interface LinkDeps {
  readonly faults: Faults;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** How far a delay differs from call to call. */
const JITTER = 0.2;

/** `far` answers at the other end; it rejects where that cannot be reached. */
export function createLink(
  name: LinkName,
  far: (request: Request) => Promise<Response>,
  { faults, random, sleep }: LinkDeps,
): Link {
  let calls = 0;
  let failed = 0;
  const isCut = (): boolean => faults.find(name, 'cut') !== undefined;

  async function cross(request: Request): Promise<Response> {
    if (isCut()) return failure('cut');
    const delayMs = faults.find(name, 'delay')?.ms ?? 0;
    if (delayMs > 0) await sleep(delayMs * (1 - JITTER + 2 * JITTER * random()));
    const isLost = random() < (faults.find(name, 'drop')?.share ?? 0);
    if (isCut()) return failure('cut');
    const isLostOnTheWayThere = isLost && random() < 0.5;
    if (isLostOnTheWayThere) return failure('dropped');
    const response = await far(request).catch(() => failure('unreachable'));
    if (!isCut() && !isLost) return isStream(response) ? streamed(response, broken) : response;
    void response.body?.cancel();
    return failure(isCut() ? 'cut' : 'dropped');
  }

  /** What is under way breaks off where the link is cut. */
  function broken(breakOff: () => void): () => void {
    return faults.watch(name, () => {
      if (isCut()) breakOff();
    });
  }

  return {
    async pass(request) {
      calls++;
      const response = await cross(request);
      if (response.headers.has(FAILURE_HEADER)) failed++;
      return response;
    },
    counts: () => ({ calls, failed }),
  };
}

const WORDS = {
  cut: 'the way there is cut',
  dropped: 'the call was lost on the way',
  unreachable: 'nobody answers there',
} as const;

/** In words, too, for who takes it for an answer. */
const failure = (why: keyof typeof WORDS): Response =>
  Response.json(
    { title: 'Service Unavailable', status: 503, detail: WORDS[why] },
    { status: 503, headers: { [FAILURE_HEADER]: why, 'content-type': 'application/problem+json' } },
  );
