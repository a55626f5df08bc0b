/** What the audit log holds, as it is stored, exported and served. `docs/audit.md` gives the meaning of each field. */
import * as z from 'zod';
import {
  AUDIT_TIME_PATTERN,
  HASH_PATTERN,
  MAX_AUDIT_HEAD,
  MAX_AUDIT_NAME,
  MAX_CUT_NOTE,
  MAX_JUSTIFICATION,
} from './audit-limits.ts';

const name = z.string().max(MAX_AUDIT_NAME + MAX_CUT_NOTE);
const hash = z.string().regex(HASH_PATTERN, 'is no SHA-256 in base64url');
const time = z.string().regex(AUDIT_TIME_PATTERN, 'must be UTC with milliseconds: 2026-11-23T10:00:00.000Z');

export const auditActor = z.object({
  /** The principal that acted. */
  id: name,
  /** Whose it is: principals of one person are one for approvals. */
  person: name,
  kind: z.enum(['person', 'service', 'system']),
  /** Those that it had when it acted. */
  roles: z.array(name),
  /** What it came through: the API, the console, the command line, a schedule … */
  via: name,
});

export const auditTarget = z.object({ kind: name, environment: name.exactOptional(), key: name.exactOptional() });

export const auditApproval = z.object({ id: name, person: name, roles: z.array(name), time });

/** What stands for a value that was too large. */
export const cutValue = z.object({
  $cut: z.object({ length: z.int().min(0), sha256: hash, head: z.string().max(MAX_AUDIT_HEAD) }),
});

export const auditEntry = z.object({
  action: name,
  actor: auditActor,
  target: z.array(auditTarget),
  /** Redacted and cut; null where there was nothing. What the log is folded from is `events`. */
  old: z.json(),
  new: z.json(),
  justification: z
    .string()
    .max(MAX_JUSTIFICATION + MAX_CUT_NOTE)
    .exactOptional(),
  approvals: z.array(auditApproval),
  ticket: name.exactOptional(),
  /** The change request that it is about. */
  request: name.exactOptional(),
  /** What happened, whole: state is the fold of these. */
  events: z.array(z.json()),
  publishes: z.array(z.object({ environment: name })).exactOptional(),
});

export type AuditEntry = z.output<typeof auditEntry>;

/** One leaf of the tree. Its bytes are this object in canonical JSON (RFC 8785). */
export const auditLeaf = z.object({
  entry: auditEntry,
  /** The hash of the leaf before; that of an empty tree for the first. */
  previous: hash,
  /** Its place in the log: 0, 1, 2 … */
  seq: z.int().min(0),
  time,
});

export type AuditLeaf = z.output<typeof auditLeaf>;
