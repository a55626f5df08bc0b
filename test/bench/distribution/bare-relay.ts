/**
 * The path of an event with nothing done to it: what is posted goes to the first below, and to all others once that one has answered; or, to
 * `/all`, to all at once. With an address above, what comes from there is passed on and answered. Prints where it listens.
 */
import { createServer, get, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

const [, , above] = process.argv;
const below = new Set<ServerResponse>();
/** What the first has, and the others do not have yet. */
let held: Buffer | undefined;

function toAll(bytes: Uint8Array, except?: ServerResponse): void {
  for (const one of below) if (one !== except) one.write(bytes);
}

const first = (): ServerResponse | undefined => [...below][0];

async function posted(path: string, bytes: Buffer): Promise<void> {
  if (path === '/all') return toAll(bytes);
  if (path === '/heard') {
    if (held !== undefined) toAll(held, first());
    held = undefined;
    return;
  }
  held = bytes;
  first()?.write(bytes);
}

const server = createServer((incoming, outgoing) => {
  if (incoming.method === 'POST') {
    buffer(incoming).then((bytes) => {
      posted(incoming.url ?? '', bytes);
      outgoing.end();
    });
    return;
  }
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  outgoing.flushHeaders();
  below.add(outgoing);
  incoming.once('close', () => below.delete(outgoing));
});

server.listen(0, '127.0.0.1', () => {
  if (above === undefined) return said();
  get(above, (stream) => {
    stream.on('data', (bytes: Buffer) => {
      toAll(bytes);
      request(`${above}/heard`, { method: 'POST' }, (answer) => answer.resume()).end();
    });
    stream.once('end', () => process.exit(1));
    said();
  });
});

const said = (): void => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
