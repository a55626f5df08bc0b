/** The HTTP surface of ingest. */
import { Hono, type MiddlewareHandler } from 'hono';
import type { KeyRing } from '#http/sdk-keys';
import { readCountsQuery } from './counts-query.ts';
import { allInboxes } from './inbox-layout.ts';
import { InboxError, type Inboxes } from './inboxes.ts';
import { mergeCounts } from './merge-counts.ts';
import {
  badRequest,
  forbidden,
  internalError,
  methodNotAllowed,
  notFound,
  unauthorized,
  unavailable,
} from './problems.ts';
import { receiveBeacon } from './receive-beacon.ts';

export interface IngestDeps {
  readonly environment: string;
  readonly keys: KeyRing;
  readonly inboxes: Inboxes;
  /** Milliseconds since 1970. */
  now(): number;
}

export function createApp({ environment, keys, inboxes, now }: IngestDeps): Hono {
  const app = new Hono();
  const knownKey: MiddlewareHandler = async (c, next) => {
    const record = await keys.recordOf(c.req.raw);
    if (record === undefined) return unauthorized();
    return record.kind === 'client' ? forbidden() : next();
  };

  app.get('/livez', (c) => c.text('live', 200));
  app.use('/v1/*', knownKey);
  app.post('/v1/exposures', (c) => receiveBeacon(c.req.raw, environment, inboxes, now()));
  app.all('/v1/exposures', () => methodNotAllowed('POST'));
  app.get('/v1/counts', async (c) => {
    const query = readCountsQuery(new URL(c.req.url).searchParams);
    if (!query.ok) return badRequest(query.error);
    const counts = await Promise.all(allInboxes().map((inbox) => inboxes.counts(inbox, query.value)));
    return c.json({ environment, ...mergeCounts(counts, query.value.limit) }, 200);
  });
  app.all('/v1/counts', () => methodNotAllowed('GET'));
  app.notFound(() => notFound());
  app.onError((error) => {
    console.error(`${error.name}: ${error.message}`);
    return error instanceof InboxError ? unavailable(error.overloaded) : internalError();
  });
  return app;
}
