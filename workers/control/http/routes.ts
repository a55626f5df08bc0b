/** All routes of the API that take a token, in the order in which they are shown. */
import type { Route } from './route.ts';
import { changeRoutes } from './routes/changes.ts';
import { itemRoutes } from './routes/items.ts';
import { organisationRoutes } from './routes/organisation.ts';

export const routes: readonly Route[] = [...organisationRoutes, ...itemRoutes, ...changeRoutes];
