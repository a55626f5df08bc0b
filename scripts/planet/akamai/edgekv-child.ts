/** EdgeKV as a process of its own: its administration API and its side at the edge on one port. Only the planet's links reach it. */
import type { AddressInfo } from 'node:net';
import { createEdgeKv, type EdgeKvDump } from '../../edgeworkers/edgekv/edgekv.ts';
import { readJsonFile, writeJsonFile } from '../json-file.ts';
import { MAX_LAG_MS } from '../kv-side.ts';
import { type Handler, listen } from '../listen.ts';
import { LAG_HEADER, READER_HEADER } from '../wire.ts';
import type { EdgeKvStart, FromEdgeKv } from './edgekv-messages.ts';

/** The longest that a write takes to be seen. The platform takes up to ten seconds: too long for who watches. */
const MAX_DELAY_MS = 1_000;

const post = (message: FromEdgeKv): void => void process.send?.(message);

async function start({ port, credentials, file }: EdgeKvStart): Promise<void> {
  const lags = new Map<string, number>();
  const restore = await readJsonFile<EdgeKvDump>(file);
  const edgeKv = createEdgeKv({
    credentials,
    maxDelayMs: MAX_DELAY_MS,
    lag: { of: (viewer) => lags.get(viewer) ?? 0, maxMs: MAX_LAG_MS },
    ...(restore && { restore }),
  });

  const answer: Handler = (request) => {
    if (!new URL(request.url).pathname.startsWith('/api/')) return edgeKv.admin(request);
    const reader = request.headers.get(READER_HEADER) ?? '';
    lags.set(reader, Number(request.headers.get(LAG_HEADER) ?? 0));
    return edgeKv.edge(reader)(request);
  };

  const server = await listen(async (request) => {
    const response = await answer(request);
    // What is confirmed outlives a crash.
    if (request.method !== 'GET' && response.ok) writeJsonFile(file, edgeKv.dump());
    return response;
  }, port);
  post({ kind: 'ready', port: (server.address() as AddressInfo).port });
}

process.on('message', (message: EdgeKvStart) => {
  start(message).catch((error: NodeJS.ErrnoException) => {
    post({ kind: 'failed', code: error.code ?? '', message: error.message });
  });
});
process.on('disconnect', () => process.exit());
// Its parent may have gone before anybody listened.
if (!process.connected) process.exit();
