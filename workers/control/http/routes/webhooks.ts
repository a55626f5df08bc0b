/** What webhooks were sent, and trying it again. They themselves are records (`records.ts`). */
import * as z from 'zod';
import { holds } from '#control/authorize';
import { ADMIN } from '#control/built-in-rules';
import { rfc3339 } from '#control/rfc3339';
import type { Principal } from '#schema/control-principal';
import { webhookKey } from '#schema/control-webhook';
import { refused } from '#schema/result';
import type { Delivery } from '../../delivery-store.ts';
import type { ApiRefusal } from '../api-refusal.ts';
import { badCursor, cursorOf, keyOfCursor, pageQuery, pageReply, pageShape } from '../page.ts';
import { wholeRefusal } from '../readable.ts';
import { answered, defineRoute, type Route } from '../route.ts';
import { time } from '../shapes.ts';

const READ = { action: 'read', over: 'organisation', roles: 'any' } as const;
const ADMINISTER = { action: 'administer', over: 'organisation', roles: [ADMIN] } as const;

const delivery = z.object({
  id: z.string().describe('The header `webhook-id`, the same at each attempt.'),
  seq: z.int().nullable().describe('Of the entry in the log; null of a test.'),
  type: z.string(),
  time: time.describe('When it happened.'),
  status: z.enum(['waiting', 'delivered', 'failed']).describe('`failed`: it is not tried any more by itself.'),
  attempts: z.int(),
  nextAt: time.optional().describe('When it is tried next, if it waits.'),
  triedAt: time.nullable(),
  code: z.int().nullable().describe('What the receiver answered the last attempt; null where it did not.'),
  error: z.string().nullable(),
  payload: z.string().describe('What is sent, to the byte.'),
});

const shown = ({ id, seq, type, status, attempts, code, error, body, ...times }: Delivery) => ({
  ...{ id, seq, type, status, attempts, code, error },
  time: rfc3339(times.time),
  ...(status === 'waiting' && { nextAt: rfc3339(times.nextAt) }),
  triedAt: times.triedAt === null ? null : rfc3339(times.triedAt),
  payload: body,
});

function adminRefusal(principal: Principal): ApiRefusal | undefined {
  const outOfScope = wholeRefusal(principal, null, 'administer');
  if (outOfScope !== undefined) return outOfScope;
  const missing = [{ policy: 'built-in:webhook', environment: null, namespaces: [], roles: [ADMIN] }];
  return holds(principal, [ADMIN]) ? undefined : { code: 'not-allowed', missing };
}

const keys = defineRoute({
  ...{ method: 'get', path: '/v1/webhooks/keys', id: 'listWebhookKeys', tag: 'webhooks', effect: 'none' },
  access: { action: 'read', over: 'self', roles: 'any' },
  summary: 'Read the keys that webhooks are verified with',
  description: 'Public keys of Standard Webhooks (`whpk_…`, Ed25519). One of the signatures must be by one of them.',
  answers: { 200: { description: 'The keys.', schema: z.object({ keys: z.array(z.string()) }) } },
  handle({ webhookKeys }) {
    return answered({ keys: webhookKeys });
  },
});

const deliveries = defineRoute({
  ...{ method: 'get', path: '/v1/webhooks/{key}/deliveries', id: 'listDeliveries', tag: 'webhooks', effect: 'none' },
  access: READ,
  summary: 'List what a webhook was sent, or is to be',
  description: 'The newest first. Of those that are done, the last 1,000 are kept.',
  params: { key: webhookKey },
  query: pageQuery,
  answers: { 200: { description: 'A page.', schema: pageShape(delivery) } },
  handle({ control }, { principal, params, query }) {
    const { cursor, limit } = query;
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : placeOf(cursor);
    if (before === undefined) return badCursor();
    if (wholeRefusal(principal, null, 'read') !== undefined)
      return refused({ code: 'not-found', what: 'webhook', key: params.key });
    const page = control.delivering.page(params.key, before, limit);
    if (!page.ok) return page;
    const last = page.value.length === limit ? page.value.at(-1) : undefined;
    return pageReply(page.value.map(shown), last && cursorOf(String(last.place)));
  },
});

function placeOf(cursor: string): number | undefined {
  const key = keyOfCursor(cursor) ?? '';
  return /^[1-9]\d{0,14}$/.test(key) ? Number(key) : undefined;
}

const OUTCOME = { 200: { description: 'What became of it; the receiver may have failed.', schema: delivery } };

const test = defineRoute({
  ...{ method: 'post', path: '/v1/webhooks/{key}/test', id: 'testWebhook', tag: 'webhooks', effect: 'none' },
  access: ADMINISTER,
  summary: 'Send a webhook a test',
  description:
    'Once, a `webhook.test` that says nothing, also where the webhook is disabled. Waits for the outcome, up to 10 s.',
  params: { key: webhookKey },
  answers: OUTCOME,
  async handle({ control }, { principal, params }) {
    const refusal = adminRefusal(principal);
    if (refusal !== undefined) return refused(refusal);
    const done = await control.delivering.test(params.key);
    return done.ok ? answered(shown(done.value)) : done;
  },
});

const retry = defineRoute({
  ...{ method: 'post', path: '/v1/webhooks/{key}/deliveries/{id}/retry', id: 'retryDelivery' },
  ...{ tag: 'webhooks', effect: 'none', access: ADMINISTER },
  summary: 'Send a delivery again',
  description: 'Once, with the same id. What still waits is tried by itself. Waits for the outcome, up to 10 s.',
  params: { key: webhookKey, id: z.string().max(100) },
  answers: OUTCOME,
  async handle({ control }, { principal, params }) {
    const refusal = adminRefusal(principal);
    if (refusal !== undefined) return refused(refusal);
    const done = await control.delivering.again(params.key, params.id);
    return done.ok ? answered(shown(done.value)) : done;
  },
});

export const webhookRoutes: readonly Route[] = [keys, deliveries, test, retry];
