/** EdgeKV at the far end of links: who asks, and how far behind, is told beside the call. */
import { LAG_HEADER, READER_HEADER } from '../wire.ts';

/** `far` is EdgeKV's process. */
export const edgeKvSide =
  (far: (request: Request) => Promise<Response>, reader: string, lagMs: () => number) =>
  async (request: Request): Promise<Response> => {
    const headers = new Headers([...request.headers]);
    headers.set(READER_HEADER, reader);
    headers.set(LAG_HEADER, String(lagMs()));
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    const body = hasBody ? { body: await request.arrayBuffer() } : {};
    // Made anew: Miniflare's requests are of a class of their own, and those of a sandbox must not be changed.
    return far(new Request(request.url, { method: request.method, headers, ...body }));
  };
