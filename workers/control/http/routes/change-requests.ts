/** Changes that wait: read, and spoken for or against. What ended is in the log. */
import * as z from 'zod';
import { get, sortedEntries } from '#control/persistent-map';
import type { ChangeRequest } from '#control/state';
import type { Command } from '#schema/control-command';
import { justification, label, name } from '#schema/control-names';
import type { Principal } from '#schema/control-principal';
import { flagKey } from '#schema/entry';
import { ok, type Result, refused } from '#schema/result';
import type { Api } from '../api.ts';
import type { ApiRefusal } from '../api-refusal.ts';
import { wireChange } from '../change-shapes.ts';
import { factsFor } from '../facts-for.ts';
import { giveCommand } from '../give-command.ts';
import { matchesText } from '../matches-text.ts';
import { MAX_QUERY_TEXT, pageOf, pageQuery, pageShape } from '../page.ts';
import { MAX_IMPORT } from '../read-request.ts';
import { mayReadAll } from '../readable.ts';
import { requestDetailShape, requestShape, shownRequest, shownRequestDetail } from '../request-answer.ts';
import { type Access, type AnswerShape, answered, defineRoute, type Precondition, type Route } from '../route.ts';
import { done, waits, wireWhen } from '../shapes.ts';

const READ: Access = { action: 'read', over: 'namespace', roles: 'any' };
const AUTHOR: Access = { action: 'edit', or: ['administer'], over: 'namespace', roles: 'policy' };
const APPROVER: Access = { action: 'approve', or: ['administer'], over: 'namespace', roles: 'policy' };

const listQuery = {
  status: z.enum(['open', 'approved', 'scheduled', 'voided']).optional(),
  environment: name.optional(),
  author: label.optional().describe('The identity or the person that wrote it.'),
  flag: flagKey.optional().describe('Named or affected.'),
  q: z
    .string()
    .min(1)
    .max(MAX_QUERY_TEXT)
    .optional()
    .describe('In the reason, the ticket, the author or a key, in any case.'),
  ...pageQuery,
};

