/** Who of a sample would be served something else. */
import * as z from 'zod';
import { patternRefusal } from '#control/pattern-budget';
import { planChange } from '#control/plan-change';
import { previewChange } from '#control/preview-change';
import { requirementsOf } from '#control/requirements';
import type { Place } from '#core/context';
import { confirmation } from '#schema/control-command';
import { name } from '#schema/control-names';
import { refused } from '#schema/result';
import { wireOperations } from '../change-shapes.ts';
import { MAX_IMPORT } from '../read-request.ts';
import { mayReadAll, mayReadEnvironment, namedRefusal, UNREADABLE } from '../readable.ts';
import { answered, defineRoute, type Route } from '../route.ts';

const MAX_CONTEXTS = 1_000;

const placeName = z.string().min(1).max(64);

const placeOf = ({ region, cloud, pop }: { [Name in keyof Place]?: string | undefined }): Place => ({
  ...(region !== undefined && { region }),
  ...(cloud !== undefined && { cloud }),
  ...(pop !== undefined && { pop }),
});

const served = z.object({
  variation: z.string().nullable(),
  value: z.unknown(),
  reason: z.string(),
  rule: z.string().nullable(),
});

const preview = defineRoute({
  ...{ method: 'post', path: '/v1/preview', id: 'previewChange', tag: 'changes', effect: 'question' },
  summary: 'Preview a change',
  description:
    'Evaluates each context of a sample before and after the change, by the evaluator that serves them, and says whom it would serve another variation. Changes nothing.',
  access: { action: 'read', over: 'namespace', roles: 'any' },
  body: {
    schema: z.strictObject({
      environment: name,
      operations: wireOperations,
      contexts: z.array(z.looseObject({})).min(1).max(MAX_CONTEXTS).describe('OpenFeature contexts.'),
      place: z
        .strictObject({ region: placeName, cloud: placeName, pop: placeName })
        .partial()
        .default({})
        .describe('Where they ask: what rules on `region`, `cloud` and `pop` go by. What is left out, nobody knows.'),
      confirm: z.array(confirmation).max(2).default([]),
    }),
    maxBytes: MAX_IMPORT,
    example: {
      environment: 'production',
      operations: [{ op: 'archive', kind: 'flag', environment: 'production', key: 'search.mapView', base: 1 }],
      contexts: [{ targetingKey: 'user-1' }],
    },
  },
  answers: {
    200: {
      description: 'Of each flag that it affects.',
      schema: z.object({
        flags: z.array(
          z.object({
            flag: z.string(),
            changed: z.array(z.object({ context: z.int(), before: served, after: served })),
            same: z.int(),
          }),
        ),
      }),
    },
  },
  handle({ control, now }, { principal, body: { environment, operations, contexts, place, confirm } }) {
    const { state } = control.executing.held();
    if (!mayReadEnvironment(principal, environment))
      return refused({ code: 'not-found', what: 'environment', key: environment });
    const outright = namedRefusal(state, principal, operations) ?? patternRefusal(state, operations);
    if (outright !== undefined) return refused(outright);
    const change = { operations, confirm };
    const plan = planChange(state, change, { now: now(), holders: [] });
    if (!plan.ok) return plan;
    const touched = requirementsOf(state, { operations, effects: plan.value.effects, isReturn: false });
    if (!touched.ok) return touched;
    if (!mayReadAll(principal, touched.value)) return refused(UNREADABLE);
    const flags = previewChange(state, { environment, change, contexts, place: placeOf(place), now: now() });
    return flags.ok ? answered({ flags: flags.value }) : flags;
  },
});

export const previewRoutes: readonly Route[] = [preview];
