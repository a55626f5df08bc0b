/** An HTTP server on loopback in terms of the web's Request and Response. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';

export type Handler = (request: Request) => Response | Promise<Response>;

/** Rejects with EADDRINUSE where the port is taken. */
export function listen(handler: Handler, port: number): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    // Whoever asked may be gone before the answer is: nobody is left to be told.
    answer(handler, incoming, outgoing).catch(() => outgoing.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

async function answer(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request = requestOf(incoming);
  const response = request === undefined ? new Response(null, { status: 400 }) : await handler(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as NodeStream), outgoing);
}

/** Undefined where the request's target is no path. The host stays in the headers: a URL would have to trust it. */
function requestOf(incoming: IncomingMessage): Request | undefined {
  const { url = '/', method = 'GET' } = incoming;
  if (!url.startsWith('/') || !URL.canParse(`http://planet${url}`)) return undefined;
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' as const } : {};
  return new Request(`http://planet${url}`, { method, headers, ...body });
}
