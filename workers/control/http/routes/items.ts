/** Reading and writing one item, and the list of them; the same for flags, segments, layers and holdouts. */
import * as z from 'zod';
import type { Item } from '#control/item';
import { get, sortedEntries } from '#control/persistent-map';
import { label, name } from '#schema/control-names';
import { type ItemOperation, people } from '#schema/control-operation';
import { refused } from '#schema/result';
import { CHANGE_ANSWERS } from '../change-shapes.ts';
import { itemShape, shownItem } from '../item-answer.ts';
import { KINDS, type KindShape } from '../item-kinds.ts';
import { EDIT_ITEM, itemAt, itemPath, notThere } from '../item-place.ts';
import { matchesText } from '../matches-text.ts';
import { MAX_QUERY_TEXT, pageOf, pageQuery, pageShape } from '../page.ts';
import { mayReadEnvironment, mayReadKey } from '../readable.ts';
import { answered, defineRoute, type Route } from '../route.ts';
import { reasons } from '../shapes.ts';
import { submitChange } from '../submit-change.ts';

const READ = { action: 'read', over: 'namespace', roles: 'any' } as const;

const listQuery = {
  q: z
    .string()
    .min(1)
    .max(MAX_QUERY_TEXT)
    .optional()
    .describe('In the key, the description, the owner or a tag, in any case.'),
  project: name.optional(),
  owner: label.optional(),
  tag: name.optional(),
  archived: z.enum(['false', 'true', 'all']).optional().describe('`false` where nothing is said.'),
  ...pageQuery,
};

type ListQuery = z.output<z.ZodObject<typeof listQuery>>;

const listRoute = (shape: KindShape): Route =>
  defineRoute({
    ...{ method: 'get', path: `/v1/environments/{environment}/${shape.plural}`, effect: 'none' },
    ...{ id: `list${shape.id}s`, tag: shape.plural, access: READ },
    summary: `List ${shape.plural}`,
    description: `The ${shape.plural} of an environment that may be read, in order of key.`,
    params: { environment: name },
    query: listQuery,
    answers: { 200: { description: 'A page.', schema: pageShape(itemShape(shape)) } },
    handle({ control }, { principal, params, query }) {
      const { state } = control.executing.held();
      const environment = get(state.environments, params.environment);
      if (environment === undefined || !mayReadEnvironment(principal, params.environment))
        return refused({ code: 'not-found', what: 'environment', key: params.environment });
      const found = sortedEntries(environment.items).flatMap(([, item]) => {
        const isShown = item.kind === shape.kind && mayReadKey(principal, environment.key, item.key);
        return isShown && isAskedFor(item, query) ? [[item.key, item] as const] : [];
      });
      return pageOf(found, query, shownItem);
    },
  });

function isAskedFor(
  { key, body, people, archived }: Item,
  { q, project, owner, tag, archived: which }: ListQuery,
): boolean {
  return (
    (which === 'all' || archived === (which === 'true')) &&
    (project === undefined || people.project === project) &&
    (owner === undefined || people.owner === owner) &&
    (tag === undefined || people.tags.includes(tag)) &&
    matchesText(q, [key, body.description, people.owner, ...people.tags])
  );
}

const getRoute = (shape: KindShape): Route =>
  defineRoute({
    ...{ method: 'get', path: itemPath(shape), effect: 'none' },
    ...{ id: `get${shape.id}`, tag: shape.plural, access: READ },
    summary: `Read a ${shape.kind}`,
    description: 'Its body as it is authored, what people say of it, and its revision, which is the ETag.',
    params: { environment: name, key: shape.key },
    answers: {
      200: { description: 'The item.', schema: itemShape(shape), headers: { ETag: 'The revision, in quotes.' } },
    },
    handle({ control }, { principal, params }) {
      const { state } = control.executing.held();
      const readable = mayReadKey(principal, params.environment, params.key);
      const item = readable ? itemAt(state, shape.kind, params) : refused(notThere(shape.kind, params.key));
      return item.ok ? answered(shownItem(item.value), { etag: `"${item.value.revision}"` }) : item;
    },
  });

const putRoute = (shape: KindShape): Route =>
  defineRoute({
    ...{ method: 'put', path: itemPath(shape), effect: 'change', precondition: 'revision' },
    ...{ id: `put${shape.id}`, tag: shape.plural, access: EDIT_ITEM },
    summary: `Make or change a ${shape.kind}`,
    description: 'The whole body. Without `people`, what people say of it stays.',
    params: { environment: name, key: shape.key },
    body: {
      schema: z.strictObject({ body: shape.body, people: people.exactOptional(), ...reasons }),
      example: { body: shape.example, justification: `A ${shape.kind} for the search team.` },
    },
    answers: CHANGE_ANSWERS,
    handle(api, call) {
      const { body, people, ...why } = call.body;
      const at = { kind: shape.kind, environment: call.params.environment, key: call.params.key, base: call.base };
      const operation = { op: 'put', ...at, body, ...(people && { people }) } as ItemOperation;
      return submitChange(api, call, { operations: [operation], ...why });
    },
  });

export const itemRoutes: readonly Route[] = KINDS.flatMap((shape) => [
  listRoute(shape),
  getRoute(shape),
  putRoute(shape),
]);
