/** An entry of the log as people read it, and who may: all that it was done to has to be theirs to read. */
import * as z from 'zod';
import { ITEM_KINDS } from '#control/item';
import { type AuditLeaf, auditActor, auditApproval, auditTarget } from '#schema/audit';
import type { Principal } from '#schema/control-principal';
import { mayReadKey, wholeRefusal } from './readable.ts';
import { time } from './shapes.ts';

/** Times and hashes stand in it as they were written down. */
export const entryShape = z.object({
  seq: z.int().describe('Its place in the log: 0, 1, 2 …'),
  time,
  action: z.string(),
  actor: auditActor,
  target: z
    .array(auditTarget)
    .describe('What it was done to; of a change request that waits, the request, and what it is about.'),
  old: z.unknown().describe('As it was; secrets taken out, large values cut.'),
  new: z.unknown().describe('As it is; of a change request that waits, the operations that are proposed.'),
  justification: z.string().optional(),
  approvals: z.array(auditApproval),
  ticket: z.string().optional(),
  request: z.string().optional().describe('The change request.'),
  publishes: z.array(z.object({ environment: z.string() })).optional(),
});

export const shownEntry = ({ seq, time: at, entry: { events: _events, ...entry } }: AuditLeaf) => ({
  ...{ seq, time: at, ...entry },
});

export const mayReadAllEntries = (principal: Principal): boolean => wholeRefusal(principal, null, 'read') === undefined;

export const mayReadEntry = (principal: Principal, { entry }: AuditLeaf): boolean =>
  mayReadAllEntries(principal) ||
  entry.target.every(({ kind, environment, key }) => {
    const isItem = ITEM_KINDS.some((one) => one === kind);
    return isItem && environment !== undefined && key !== undefined && mayReadKey(principal, environment, key);
  });
