/** All routes of the API that take a token, in the order in which they are shown, and found: a fixed path stands before one with parameters. */
import type { Route } from './route.ts';
import { auditRoutes } from './routes/audit.ts';
import { changeRequestRoutes } from './routes/change-requests.ts';
import { changeRoutes } from './routes/changes.ts';
import { itemChangeRoutes } from './routes/item-changes.ts';
import { itemRoutes } from './routes/items.ts';
import { logRoutes } from './routes/log.ts';
import { organisationRoutes } from './routes/organisation.ts';
import { organisationSetRoutes } from './routes/organisation-sets.ts';
import { previewRoutes } from './routes/preview.ts';
import { recordRoutes } from './routes/records.ts';
import { restoreRoutes } from './routes/restore.ts';
import { secretRoutes } from './routes/secrets.ts';
import { setRoutes } from './routes/sets.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export const routes: readonly Route[] = [
  ...organisationRoutes,
  ...restoreRoutes,
  ...webhookRoutes,
  ...recordRoutes,
  ...organisationSetRoutes,
  ...setRoutes,
  ...itemRoutes,
  ...itemChangeRoutes,
  ...changeRoutes,
  ...previewRoutes,
  ...changeRequestRoutes,
  ...secretRoutes,
  ...logRoutes,
  ...auditRoutes,
];
