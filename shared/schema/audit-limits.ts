/** The bounds of the audit log. Zod-free, as `limits.ts` is. Sizes are in UTF-16 code units. */

/** A justification; the rest of a longer one is cut, and its digest kept. */
export const MAX_JUSTIFICATION = 4_096;
/** The old or the new value as canonical JSON; of a larger one the head and the digest are kept. */
export const MAX_AUDIT_VALUE = 16 * 1024;
/** How much is kept of a value that is cut. */
export const MAX_AUDIT_HEAD = 1_024;
/** Ids, names, roles, tickets. */
export const MAX_AUDIT_NAME = 256;
/** What is written where something is cut: its length and its digest. */
export const MAX_CUT_NOTE = 128;
/** Nesting of anything in an entry. */
export const MAX_AUDIT_DEPTH = 64;
/** A leaf in bytes: an import of a whole environment is one entry. */
export const MAX_AUDIT_LEAF = 24 * 1024 * 1024;
/** A signed note: more than 16 signatures must fit, the largest known kind of which has 5 kB. */
export const MAX_NOTE = 128 * 1024;
export const MAX_NOTE_SIGNATURES = 100;

/** RFC 3339 in UTC with milliseconds: 24 characters, so that their order is that of time. */
export const AUDIT_TIME_PATTERN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** The one base64url spelling of 32 bytes. */
export const HASH_PATTERN = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
