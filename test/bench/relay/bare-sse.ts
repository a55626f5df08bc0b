/** A bare Node SSE server: what is posted to it is written to all. Prints where it listens. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const HEARTBEAT = Buffer.from(
  `event: bookmark\ndata: {"version":1,"digest":"${'x'.repeat(43)}","floor":1,"time":1795420800000,"ageMs":0}\n\n`,
);
const clients = new Set<ServerResponse>();

function toAll(bytes: Buffer): void {
  for (const client of clients) client.write(bytes);
}

const server = createServer((incoming, outgoing) => {
  if (incoming.method === 'POST') {
    text(incoming).then((event) => {
      toAll(Buffer.from(event));
      outgoing.end();
    });
    return;
  }
  outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  outgoing.flushHeaders();
  clients.add(outgoing);
  incoming.once('close', () => clients.delete(outgoing));
});
setInterval(() => toAll(HEARTBEAT), 5_000);
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
