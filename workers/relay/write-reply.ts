import type { ServerResponse } from 'node:http';
import type { Reply } from '#http/reply';

/** Answers past Hono: with a `Response` in between, an evaluation takes half as much CPU again (test/bench/relay). */
export function writeReply(outgoing: ServerResponse, { status, headers, body }: Reply): void {
  if (body === null) {
    outgoing.writeHead(status, headers).end();
    return;
  }
  // Without its length a body goes out in chunks: three writes more.
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}
