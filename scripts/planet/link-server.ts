/** A link as an address on loopback, for processes that are no Workers: they call it as they would call the other end. */
import type { AddressInfo } from 'node:net';
import type { Link } from './link.ts';
import { listen } from './listen.ts';
import { FAILURE_HEADER } from './wire.ts';

/** Its origin. Where the link fails, so does the connection. */
export async function serveLink(link: Link): Promise<string> {
  const server = await listen(async (request) => {
    const response = await link.pass(request);
    const failure = response.headers.get(FAILURE_HEADER);
    if (failure !== null) throw new Error(`the link failed: ${failure}`);
    return response;
  }, 0);
  // The planet's own end is the only one.
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
