/** What there is to worry about: consistency incidents, what did not arrive, what was put aside; and who was served what. */
import { Hono } from 'hono';
import { flagKey } from '#schema/entry';
import { PSEUDONYM_PATTERN } from '#schema/exposure-limits';
import type { CohortDeps } from './cohort-routes.ts';
import { allInboxes } from './inbox-layout.ts';
import { mergeCompleteness } from './merge-completeness.ts';
import { badRequest, methodNotAllowed } from './problems.ts';

/** Incidents, and things put aside, that an answer names. */
const NAMED = 100;

export function createStandingRoutes({ environment, inboxes, shards, takes }: Omit<CohortDeps, 'now'>): Hono {
  const app = new Hono();
  app.get('/incidents', takes('read-cohort'), async (c) => {
    return c.json({ environment, ...(await shards.incidents(NAMED)) }, 200);
  });
  app.all('/incidents', () => methodNotAllowed('GET'));
  app.get('/completeness', takes('read-cohort'), async (c) => {
    const counts = await Promise.all(allInboxes().map((inbox) => inboxes.counts(inbox, { limit: 1 })));
    // Afterwards, so that what was counted in between is both: the other way about it would neither wait nor be received.
    const received = await Promise.all(allInboxes().map((inbox) => inboxes.received(inbox)));
    return c.json({ environment, ...mergeCompleteness(counts, received) }, 200);
  });
  app.all('/completeness', () => methodNotAllowed('GET'));
  app.get('/who-saw', takes('who-saw'), async (c) => {
    const { flag = '', unit = '' } = c.req.query();
    if (!flagKey.safeParse(flag).success) return badRequest('flag: must be the key of a flag');
    if (!PSEUDONYM_PATTERN.test(unit)) return badRequest('unit: must be a pseudonym, 22 characters');
    return c.json({ environment, flag, unit, sightings: await shards.sightings(flag, unit) }, 200);
  });
  app.all('/who-saw', () => methodNotAllowed('GET'));
  app.get('/quarantine', takes('quarantine'), async (c) => {
    const all = await Promise.all(allInboxes().map((inbox) => inboxes.quarantine(inbox, NAMED)));
    const events = all.flatMap((one) => one.events).sort((a, b) => b.receivedAt - a.receivedAt);
    return c.json({ environment, events: events.slice(0, NAMED), parts: all.flatMap(({ parts }) => parts) }, 200);
  });
  app.all('/quarantine', () => methodNotAllowed('GET'));
  app.post('/quarantine/replay', takes('quarantine'), async (c) => {
    const replayed = await Promise.all(allInboxes().map((inbox) => inboxes.replay(inbox)));
    return c.json({ environment, replayed: replayed.reduce((sum, parts) => sum + parts, 0) }, 200);
  });
  app.all('/quarantine/replay', () => methodNotAllowed('POST'));
  return app;
}
