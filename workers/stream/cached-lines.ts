/**
 * Lines by their digest, which never change: kept by the location's cache, so that a thousand relays that fetch what is new ask the
 * channel once a location. Whoever asks was let in before.
 */

/** As much of the Cache API as is used. */
export interface LinesCache {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
}

export interface CachedLinesDeps {
  readonly environment: string;
  readonly cache: LinesCache;
  /** Undefined where they are not kept. */
  readonly read: (digest: string) => Promise<string | undefined>;
}

export type CachedLines = (digest: string, behind: (work: Promise<unknown>) => void) => Promise<string | undefined>;

const HELD = { 'content-type': 'text/plain', 'cache-control': 'public, max-age=86400' };

export function createCachedLines({ environment, cache, read }: CachedLinesDeps): CachedLines {
  return async (digest, behind) => {
    const url = `https://rulesets.lockstep.invalid/${encodeURIComponent(environment)}/${digest}`;
    // A cache that fails costs a question more, and nothing else.
    const held = await cache.match(url).catch(() => undefined);
    if (held !== undefined) return held.text();
    const lines = await read(digest);
    if (lines !== undefined) behind(cache.put(url, new Response(lines, { headers: HELD })).catch(() => undefined));
    return lines;
  };
}
