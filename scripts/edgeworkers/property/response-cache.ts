/** What a property keeps of its origin's answers, for as long as they say. */
import { type HttpResponse, headerOf } from '../http-message.ts';

export interface ResponseCache {
  get(key: string): HttpResponse | undefined;
  /** Keeps it where it may be kept. */
  put(key: string, response: HttpResponse): void;
}

const MAX_ENTRIES = 1_000;

export function createResponseCache(clock: () => number): ResponseCache {
  const entries = new Map<string, { readonly response: HttpResponse; readonly until: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined || entry.until <= clock()) return undefined;
      return entry.response;
    },
    put(key, response) {
      const seconds = freshSeconds(response);
      if (seconds === 0) return;
      const [oldest] = entries.keys();
      if (entries.size >= MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
      entries.set(key, { response, until: clock() + seconds * 1_000 });
    },
  };
}

function freshSeconds({ status, headers }: HttpResponse): number {
  const control = headerOf(headers, 'cache-control')?.toLowerCase() ?? '';
  if (status !== 200 || /\b(no-store|no-cache|private)\b/.test(control)) return 0;
  return Number(/\bs-maxage=(\d+)/.exec(control)?.[1] ?? /\bmax-age=(\d+)/.exec(control)?.[1] ?? 0);
}