const list = defineRoute({
  ...{ method: 'get', path: '/v1/change-requests', id: 'listChangeRequests', tag: 'change requests', effect: 'none' },
  summary: 'List open change requests',
  description:
    'Those that may be read, oldest first. What became of the others is in the log: `GET /v1/audit?request=<id>`.',
  access: READ,
  query: listQuery,
  answers: { 200: { description: 'A page.', schema: pageShape(requestShape) } },
  handle({ control }, { principal, query }) {
    const found = sortedEntries(control.executing.held().state.requests)
      .filter(([, request]) => mayReadAll(principal, request.requirements) && isAskedFor(request, query))
      .map(([id, request]) => [`${String(request.openedAt).padStart(16, '0')} ${id}`, request] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return pageOf(found, query, shownRequest);
  },
});

function isAskedFor(
  { status, change, editors: [author], effects }: ChangeRequest,
  query: z.output<z.ZodObject<typeof listQuery>>,
): boolean {
  const { operations, justification, ticket } = change;
  const environments = [
    ...operations.map((one) => ('environment' in one ? one.environment : '')),
    ...effects.map((one) => one.environment),
  ];
  const flags = [...operations.map(({ key }) => key), ...effects.flatMap((one) => Object.keys(one.flags))];
  return (
    (query.status === undefined || status === query.status) &&
    (query.environment === undefined || environments.includes(query.environment)) &&
    (query.author === undefined || author?.id === query.author || author?.person === query.author) &&
    (query.flag === undefined || flags.includes(query.flag)) &&
    matchesText(query.q, [justification, ticket, author?.id, author?.person, ...operations.map(({ key }) => key)])
  );
}

/** One that may not be read is not there, whatever is to be done with it. */
function readableRequest({ control }: Api, principal: Principal, id: string): Result<ChangeRequest, ApiRefusal> {
  const request = get(control.executing.held().state.requests, id);
  return request !== undefined && mayReadAll(principal, request.requirements)
    ? ok(request)
    : refused({ code: 'not-found', what: 'request', key: id });
}

const read = defineRoute({
  ...{
    method: 'get',
    path: '/v1/change-requests/{id}',
    id: 'getChangeRequest',
    tag: 'change requests',
    effect: 'none',
  },
  summary: 'Read a change request',
  description:
    'With what it would do as things stand, and who must still approve. The ETag is its hash: what an approval is bound to.',
  access: READ,
  params: { id: label },
  answers: {
    200: { description: 'The request.', schema: requestDetailShape, headers: { ETag: 'The hash, in quotes.' } },
  },
  async handle(api, { principal, params }) {
    const request = readableRequest(api, principal, params.id);
    if (!request.ok) return request;
    const { hash } = request.value;
    const facts = await factsFor(api, { type: 'approve', request: params.id, hash }, principal);
    if (!facts.ok) return facts;
    const { state } = api.control.executing.held();
    return answered(shownRequestDetail(state, request.value, principal, facts.value), { etag: `"${hash}"` });
  },
});

const ANSWERS: Readonly<Record<number, AnswerShape>> = {
  200: { description: 'Done; or there was nothing to do.', schema: done },
  202: { description: 'It waits on.', schema: waits, headers: { Location: 'The change request.' } },
};

interface Step<B extends z.ZodType> {
  readonly name: string;
  readonly method?: 'put';
  readonly summary: string;
  readonly description: string;
  readonly access: Access;
  readonly precondition?: Precondition;
  readonly body?: { readonly schema: B; readonly example: unknown; readonly maxBytes?: number };
  readonly command: (request: string, hash: string, body: z.output<B>) => Command;
}

const stepRoute = <B extends z.ZodType = z.ZodUndefined>({ name, method, body, command, ...shown }: Step<B>): Route =>
  defineRoute({
    ...{ method: method ?? 'post', path: `/v1/change-requests/{id}${method === 'put' ? '' : `/${name}`}`, ...shown },
    ...{ id: `${name}ChangeRequest`, tag: 'change requests', effect: 'write', params: { id: label }, answers: ANSWERS },
    ...(body && { body }),
    handle(api, call) {
      const { id } = call.params;
      const request = readableRequest(api, call.principal, id);
      return request.ok ? giveCommand(api, call, command(id, call.hash, call.body as z.output<B>)) : request;
    },
  });

const reason = { schema: z.strictObject({ reason: justification }), example: { reason: 'Not this week.' } };

const steps: readonly Route[] = [
  stepRoute({
    ...{ name: 'amend', method: 'put', precondition: 'hash', access: AUTHOR },
    summary: 'Amend a change request',
    description: 'Another content for it: all approvals are void.',
    body: {
      schema: wireChange,
      maxBytes: MAX_IMPORT,
      example: {
        operations: [{ op: 'put', kind: 'project', key: 'checkout', base: 0, body: { name: 'Checkout' } }],
        justification: 'Said better.',
      },
    },
    command: (request, hash, change) => ({ type: 'amend', request, hash, change }),
  }),
  stepRoute({
    ...{ name: 'approve', precondition: 'hash', access: APPROVER },
    summary: 'Approve a change request',
    description:
      'As it was seen: of another hash it is refused. With the last approval that is needed it is applied, or scheduled.',
    command: (request, hash) => ({ type: 'approve', request, hash }),
  }),
  stepRoute({
    ...{ name: 'apply', precondition: 'hash', access: AUTHOR },
    summary: 'Apply a change request',
    description:
      'One that is approved, and waits for somebody to say so. What cannot become right by itself is void from then on, and the answer says so.',
    command: (request, hash) => ({ type: 'apply', request, hash }),
  }),
  stepRoute({
    ...{ name: 'schedule', precondition: 'hash', access: AUTHOR },
    summary: 'Schedule a change request',
    description: 'Another time is another change: all approvals are void.',
    body: { schema: z.strictObject({ apply: wireWhen }), example: { apply: { at: '2026-12-01T09:00:00Z' } } },
    command: (request, hash, { apply }) => ({ type: 'schedule', request, hash, apply }),
  }),
  stepRoute({
    ...{ name: 'decline', access: APPROVER },
    summary: 'Decline a change request',
    description: 'For those who could approve it, and admins.',
    body: reason,
    command: (request, _hash, { reason }) => ({ type: 'decline', request, reason }),
  }),
  stepRoute({
    ...{ name: 'withdraw', access: AUTHOR },
    summary: 'Withdraw a change request',
    description: 'For those who wrote it, and admins.',
    body: reason,
    command: (request, _hash, { reason }) => ({ type: 'withdraw', request, reason }),
  }),
];

export const changeRequestRoutes: readonly Route[] = [list, read, ...steps];
