/** Hands a request on to a process over loopback, as it is; a stream of events as it comes, anything else when it is whole. */
import { isStream } from './streamed.ts';

/** Rejects where nobody listens there, or the connection breaks. */
export async function forward(request: Request, origin: string): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  for (const name of ['host', 'connection', 'content-length', 'transfer-encoding']) headers.delete(name);
  const body = await request.arrayBuffer();
  const response = await fetch(`${origin}${pathname}${search}`, {
    method: request.method,
    headers,
    body: body.byteLength === 0 ? null : body,
    redirect: 'manual',
    signal: request.signal,
  });
  const answer = isStream(response) ? response.body : await response.arrayBuffer();
  const answered = new Headers(response.headers);
  // `fetch` has unpacked the body, and whoever sends it on counts and frames it anew.
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding', 'connection']) answered.delete(name);
  return new Response(hasNoBody(response.status) ? null : answer, { status: response.status, headers: answered });
}

const hasNoBody = (status: number): boolean => [101, 204, 205, 304].includes(status);
