/** What is in the archive: objects by flag or metric and hour, and each as it lies there. */
import { Hono } from 'hono';
import type { ArchiveReader } from './archive-port.ts';
import { readArchiveQuery } from './archive-query.ts';
import type { Guard } from './key-kinds.ts';
import { badRequest, methodNotAllowed, noArchive, noSuchObject } from './problems.ts';

export interface ArchiveDeps {
  readonly environment: string;
  /** None where no bucket is bound. */
  readonly archive?: ArchiveReader | undefined;
  readonly takes: Guard;
}

export function createArchiveRoutes({ environment, archive, takes }: ArchiveDeps): Hono {
  const app = new Hono();
  app.get('/', takes('who-saw'), async (c) => {
    if (archive === undefined) return noArchive();
    const range = readArchiveQuery(environment, new URL(c.req.url).searchParams);
    if (!range.ok) return badRequest(range.error);
    return c.json({ environment, ...(await archive.list(range.value)) }, 200);
  });
  app.get('/:name{.+}', takes('who-saw'), async (c) => {
    if (archive === undefined) return noArchive();
    const name = c.req.param('name');
    const isOwn = name.startsWith(`exposures/${environment}/`) || name.startsWith(`outcomes/${environment}/`);
    const gzip = isOwn && name.length <= MAX_NAME ? await archive.get(name) : undefined;
    if (gzip === undefined) return noSuchObject();
    const headers = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' };
    return new Response(gzip, { encodeBody: 'manual', headers });
  });
  app.all('*', () => methodNotAllowed('GET'));
  return app;
}

/** R2's own bound. */
const MAX_NAME = 1_024;
