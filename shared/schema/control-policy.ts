/** Who may change what, and whose word it takes besides. */
import * as z from 'zod';
import { MAX_APPROVALS, MAX_ROLES, MAX_SCOPE } from './control-limits.ts';
import { name, roles, scope } from './control-names.ts';

const approvals = z
  .strictObject({
    /** How many people other than the author. */
    count: z.int().min(0).max(MAX_APPROVALS),
    roles: z.array(name).max(MAX_ROLES),
  })
  .refine(({ count, roles }) => count === 0 || roles.length > 0, 'must name the roles that may approve');

export const policy = z.strictObject({
  namespaces: scope,
  environments: scope,
  /** One of them is needed to change anything here. */
  edit: roles,
  approvals,
  /** Whether an open change ticket is needed. */
  ticket: z.boolean(),
  /** What authors and approvers must have completed. */
  training: z.array(name).max(MAX_SCOPE).default([]),
});

export type Policy = z.output<typeof policy>;
