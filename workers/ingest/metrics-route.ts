/** `GET /metrics`: what ingest tells Prometheus. */
import { Hono } from 'hono';
import type { CohortDeps } from './cohort-routes.ts';
import { allInboxes } from './inbox-layout.ts';
import { mergeMeasures } from './merge-measures.ts';
import { metricFamilies } from './metric-families.ts';
import { methodNotAllowed } from './problems.ts';
import { PROMETHEUS_TEXT, prometheusText } from './prometheus-text.ts';

export function createMetricsRoute({ environment, inboxes, shards, takes, now }: CohortDeps): Hono {
  const app = new Hono();
  app.get('/', takes('metrics'), async (c) => {
    const at = now();
    const [measured, incidents] = await Promise.all([
      Promise.all(allInboxes().map((inbox) => inboxes.measures(inbox, at))),
      shards.incidents(0),
    ]);
    const measures = mergeMeasures({ environment, inboxes: measured, incidents: incidents.counts, now: at });
    return c.body(prometheusText(metricFamilies(measures)), 200, { 'Content-Type': PROMETHEUS_TEXT });
  });
  app.all('/', () => methodNotAllowed('GET'));
  return app;
}
