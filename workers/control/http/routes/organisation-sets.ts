/** The whole organisation as a set, out and in again. */
import * as z from 'zod';
import { exportOrganisation, organisationOperations } from '#control/organisation-set';
import { refused } from '#schema/result';
import { CHANGE_ANSWERS } from '../change-shapes.ts';
import { MAX_IMPORT } from '../read-request.ts';
import { wholeRefusal } from '../readable.ts';
import { answered, defineRoute, type Route } from '../route.ts';
import { organisationSet, prune } from '../set-shapes.ts';
import { reasons } from '../shapes.ts';
import { submitChange } from '../submit-change.ts';

const exportAll = defineRoute({
  ...{ method: 'get', path: '/v1/export', id: 'exportOrganisation', tag: 'organisation', effect: 'none' },
  access: { action: 'read', over: 'organisation', roles: 'any' },
  summary: 'Export the organisation',
  description:
    'Projects, policies, webhooks, and every environment with its items, those in the archive too, and the buckets that splits and layers have come to. No secrets, and none of their digests: keys are made where they are used. No revisions, and nothing that was deleted.',
  answers: { 200: { description: 'The set.', schema: z.object(organisationSet) } },
  handle({ control }, { principal }) {
    const refusal = wholeRefusal(principal, null, 'read');
    return refusal === undefined ? answered(exportOrganisation(control.executing.held().state)) : refused(refusal);
  },
});

const importAll = defineRoute({
  ...{ method: 'post', path: '/v1/import', id: 'importOrganisation', tag: 'organisation', effect: 'change' },
  access: { action: 'edit', or: ['administer'], over: 'namespace', roles: 'policy' },
  summary: 'Import an organisation',
  description:
    'Makes projects, policies, webhooks, environments and their items those of a set, as one change: what is exported here is the same there, and imported again changes nothing. With `prune`, items that it does not have are archived; other things that it does not have stay.',
  body: {
    schema: z.strictObject({ ...organisationSet, prune, ...reasons }),
    maxBytes: MAX_IMPORT,
    example: { projects: { checkout: { name: 'Checkout' } }, justification: 'Moved here from elsewhere.' },
  },
  answers: CHANGE_ANSWERS,
  handle(api, call) {
    const { projects, policies, environments, webhooks, prune: prunes, ...why } = call.body;
    const refusal = wholeRefusal(call.principal, null, 'read');
    if (refusal !== undefined) return refused(refusal);
    const { state } = api.control.executing.held();
    const set = { projects, policies, environments, webhooks };
    const operations = organisationOperations(state, set, { prune: prunes });
    return submitChange(api, call, { operations, ...why });
  },
});

export const organisationSetRoutes: readonly Route[] = [exportAll, importAll];
