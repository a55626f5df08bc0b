/**
 * Cloudflare's REST API for one Workers KV namespace, as far as publishing uses it, before the planet's KV. Source:
 * developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/values
 */

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createKeyRing } from '#http/sdk-keys';
import { onFreePort } from './free-port.ts';
import type { Pop } from './pop.ts';

export interface KvStandIn {
  /** What stands for `…/storage/kv/namespaces/<namespace>`. */
  readonly url: string;
  stop(): Promise<void>;
}

const PATH = '/client/v4/accounts/planet/storage/kv/namespaces/rulesets';
/** Workers KV: the largest value. */
const MAX_VALUE_BYTES = 25 * 1024 * 1024;

export async function startKvStandIn(kv: Pop['kv'], token: string, port: number): Promise<KvStandIn> {
  const keys = createKeyRing([{ sha256: hash(token), kind: 'server' }], crypto.subtle);
  const boot = (on: number): Promise<Server> => listen((incoming) => respond(incoming, kv, keys), on);
  const server = await onFreePort(port, boot);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  incoming: IncomingMessage,
  kv: Pop['kv'],
  keys: ReturnType<typeof createKeyRing>,
): Promise<Response> {
  const request = await toRequest(incoming);
  if (request === undefined) return failure(413, 10_024, 'value is too large');
  if ((await keys.kindOf(request)) === undefined) return failure(401, 10_000, 'Authentication error');
  const [, what, key] = new RegExp(`^${PATH}/(values|metadata)/([^/]+)$`).exec(new URL(request.url).pathname) ?? [];
  if (key === undefined) return failure(404, 7_003, 'could not route');
  const name = decodeURIComponent(key);
  if (what === 'metadata') {
    const { value, metadata } = await kv.getWithMetadata(name, 'text');
    if (value === null) return failure(404, 10_009, "get: 'key not found'");
    return Response.json({ success: true, errors: [], messages: [], result: metadata });
  }
  if (request.method === 'GET') {
    const value = await kv.get(name, 'text');
    return value === null ? failure(404, 10_009, "get: 'key not found'") : new Response(value);
  }
  if (request.method !== 'PUT') return failure(405, 10_001, 'method not allowed');
  const form = await request.formData();
  const [value, metadata] = [form.get('value'), form.get('metadata')];
  const text = value instanceof Blob ? await value.text() : (value ?? '');
  await kv.put(name, text, metadata === null ? {} : { metadata: JSON.parse(String(metadata)) });
  return Response.json({ success: true, errors: [], messages: [], result: {} });
}

async function toRequest(incoming: IncomingMessage): Promise<Request | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_VALUE_BYTES) return undefined;
    chunks.push(chunk);
  }
  const headers = new Headers(
    Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const body = chunks.length === 0 ? null : Buffer.concat(chunks);
  return new Request(`http://127.0.0.1${incoming.url}`, { method: incoming.method ?? 'GET', headers, body });
}

const failure = (status: number, code: number, message: string): Response =>
  Response.json({ success: false, errors: [{ code, message }], messages: [], result: null }, { status });

const hash = (key: string): string => createHash('sha256').update(key).digest('base64url');

/** A server on loopback that answers with what `answer` gives. */
function listen(answer: (incoming: IncomingMessage) => Promise<Response>, port: number): Promise<Server> {
  const server = createServer(async (incoming, outgoing) => {
    const response = await answer(incoming).catch(() => failure(500, 10_000, 'internal error'));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
