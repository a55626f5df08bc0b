/** SDK keys and service tokens: made, rotated, revoked. */
import * as z from 'zod';
import { sortedEntries } from '#control/persistent-map';
import type { SdkKey, ServiceToken } from '#control/state';
import { MAX_OVERLAP_MS } from '#schema/control-limits';
import { name } from '#schema/control-names';
import type { Operation } from '#schema/control-operation';
import { refused } from '#schema/result';
import type { Api } from '../api.ts';
import { CHANGE_ANSWERS, dryRun } from '../change-shapes.ts';
import { matchesText } from '../matches-text.ts';
import { MAX_QUERY_TEXT, pageOf, pageQuery, pageShape } from '../page.ts';
import { mayReadEnvironment, wholeRefusal } from '../readable.ts';
import { type AnswerShape, answered, defineRoute, type Route } from '../route.ts';
import { SECRET_KINDS, type SecretKind, secretAt } from '../secret-kinds.ts';
import { applied, reasons, unchanged, waits, wireTime } from '../shapes.ts';
import { secretShape, shownSecret, type Uses } from '../shown-secret.ts';
import { submitChange } from '../submit-change.ts';
import { submitSecret } from '../submit-secret.ts';

const READ = { action: 'read', over: 'environment', roles: 'any' } as const;
const ADMINISTER = { action: 'administer', over: 'organisation', roles: ['admin'] } as const;

/** Those of an environment that may be read; of the whole organisation, for who may read all of it. */
const mayRead = (principal: Parameters<typeof wholeRefusal>[0], { body }: SdkKey | ServiceToken): boolean =>
  'environment' in body
    ? mayReadEnvironment(principal, body.environment)
    : wholeRefusal(principal, null, 'read') === undefined;

async function usesOf({ keyUse }: Api, environments: readonly string[]): Promise<Uses> {
  const all = await Promise.all([...new Set(environments)].map((one) => keyUse.lastUsed(one)));
  return new Map(all.flatMap((uses) => [...uses]));
}

const environmentsOf = (all: readonly (SdkKey | ServiceToken)[]): string[] =>
  all.flatMap(({ body }) => ('environment' in body ? body.environment : []));

const listRoute = (shape: SecretKind): Route =>
  defineRoute({
    ...{ method: 'get', path: `/v1/${shape.plural}`, effect: 'none', tag: 'keys', access: READ },
    id: `list${shape.id}s`,
    summary: `List ${shape.plural.replace('-', ' ')}`,
    description: 'In order of key, without their secrets. Revoked ones are in the log alone.',
    query: {
      environment: name.optional(),
      q: z
        .string()
        .min(1)
        .max(MAX_QUERY_TEXT)
        .optional()
        .describe('In the key, the service, the owner or the description.'),
      ...pageQuery,
    },
    answers: { 200: { description: 'A page.', schema: pageShape(secretShape(shape)) } },
    async handle(api, { principal, query }) {
      const found = sortedEntries(shape.of(api.control.executing.held().state)).filter(([key, one]) => {
        const { body } = one;
        return (
          mayRead(principal, one) &&
          (query.environment === undefined || environmentsOf([one]).includes(query.environment)) &&
          matchesText(query.q, [key, 'service' in body ? body.service : body.owner, body.description])
        );
      });
      const uses = await usesOf(api, environmentsOf(found.map(([, one]) => one)));
      return pageOf(found, query, (one) => shownSecret(shape, one, api.now(), uses));
    },
  });

const getRoute = (shape: SecretKind): Route =>
  defineRoute({
    ...{ method: 'get', path: `/v1/${shape.plural}/{key}`, effect: 'none', tag: 'keys', access: READ },
    id: `get${shape.id}`,
    summary: `Read ${shape.what}`,
    description: 'Without its secret.',
    params: { key: name },
    answers: {
      200: {
        description: 'What is asked for.',
        schema: secretShape(shape),
        headers: { ETag: 'The revision, in quotes.' },
      },
    },
    async handle(api, { principal, params }) {
      const one = secretAt(shape, api.control.executing.held().state, params.key);
      if (one === undefined || !mayRead(principal, one))
        return refused({ code: 'not-found', what: shape.kind, key: params.key });
      const uses = await usesOf(api, environmentsOf([one]));
      return answered(shownSecret(shape, one, api.now(), uses), { etag: `"${one.revision}"` });
    },
  });

const secret = z.string().optional().describe('Shown this once: in an answer that is given again it is not there.');

const LOST =
  'The newest secret never arrived: this one takes its place, and the one before ends when it was to, whatever `overlapMs` says. Of one secret alone it says nothing: that one goes on for the overlap.';

