/** What answers are made of, for the document of the API. */
import * as z from 'zod';
import { change, confirmation, override } from '#schema/control-command';
import { MAX_LABEL } from '#schema/control-limits';
import { justification, name } from '#schema/control-names';
import { scopes } from '#schema/control-principal';
import { MAX_TIME } from '#schema/exposure-limits';

/** RFC 3339 on the wire, milliseconds within. */
export const wireTime = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .pipe(z.int().min(0).max(MAX_TIME));

export const wireWhen = z.union([z.enum(['when-approved', 'by-hand']), z.strictObject({ at: wireTime })]);

/** What every change says of itself. */
export const reasons = {
  justification: justification.describe('Why. It stays in the log for good.'),
  apply: wireWhen.default('when-approved').describe('When it takes effect once it is approved.'),
  ticket: change.shape.ticket.describe('The change ticket, where a policy asks for one.'),
  confirm: z.array(confirmation).max(2).default([]).describe('What is on purpose where much changes at once.'),
  override: override
    .exactOptional()
    .describe('Session flags, each put by the change, whose new variations are given before every region has them.'),
};

export const time = z.string().describe('RFC 3339');
export const revision = z.int().min(0);
const environments = z.array(name);

export const requirement = z.object({
  policy: z.string(),
  revision,
  environment: z.string().nullable(),
  namespaces: z.array(z.string()),
  edit: z.array(z.string()),
  approvals: z.object({ count: z.int(), roles: z.array(z.string()) }),
  ticket: z.boolean(),
  training: z.array(z.string()),
});

export const missingApproval = z.object({
  policy: z.string(),
  environment: z.string().nullable(),
  namespaces: z.array(z.string()),
  roles: z.array(z.string()),
  missing: z.int(),
});

export const effect = z.object({
  environment: z.string(),
  flags: z.record(z.string(), z.string()).describe('How each flag that it affects changes.'),
  content: z
    .string()
    .describe('SHA-256 of what these flags then serve by, with all that they use: what an approval is for.'),
  publishes: z.boolean(),
});

export const refusal = z.looseObject({ code: z.string() });

const told = {
  seq: z.int().describe('Its entry in the log.'),
  frozen: environments.describe('Environments whose publisher does not take what waits for it.'),
  message: z.string().optional(),
};

export const unchanged = z.object({ status: z.literal('unchanged') });

export const applied = z.object({
  status: z.enum(['applied', 'declined', 'withdrawn']),
  ...told,
  id: z.string().optional().describe('Of the change, in the log.'),
  effects: z.array(effect).optional(),
});

export const done = z.union([unchanged, applied]);

export const waits = z.object({
  status: z.enum(['open', 'approved', 'scheduled', 'voided']),
  ...told,
  request: z.object({
    id: z.string(),
    hash: z.string().optional(),
    missing: z.array(missingApproval).optional(),
    held: refusal.optional(),
  }),
});

export const principalShown = z.object({
  id: z.string(),
  person: z.string(),
  kind: z.enum(['person', 'service']),
  roles: z.array(z.string()),
  scopes,
  owner: z.string().max(MAX_LABEL).optional(),
});
