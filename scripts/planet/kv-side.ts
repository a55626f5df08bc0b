/**
 * What Workers KV does that Miniflare's does not: one write a second to a key, and reads that see a write only later. Source:
 * developers.cloudflare.com/kv/platform/limits, developers.cloudflare.com/kv/concepts/how-kv-works
 */
import { METADATA_HEADER } from './wire.ts';

export interface KvSide {
  /** Answers a call that came over a link; `lagMs` is how far behind the reads of that reader are. None goes back in time. */
  answer(request: Request, reader: string, lagMs: number): Promise<Response>;
}

export interface KvSideDeps {
  /** The store itself: see `entries/kv.ts`. */
  readonly store: (request: Request) => Promise<Response>;
  readonly now: () => number;
}

const WRITE_INTERVAL_MS = 1_000;
/** The furthest that a reader may be behind. */
export const MAX_LAG_MS = 120_000;

interface Kept {
  /** When it came to be there. */
  readonly at: number;
  /** Undefined where nothing was there. */
  readonly value: { readonly text: string; readonly metadata: string | undefined } | undefined;
}

export function createKvSide({ store, now }: KvSideDeps): KvSide {
  /** By path, what was there and is, oldest first: what readers that are behind see. */
  const histories = new Map<string, readonly Kept[]>();
  /** By reader and path, since when what it last saw was there. */
  const lastSeen = new Map<string, number>();
  const lastWrites = new Map<string, number>();

  async function write(request: Request, path: string): Promise<Response> {
    const at = now();
    if (at - (lastWrites.get(path) ?? Number.NEGATIVE_INFINITY) < WRITE_INTERVAL_MS) {
      return new Response('Too Many Requests', { status: 429 });
    }
    lastWrites.set(path, at);
    const history = histories.get(path) ?? [await keptBefore(request.url)];
    const copy = request.clone();
    const response = await store(request);
    if (!response.ok) return response;
    histories.set(path, recent([...history, { at, value: await keptOf(copy) }], at));
    return response;
  }

  async function keptBefore(url: string): Promise<Kept> {
    const response = await store(new Request(url));
    return { at: Number.NEGATIVE_INFINITY, value: response.ok ? await keptOf(response) : undefined };
  }

  return {
    async answer(request, reader, lagMs) {
      const path = new URL(request.url).pathname;
      if (request.method === 'PUT') return write(request, path);
      const response = await store(request);
      const history = histories.get(path);
      if (history === undefined || response.status >= 500) return response;
      const saw = lastSeen.get(`${reader} ${path}`) ?? Number.NEGATIVE_INFINITY;
      const seen = history.findLast(({ at }) => at <= Math.max(saw, now() - lagMs)) ?? history[0];
      if (seen === undefined) return response;
      lastSeen.set(`${reader} ${path}`, seen.at);
      return lagMs === 0 ? response : answerOf(seen.value);
    },
  };
}

const keptOf = async (message: Request | Response): Promise<Kept['value']> => ({
  text: await message.text(),
  metadata: message.headers.get(METADATA_HEADER) ?? undefined,
});

function answerOf(value: Kept['value']): Response {
  if (value === undefined) return new Response('Not Found', { status: 404 });
  const { text, metadata } = value;
  return new Response(text, { headers: metadata === undefined ? {} : { [METADATA_HEADER]: metadata } });
}

/** What nobody can see any more is forgotten: all but the last that is older than the longest lag. */
function recent(history: readonly Kept[], now: number): readonly Kept[] {
  const oldest = history.findLastIndex(({ at }) => at <= now - MAX_LAG_MS);
  return history.slice(Math.max(0, oldest));
}
