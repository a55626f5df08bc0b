/** The HTTP surface of ingest. */
import { Hono, type MiddlewareHandler } from 'hono';
import type { ExposureTokens } from '#exposure/exposure-token';
import type { KeyRecord } from '#http/sdk-keys';
import type { IssuedRing } from '#sdk/edge/issued-ring';
import type { KeysSource } from '#sdk/edge/keys-source';
import { ArchiveError, type ArchiveReader } from './archive-port.ts';
import { createArchiveRoutes } from './archive-routes.ts';
import { createCohortRoutes } from './cohort-routes.ts';
import { createRejections } from './count-rejections.ts';
import { readCountsQuery } from './counts-query.ts';
import { allInboxes } from './inbox-layout.ts';
import { InboxError, type Inboxes } from './inboxes.ts';
import { believedUses, type Guard, type IngestKeyKind, mayAsk } from './key-kinds.ts';
import { mergeCounts } from './merge-counts.ts';
import { mergeKeyUses } from './merge-key-uses.ts';
import { createMetricsRoute } from './metrics-route.ts';
import { createOwnUses } from './own-uses.ts';
import {
  archiveUnavailable,
  badRequest,
  forbidden,
  internalError,
  methodNotAllowed,
  notFound,
  shardUnavailable,
  unauthorized,
  unavailable,
  unheard,
} from './problems.ts';
import { createExposureReader } from './read-exposures.ts';
import { receiveBeacon } from './receive-beacon.ts';
import { ShardError, type Shards } from './shards.ts';
import { createStandingRoutes } from './standing-routes.ts';

export interface IngestDeps {
  readonly environment: string;
  readonly ring: Pick<IssuedRing<IngestKeyKind>, 'recordOf'>;
  readonly issued: Pick<KeysSource, 'isKnown' | 'document'>;
  readonly inboxes: Inboxes;
  readonly shards: Shards;
  /** None where no bucket is bound. */
  readonly archive?: ArchiveReader;
  /** None where the edge signs none. */
  readonly tokens?: Pick<ExposureTokens, 'verify'>;
  /** Milliseconds since 1970. */
  now(): number;
}

interface IngestEnv {
  Variables: { record: KeyRecord<IngestKeyKind> };
}

export function createApp(deps: IngestDeps): Hono<IngestEnv> {
  const { environment, ring, issued, inboxes, shards, archive, tokens, now } = deps;
  const app = new Hono<IngestEnv>();
  const ownUses = createOwnUses(inboxes);
  const rejections = createRejections(inboxes, now);
  const read = createExposureReader();
  const knownKey: MiddlewareHandler<IngestEnv> = async (c, next) => {
    const behind = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work);
    const record = await ring.recordOf(c.req.raw, behind);
    if (record === undefined) return issued.isKnown() ? unauthorized() : unheard();
    const kept = ownUses.used(record, now());
    if (kept) behind(kept);
    c.set('record', record);
    return next();
  };
  const takes: Guard = (action) => async (c, next) => {
    const { kind } = c.get('record');
    return mayAsk(kind, action) ? next() : forbidden(kind, action);
  };

  app.get('/livez', (c) => c.text('live', 200));
  app.use('/v1/*', knownKey);
  app.use('/metrics', knownKey);
  app.route('/metrics', createMetricsRoute({ environment, inboxes, shards, takes, now }));
  app.post('/v1/exposures', takes('send'), (c) => {
    const believesUse = believedUses(c.get('record'), issued.document());
    const rejected = (events: number): void => {
      const told = rejections.count(events);
      if (told) c.executionCtx.waitUntil(told);
    };
    return receiveBeacon(c.req.raw, { environment, inboxes, read, believesUse, receivedAt: now(), tokens, rejected });
  });
  app.all('/v1/exposures', () => methodNotAllowed('POST'));
  app.get('/v1/counts', takes('count'), async (c) => {
    const query = readCountsQuery(new URL(c.req.url).searchParams);
    if (!query.ok) return badRequest(query.error);
    const counts = await Promise.all(allInboxes().map((inbox) => inboxes.counts(inbox, query.value)));
    return c.json({ environment, ...mergeCounts(counts, query.value.limit) }, 200);
  });
  app.all('/v1/counts', () => methodNotAllowed('GET'));
  app.get('/v1/key-use', takes('key-use'), async (c) => {
    const uses = await Promise.all(allInboxes().map((inbox) => inboxes.keyUses(inbox)));
    return c.json({ environment, keys: mergeKeyUses(uses) }, 200);
  });
  app.all('/v1/key-use', () => methodNotAllowed('GET'));
  app.route('/v1/cohorts', createCohortRoutes({ environment, inboxes, shards, takes, now }));
  app.route('/v1/archive', createArchiveRoutes({ environment, archive, takes }));
  app.route('/v1', createStandingRoutes({ environment, inboxes, shards, takes }));
  app.notFound(() => notFound());
  app.onError((error) => {
    console.error(`${error.name}: ${error.message}`);
    if (error instanceof ShardError) return shardUnavailable();
    if (error instanceof ArchiveError) return archiveUnavailable();
    return error instanceof InboxError ? unavailable(error.overloaded) : internalError();
  });
  return app;
}
