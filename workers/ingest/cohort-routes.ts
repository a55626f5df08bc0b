/** `/v1/cohorts`: the rollouts that ingest counts for, and what it counted. */
import { Hono } from 'hono';
import { cohort as cohortSchema, rolloutName } from '#schema/cohort';
import { type CohortAnswer, cohortAnswer, revisionsOf } from './cohort-answer.ts';
import { allInboxes } from './inbox-layout.ts';
import type { Inboxes } from './inboxes.ts';
import type { Guard } from './key-kinds.ts';
import { badBody, badRequest, conflict, methodNotAllowed, noSuchRollout } from './problems.ts';
import { readBody } from './read-body.ts';
import { mergeCollapsed } from './read-collapsed.ts';
import type { Shards } from './shards.ts';
import { detailOf } from './verdicts.ts';

export interface CohortDeps {
  readonly environment: string;
  readonly inboxes: Inboxes;
  readonly shards: Shards;
  readonly takes: Guard;
  now(): number;
}

export function createCohortRoutes({ environment, inboxes, shards, takes, now }: CohortDeps): Hono {
  const app = new Hono();
  app.get('/', takes('read-cohort'), async (c) => c.json({ environment, rollouts: await shards.names() }, 200));
  app.all('/', () => methodNotAllowed('GET'));
  app.put('/:rollout', takes('declare-cohort'), async (c) => {
    const rollout = rolloutName.safeParse(c.req.param('rollout'));
    if (!rollout.success) return badRequest(`rollout: ${detailOf(rollout.error)}`);
    const body = await readBody(c.req.raw);
    if (!body.ok) return badBody(body.error);
    const declared = cohortSchema.safeParse(body.value);
    if (!declared.success) return badRequest(detailOf(declared.error));
    const kept = await shards.declare(rollout.data, declared.data);
    return kept.ok ? c.json({ environment, rollout: rollout.data, cohort: kept.value }, 200) : conflict(kept.error);
  });
  app.get('/:rollout', takes('read-cohort'), async (c) => {
    const rollout = c.req.param('rollout');
    const progress = await Promise.all(allInboxes().map((inbox) => inboxes.progress(inbox, now())));
    const [found, incidents] = await Promise.all([shards.read(rollout), shards.incidents(0)]);
    const answer = cohortAnswer(rollout, found, progress, incidents);
    if (answer === undefined) return noSuchRollout(rollout);
    const { cohort, ...rest } = answer;
    const collapsed = await Promise.all(allInboxes().map((inbox) => inboxes.collapsed(inbox, cohort.flag)));
    const degraded = mergeCollapsed(collapsed, revisionsOf(cohort));
    return c.json({ environment, ...rest, cohort, degraded } satisfies { environment: string } & CohortAnswer, 200);
  });
  app.delete('/:rollout', takes('declare-cohort'), async (c) => {
    const rollout = c.req.param('rollout');
    return (await shards.drop(rollout)) ? c.body(null, 204) : noSuchRollout(rollout);
  });
  app.all('/:rollout', () => methodNotAllowed('PUT, GET, DELETE'));
  return app;
}
