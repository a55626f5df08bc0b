/** What else is done to one item: a patch of it, into the archive and back, and out of the world. */
import * as z from 'zod';
import { itemId } from '#control/item';
import { get } from '#control/persistent-map';
import type { JsonValue } from '#core/decision';
import { name } from '#schema/control-names';
import { type ItemOperation, people } from '#schema/control-operation';
import { refused } from '#schema/result';
import { CHANGE_ANSWERS } from '../change-shapes.ts';
import { KINDS, type KindShape } from '../item-kinds.ts';
import { EDIT_ITEM, itemAt, itemPath, notThere } from '../item-place.ts';
import { mergePatch } from '../merge-patch.ts';
import { mayReadKey } from '../readable.ts';
import { defineRoute, issuesIn, type Route } from '../route.ts';
import { reasons } from '../shapes.ts';
import { submitChange } from '../submit-change.ts';

/** It came as JSON: nothing in it is anything else. */
const jsonObject = z.record(z.string(), z.unknown());

const patchRoute = (shape: KindShape): Route =>
  defineRoute({
    ...{ method: 'patch', path: itemPath(shape), effect: 'change', precondition: 'revision' },
    ...{ id: `patch${shape.id}`, tag: shape.plural, access: EDIT_ITEM },
    summary: `Change some of a ${shape.kind}`,
    description:
      'Merge patches (RFC 7396) of the body and of what people say of it: null takes a field away, lists are replaced as a whole.',
    params: { environment: name, key: shape.key },
    body: {
      schema: z.strictObject({ body: jsonObject.exactOptional(), people: jsonObject.exactOptional(), ...reasons }),
      media: 'application/merge-patch+json',
      example: { body: { description: 'Said better.' }, justification: 'So that people understand it.' },
    },
    answers: CHANGE_ANSWERS,
    handle(api, call) {
      const { params, principal, base } = call;
      const { body, people: said, ...why } = call.body;
      const { state } = api.control.executing.held();
      if (!mayReadKey(principal, params.environment, params.key)) return refused(notThere(shape.kind, params.key));
      const item = itemAt(state, shape.kind, params);
      if (!item.ok) return item;
      const { revision } = item.value;
      if (base !== revision)
        return refused({ code: 'stale', items: [{ kind: shape.kind, ...params, base, revision }] });
      const merged = z.object({ body: shape.body, people }).safeParse({
        body: mergePatch(item.value.body, (body ?? {}) as JsonValue),
        people: mergePatch(item.value.people, (said ?? {}) as JsonValue),
      });
      if (!merged.success) return refused({ code: 'malformed', issues: issuesIn(merged.error, 'merged') });
      const operation = { op: 'put', kind: shape.kind, ...params, base, ...merged.data } as ItemOperation;
      return submitChange(api, call, { operations: [operation], ...why });
    },
  });

const OPS = [
  { op: 'archive', does: 'Archive', description: 'It stays known, and is in no payload any more.' },
  { op: 'restore', does: 'Bring back', description: 'Out of the archive, as it was, or with the body that is given.' },
  {
    op: 'delete',
    does: 'Delete',
    description: 'Out of the archive, for good: its key and its salt are never used again.',
  },
] as const;

const opRoute = (shape: KindShape, { op, does, description }: (typeof OPS)[number]): Route =>
  defineRoute({
    ...{ method: op === 'delete' ? 'delete' : 'post', effect: 'change', precondition: 'revision' },
    path: op === 'delete' ? itemPath(shape) : `${itemPath(shape)}/${op}`,
    ...{ id: `${op}${shape.id}`, tag: shape.plural, access: EDIT_ITEM, description },
    summary: `${does} a ${shape.kind}`,
    params: { environment: name, key: shape.key },
    body: {
      schema: z.strictObject({
        ...(op === 'restore' && { body: shape.body.optional(), people: people.optional() }),
        ...reasons,
      }),
      example: { justification: 'Nobody asks for it any more.' },
    },
    answers: CHANGE_ANSWERS,
    handle(api, call) {
      const { params, base } = call;
      const { body, people: said, ...why } = call.body as typeof call.body & { body?: unknown; people?: unknown };
      const content = { ...(body !== undefined && { body }), ...(said !== undefined && { people: said }) };
      const operation = { op, kind: shape.kind, ...params, base, ...content } as ItemOperation;
      return submitChange(api, call, { operations: [operation], ...why });
    },
  });

const copyRoute = (shape: KindShape): Route =>
  defineRoute({
    ...{ method: 'post', path: `${itemPath(shape)}/copy`, effect: 'change' },
    ...{ id: `copy${shape.id}`, tag: shape.plural, access: EDIT_ITEM },
    summary: `Copy a ${shape.kind}`,
    description:
      'To another environment, or under another key. What is there already keeps its salt, and `base` says which revision of it is replaced. A copy within its environment gets a salt of its own; one in another keeps it, so that people stay in their buckets.',
    params: { environment: name, key: shape.key },
    body: {
      schema: z.strictObject({
        environment: name.optional().describe('Where to; this one where nothing is said.'),
        key: shape.key.optional().describe('Under which key; the same where nothing is said.'),
        base: z.int().min(0).default(0).describe('The revision of what is there already; 0 where nothing is.'),
        ...reasons,
      }),
      example: { environment: 'staging', justification: 'To try it there first.' },
    },
    answers: CHANGE_ANSWERS,
    handle(api, call) {
      const { params, principal } = call;
      const { environment = params.environment, key = params.key, base, ...why } = call.body;
      const { state } = api.control.executing.held();
      if (!mayReadKey(principal, params.environment, params.key)) return refused(notThere(shape.kind, params.key));
      const item = itemAt(state, shape.kind, params);
      if (!item.ok) return item;
      const there = get(state.environments, environment);
      const kept = there && get(there.items, itemId(shape.kind, key))?.identity.salt;
      const fresh = environment === params.environment ? api.newId() : undefined;
      const { body, people: said } = item.value;
      const salted = 'salt' in body ? { ...body, salt: kept ?? fresh ?? body.salt } : body;
      const operation = { op: 'put', kind: shape.kind, environment, key, base, body: salted, people: said };
      return submitChange(api, call, { operations: [operation as ItemOperation], ...why });
    },
  });

export const itemChangeRoutes: readonly Route[] = KINDS.flatMap((shape) => [
  patchRoute(shape),
  ...OPS.map((op) => opRoute(shape, op)),
  copyRoute(shape),
]);
