/** A KV binding whose store is another process, at the far end of a link of the planet. It fails as Workers KV's own does. */
import { METADATA_HEADER } from '../wire.ts';

interface Found {
  readonly value: string | null;
  readonly metadata: unknown;
}

/** As much of a KV namespace as Workers of this repository use: `get`, `getWithMetadata`, `put`, of texts. */
export function linkedKv(link: Fetcher): KVNamespace {
  async function call(method: 'GET' | 'PUT', key: string, init: RequestInit = {}): Promise<Response> {
    const response = await link.fetch(`http://kv/values/${encodeURIComponent(key)}`, { ...init, method });
    if (response.ok || (response.status === 404 && method === 'GET')) return response;
    throw new Error(`KV ${method} failed: ${response.status} ${await response.text()}`.trim());
  }

  async function find(key: string, how: unknown): Promise<Found> {
    if (!isText(how)) throw new TypeError("the planet's KV gives texts: ask for the type 'text'");
    const response = await call('GET', key);
    if (response.status === 404) return { value: null, metadata: null };
    const metadata = response.headers.get(METADATA_HEADER);
    const value = await response.text();
    return { value, metadata: metadata === null ? null : (JSON.parse(decodeURIComponent(metadata)) as unknown) };
  }

  const binding = {
    get: async (key: string, how?: unknown) => (await find(key, how)).value,
    getWithMetadata: async (key: string, how?: unknown) => ({ ...(await find(key, how)), cacheStatus: null }),
    async put(key: string, text: string, { metadata }: { readonly metadata?: unknown } = {}) {
      const headers: Record<string, string> =
        metadata === undefined ? {} : { [METADATA_HEADER]: encodeURIComponent(JSON.stringify(metadata)) };
      await call('PUT', key, { body: text, headers });
    },
  };
  return binding as unknown as KVNamespace;
}

/** `'text'`, `{type: 'text'}`, or nothing: KV's own default. */
const isText = (how: unknown): boolean =>
  how === undefined || how === 'text' || ['text', undefined].includes((how as { readonly type?: string }).type);
