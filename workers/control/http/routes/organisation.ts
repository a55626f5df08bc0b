/** Who asks, how things stand, and how an organisation begins. */
import * as z from 'zod';
import { defaultPolicyOperations } from '#control/default-policies';
import { rfc3339 } from '#control/rfc3339';
import { MAX_OPERATIONS } from '#schema/control-limits';
import { justification } from '#schema/control-names';
import { refused } from '#schema/result';
import type { EnvironmentStatus } from '../../control.ts';
import { wireOperation } from '../change-shapes.ts';
import { giveCommand } from '../give-command.ts';
import { mayReadEnvironment, wholeRefusal } from '../readable.ts';
import { answered, defineRoute, type Route } from '../route.ts';
import { done, principalShown, time } from '../shapes.ts';
import { frozenMessage } from '../write-reply.ts';

const me = defineRoute({
  ...{ method: 'get', path: '/v1/me', id: 'getMe', tag: 'organisation', effect: 'none' },
  summary: 'Who the token is',
  description: 'The principal that the token belongs to, with its roles and scopes as they are now.',
  access: { action: 'read', over: 'self', roles: 'any' },
  answers: { 200: { description: 'The principal.', schema: principalShown } },
  handle(_api, { principal: { holders: _holders, ...principal } }) {
    return answered(principal);
  },
});

const waiting = z
  .object({
    since: time,
    attempts: z.int(),
    nextAt: time,
    trouble: z.object({ kind: z.string(), message: z.string() }).optional(),
  })
  .optional();

const environmentStatus = z.object({
  environment: z.string(),
  generation: z.int().describe('Of what it has been changed to.'),
  version: z.int().describe('In force at the publisher; 0 where nothing is.'),
  frozen: z.boolean().describe('Something waits, and the publisher does not take it.'),
  waiting,
  keys: z.object({ version: z.int(), waiting }).describe('The document of SDK keys; version 0 where there is none.'),
});

const status = defineRoute({
  ...{ method: 'get', path: '/v1/status', id: 'getStatus', tag: 'organisation', effect: 'none' },
  summary: 'How things stand',
  description:
    'How long the log is and how much of it is signed; of each environment that may be read, what is published, and what waits and why.',
  access: { action: 'read', over: 'self', roles: 'any' },
  answers: {
    200: {
      description: 'As it is now.',
      schema: z.object({
        entries: z.int(),
        signed: z.int(),
        environments: z.array(environmentStatus),
        message: z.string().optional().describe('Where config is frozen: where, and what that means.'),
      }),
    },
  },
  handle({ control }, { principal }) {
    const { environments, ...log } = control.status();
    const shown = environments.filter(({ environment }) => mayReadEnvironment(principal, environment));
    const frozen = shown.flatMap((one) => (one.frozen ? [one.environment] : []));
    return answered({
      ...log,
      environments: shown.map(shownStatus),
      ...(frozen.length > 0 && { message: frozenMessage(frozen) }),
    });
  },
});

const shownStatus = ({ waiting: waits, keys, ...environment }: EnvironmentStatus) => ({
  ...environment,
  ...(waits && { waiting: shownWaiting(waits) }),
  keys: { version: keys.version, ...(keys.waiting && { waiting: shownWaiting(keys.waiting) }) },
});

const shownWaiting = <W extends { readonly since: number; readonly nextAt: number }>(waits: W) => ({
  ...waits,
  since: rfc3339(waits.since),
  nextAt: rfc3339(waits.nextAt),
});

const found = defineRoute({
  ...{ method: 'post', path: '/v1/organisation', id: 'foundOrganisation', tag: 'organisation', effect: 'write' },
  summary: 'Begin the organisation',
  description:
    'The first entry of the log, once: environments, policies and items that need nobody else yet, since nobody is there to approve.',
  access: { action: 'administer', over: 'organisation', roles: ['admin'] },
  body: {
    schema: z.strictObject({
      operations: z.array(wireOperation).max(MAX_OPERATIONS).default([]),
      defaultPolicies: z
        .boolean()
        .default(true)
        .describe('Whether the default policies are among them (docs/control.md).'),
      justification,
    }),
    example: {
      operations: [{ op: 'put', kind: 'environment', key: 'production', base: 0, body: { name: 'Production' } }],
      justification: 'To begin with.',
    },
  },
  answers: { 200: { description: 'It has begun.', schema: done } },
  handle(api, call) {
    const { operations, defaultPolicies, justification } = call.body;
    const refusal = wholeRefusal(call.principal, null, 'administer');
    if (refusal !== undefined) return refused(refusal);
    const all = [...(defaultPolicies ? defaultPolicyOperations() : []), ...operations];
    return giveCommand(api, call, { type: 'found', operations: all, justification });
  },
});

export const organisationRoutes: readonly Route[] = [me, status, found];