const SECRET_ANSWERS: Readonly<Record<number, AnswerShape>> = {
  200: {
    description: 'Done; or, in a dry run, what it would do.',
    schema: z.union([unchanged, applied.extend({ secret }), dryRun]),
  },
  202: {
    description: 'It waits for approval: the secret is valid once it is applied.',
    schema: waits.extend({ secret }),
    headers: { Location: 'The change request.' },
  },
};

const createRoute = (shape: SecretKind): Route =>
  defineRoute({
    ...{ method: 'post', path: `/v1/${shape.plural}`, effect: 'change', tag: 'keys', access: ADMINISTER },
    id: `create${shape.id}`,
    summary: `Make ${shape.what}`,
    description: shape.description,
    body: {
      schema: z.strictObject({
        key: name,
        ...shape.body.shape,
        expiresAt: wireTime.optional().describe('RFC 3339; until it is revoked where nothing is said.'),
        ...reasons,
      }),
      example: { key: 'search-1', ...shape.example, justification: 'The search team has a service of its own.' },
    },
    answers: SECRET_ANSWERS,
    handle(api, call) {
      const { key, expiresAt, justification, apply, ticket, confirm, ...body } = call.body;
      const made = shape.newSecret(api, key, body);
      const operation = {
        ...{ op: 'create', kind: shape.kind, key, base: 0 },
        body: { ...body, sha256: made.sha256, ...(expiresAt !== undefined && { expiresAt }) },
      } as unknown as Operation;
      const why = { justification, apply, confirm, ...(ticket !== undefined && { ticket }) };
      return submitSecret(api, call, { operations: [operation], ...why }, made);
    },
  });

const rotateRoute = (shape: SecretKind): Route =>
  defineRoute({
    ...{ method: 'post', path: `/v1/${shape.plural}/{key}/rotate`, effect: 'change', precondition: 'revision' },
    ...{ id: `rotate${shape.id}`, tag: 'keys', access: ADMINISTER },
    summary: `Rotate ${shape.what}`,
    description:
      'A new secret; the old one goes on for the overlap. Two are valid at most: while an overlap runs, only a rotation without one is taken, which ends both, or one that says that the newest was lost, which ends that alone (409 `overlap-runs` otherwise).',
    params: { key: name },
    body: {
      schema: z.strictObject({
        overlapMs: z
          .int()
          .min(0)
          .max(MAX_OVERLAP_MS)
          .default(0)
          .describe('How long the old one is valid beside it (milliseconds).'),
        lost: z.literal(true).optional().describe(LOST),
        ...shape.rotation,
        ...reasons,
      }),
      example: { overlapMs: 86_400_000, justification: 'Once a quarter.' },
    },
    answers: SECRET_ANSWERS,
    handle(api, call) {
      const { overlapMs, justification, apply, ticket, confirm, ...others } = call.body;
      const { key } = call.params;
      const one = secretAt(shape, api.control.executing.held().state, key);
      if (one === undefined || !mayRead(call.principal, one))
        return refused({ code: 'not-found', what: shape.kind, key });
      const made = shape.newSecret(api, key, one.body);
      const at = { kind: shape.kind, key, base: call.base };
      const operation = { op: 'rotate', ...at, sha256: made.sha256, overlapMs, ...others } as Operation;
      const why = { justification, apply, confirm, ...(ticket !== undefined && { ticket }) };
      return submitSecret(api, call, { operations: [operation], ...why }, made);
    },
  });

const revokeRoute = (shape: SecretKind): Route =>
  defineRoute({
    ...{ method: 'delete', path: `/v1/${shape.plural}/{key}`, effect: 'change', precondition: 'revision' },
    ...{ id: `revoke${shape.id}`, tag: 'keys', access: ADMINISTER },
    summary: `Revoke ${shape.what}`,
    description: 'All of its secrets, for good. It takes one admin alone: it can only close something.',
    params: { key: name },
    body: { schema: z.strictObject(reasons), example: { justification: 'It was in a log.' } },
    answers: CHANGE_ANSWERS,
    handle(api, call) {
      const operation = { op: 'revoke', kind: shape.kind, key: call.params.key, base: call.base } as Operation;
      return submitChange(api, call, { operations: [operation], ...call.body });
    },
  });

export const secretRoutes: readonly Route[] = SECRET_KINDS.flatMap((shape) => [
  listRoute(shape),
  getRoute(shape),
  createRoute(shape),
  rotateRoute(shape),
  revokeRoute(shape),
]);
