/** Projects, environments, policies and webhooks: read, made, changed and deleted in the same way. */
import * as z from 'zod';
import { get, sortedEntries } from '#control/persistent-map';
import type { Recorded } from '#control/state';
import { name } from '#schema/control-names';
import type { Operation } from '#schema/control-operation';
import type { Principal } from '#schema/control-principal';
import { refused } from '#schema/result';
import { CHANGE_ANSWERS } from '../change-shapes.ts';
import { matchesText } from '../matches-text.ts';
import { MAX_QUERY_TEXT, pageOf, pageQuery, pageShape } from '../page.ts';
import { mayReadEnvironment, wholeRefusal } from '../readable.ts';
import { RECORDS, type RecordShape } from '../records.ts';
import { answered, defineRoute, type Route } from '../route.ts';
import { reasons, revision } from '../shapes.ts';
import { submitChange } from '../submit-change.ts';

const shapeOf = ({ body }: RecordShape): z.ZodType => z.object({ key: name, revision, body });

const shown = ({ key, revision, body }: Recorded<unknown>) => ({ key, revision, body });

/** Projects and policies say who may do what, and are no secret within an organisation. */
function mayRead({ kind }: RecordShape, principal: Principal, key: string): boolean {
  if (kind === 'webhook') return wholeRefusal(principal, null, 'read') === undefined;
  return kind !== 'environment' || mayReadEnvironment(principal, key);
}

const OVER = { project: 'self', policy: 'self', environment: 'environment', webhook: 'organisation' } as const;

const readAccess = ({ kind }: RecordShape) => ({ action: 'read', over: OVER[kind], roles: 'any' }) as const;

const listRoute = (shape: RecordShape): Route =>
  defineRoute({
    ...{ method: 'get', path: `/v1/${shape.plural}`, effect: 'none' },
    ...{ id: `list${shape.id.replace(/y$/, 'ie')}s`, tag: shape.plural, access: readAccess(shape) },
    summary: `List ${shape.plural}`,
    description: `The ${shape.plural} that may be read, in order of key.`,
    query: {
      q: z.string().min(1).max(MAX_QUERY_TEXT).optional().describe('In the key or the name, in any case.'),
      ...pageQuery,
    },
    answers: { 200: { description: 'A page.', schema: pageShape(shapeOf(shape)) } },
    handle({ control }, { principal, query }) {
      const all = sortedEntries(shape.of(control.executing.held().state));
      const found = all.filter(
        ([key, { body }]) => mayRead(shape, principal, key) && matchesText(query.q, [key, nameIn(body)]),
      );
      return pageOf(found, query, shown);
    },
  });

const nameIn = (body: unknown): string | undefined => {
  const { name } = body as { readonly name?: string };
  return name;
};

const path = ({ plural, kind }: RecordShape): string => `/v1/${plural}/{${kind === 'environment' ? kind : 'key'}}`;

const keyShape = ({ kind, key }: RecordShape): Readonly<Record<string, z.ZodString>> => ({
  [kind === 'environment' ? kind : 'key']: key,
});

const keyIn = (params: Readonly<Record<string, string>>): string => params['environment'] ?? params['key'] ?? '';

const getRoute = (shape: RecordShape): Route =>
  defineRoute({
    ...{ method: 'get', path: path(shape), effect: 'none' },
    ...{ id: `get${shape.id}`, tag: shape.plural, access: readAccess(shape) },
    summary: `Read ${shape.kind === 'environment' ? 'an' : 'a'} ${shape.kind}`,
    description: 'Its body and its revision, which is the ETag.',
    params: keyShape(shape),
    answers: {
      200: { description: 'What is asked for.', schema: shapeOf(shape), headers: { ETag: 'The revision, in quotes.' } },
    },
    handle({ control }, { principal, params }) {
      const key = keyIn(params);
      const found = mayRead(shape, principal, key) ? get(shape.of(control.executing.held().state), key) : undefined;
      if (found === undefined) return refused({ code: 'not-found', what: shape.kind, key });
      return answered(shown(found), { etag: `"${found.revision}"` });
    },
  });

const writeAccess = ({ roles }: RecordShape) => ({ action: 'administer', over: 'organisation', roles }) as const;

const putRoute = (shape: RecordShape): Route =>
  defineRoute({
    ...{ method: 'put', path: path(shape), effect: 'change', precondition: 'revision' },
    ...{ id: `put${shape.id}`, tag: shape.plural, access: writeAccess(shape) },
    summary: `Make or change ${shape.kind === 'environment' ? 'an' : 'a'} ${shape.kind}`,
    description: 'The whole body.',
    params: keyShape(shape),
    body: {
      schema: z.strictObject({ body: shape.body, ...reasons }),
      example: { body: shape.example, justification: 'It is new.' },
    },
    answers: CHANGE_ANSWERS,
    handle(api, call) {
      const { body, ...why } = call.body;
      const operation = { op: 'put', kind: shape.kind, key: keyIn(call.params), base: call.base, body } as Operation;
      return submitChange(api, call, { operations: [operation], ...why });
    },
  });

const deleteRoute = (shape: RecordShape): Route =>
  defineRoute({
    ...{ method: 'delete', path: path(shape), effect: 'change', precondition: 'revision' },
    ...{ id: `delete${shape.id}`, tag: shape.plural, access: writeAccess(shape) },
    summary: `Delete ${shape.kind === 'environment' ? 'an' : 'a'} ${shape.kind}`,
    description: 'What is in use stays. Its key is never used again.',
    params: keyShape(shape),
    body: { schema: z.strictObject(reasons), example: { justification: 'Nobody uses it any more.' } },
    answers: CHANGE_ANSWERS,
    handle(api, call) {
      const operation = { op: 'delete', kind: shape.kind, key: keyIn(call.params), base: call.base } as Operation;
      return submitChange(api, call, { operations: [operation], ...call.body });
    },
  });

export const recordRoutes: readonly Route[] = RECORDS.flatMap((shape) => [
  ...[listRoute(shape), getRoute(shape), putRoute(shape), deleteRoute(shape)],
]);
