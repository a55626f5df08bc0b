/** What a dry run shows, and the operations that may come over the wire. */
import * as z from 'zod';
import { MAX_OPERATIONS } from '#schema/control-limits';
import { operation } from '#schema/control-operation';
import type { AnswerShape } from './route.ts';
import { done, missingApproval, reasons, refusal, requirement, waits } from './shapes.ts';

/** All but those that bring the digest of a secret: secrets are made here, where they are as long as they should be. */
export const wireOperation = operation.refine(
  ({ op }) => op !== 'create' && op !== 'rotate',
  'is made under /v1/sdk-keys and /v1/service-tokens',
);

export const wireOperations = z.array(wireOperation).min(1).max(MAX_OPERATIONS);

export const wireChange = z.strictObject({ operations: wireOperations, ...reasons });

const itemDiff = z.object({
  environment: z.string(),
  kind: z.string(),
  key: z.string(),
  old: z.unknown().describe('Null where there was none.'),
  new: z.unknown().describe('Null where there will be none.'),
  fields: z.array(z.string()).describe('The fields of the body that differ.'),
  archived: z.literal(true).optional().describe('What is new is for the archive: nobody will be served it.'),
});

const flagDiff = z.object({
  environment: z.string(),
  flag: z.string(),
  class: z.string().describe('`move`, `content`, `return` and the like: docs/publisher.md.'),
  through: z.array(z.string()).describe('What brings it about: itself, or what it uses.'),
  moved: z.array(z.unknown()),
});

export const diffFields = {
  hash: z.string(),
  items: z.array(itemDiff),
  flags: z.array(flagDiff),
  publishes: z.array(z.string()),
  isReturn: z.boolean(),
  requirements: z.array(requirement),
  missing: z.array(missingApproval),
  refusal: refusal.nullable(),
};

export const dryRun = z.object({ dryRun: z.literal(true), ...diffFields, message: z.string().nullable() });

/** Of everything that submits a change. */
export const CHANGE_ANSWERS: Readonly<Record<number, AnswerShape>> = {
  200: {
    description: 'Applied; or everything is like that already; or, in a dry run, what it would do.',
    schema: z.union([done, dryRun]),
  },
  202: {
    description: 'It waits: for approvals, for its time, or for somebody to apply it.',
    schema: waits,
    headers: { Location: 'The change request.' },
  },
};
