/** A property on a port of loopback. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchHttp } from '../call-http.ts';
import { HOP_BY_HOP, type HttpRequest, type HttpResponse, linesOf, withoutHeaders } from '../http-message.ts';
import { createProperty, type Property, type PropertyOptions } from './property.ts';

export interface ServePropertyOptions extends Omit<PropertyOptions, 'origin'> {
  /** 0 for any that is free. Rejects with EADDRINUSE where it is taken. */
  readonly port: number;
  /** The URL of a server on loopback, or a function that answers; without one, whoever asks beyond the EdgeWorker gets 404. */
  readonly origin?: string | PropertyOptions['origin'];
  /** The client's address, where it is not the connection's. */
  readonly clientIp?: string;
}

export interface ServedProperty {
  readonly url: string;
  stop(): Promise<void>;
}

/** Of a request; the property buffers it. */
const MAX_BODY = 10 * 1_048_576;

export async function serveProperty(options: ServePropertyOptions): Promise<ServedProperty> {
  const { origin } = options;
  const answer =
    typeof origin === 'string' ? (request: HttpRequest) => fetchHttp(origin, request) : (origin ?? nothing);
  const property = createProperty({ ...options, origin: answer });
  const server = createServer((incoming, outgoing) => {
    // Whoever asked may be gone before the answer is: nobody is left to be told.
    serve(property, incoming, outgoing, options.clientIp).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  property: Property,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  clientIp: string | undefined,
): Promise<void> {
  const { method = 'GET', url = '/' } = incoming;
  const body = await readBody(incoming);
  const headers = withoutHeaders(linesOf(incoming.rawHeaders), HOP_BY_HOP);
  const address = clientIp ?? incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1';
  const response = await property({ method, url, headers, body }, address);
  const lines = withoutHeaders(response.headers, [...HOP_BY_HOP, 'content-length']);
  outgoing.writeHead(response.status, [...lines, ['Content-Length', String(response.body.length)]].flat());
  outgoing.end(method === 'HEAD' ? undefined : response.body);
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new RangeError(`the body has over ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const nothing = async (): Promise<HttpResponse> => ({ status: 404, headers: [], body: new Uint8Array(0) });
