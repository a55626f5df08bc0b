/** Ingest, one an environment, over its HTTP API. What it does not tell in a second is not known: nobody waits for it. */
import * as z from 'zod';
import { boundedChunks } from '#http/bounded-chunks';
import { withDeadline } from '#http/with-deadline';
import { digest, time } from '#schema/control-names';
import type { IngestAddress, KeyUsePort } from './key-use-port.ts';

export interface KeyUseOptions {
  /** By environment. */
  readonly addresses: ReadonlyMap<string, IngestAddress>;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export const DEADLINE_MS = 1_000;
/** How long an answer is good for, and how long one that did not come is not asked for again. */
export const REMEMBERED_MS = 10_000;
const MAX_JSON = 4 * 1024 * 1024;

const answer = z.object({ keys: z.array(z.object({ sha256: digest, lastUsedAt: time })) });

interface Known {
  readonly at: number;
  readonly uses: ReadonlyMap<string, number>;
}

export function createKeyUseOverHttp({ addresses, fetch, now }: KeyUseOptions): KeyUsePort {
  const known = new Map<string, Known>();

  async function ask({ url, key }: IngestAddress): Promise<ReadonlyMap<string, number>> {
    const text = await withDeadline(DEADLINE_MS, async (signal) => {
      const headers = { authorization: `Bearer ${key}` };
      const response = await fetch(new Request(`${url}/v1/key-use`, { headers, signal }));
      const bytes = response.ok && response.body ? await boundedChunks(response.body.getReader(), MAX_JSON) : undefined;
      return new TextDecoder().decode(bytes);
    });
    const { keys } = answer.parse(JSON.parse(text ?? ''));
    return new Map(keys.map(({ sha256, lastUsedAt }) => [sha256, lastUsedAt]));
  }

  return {
    async lastUsed(environment) {
      const before = known.get(environment);
      if (before !== undefined && Math.abs(now() - before.at) < REMEMBERED_MS) return before.uses;
      const address = addresses.get(environment);
      if (address === undefined) return new Map();
      // Where it is dark, what was heard before is still true of the past.
      const uses = await ask(address).catch(() => before?.uses ?? new Map<string, number>());
      known.set(environment, { at: now(), uses });
      return uses;
    },
  };
}
