/** The bounds of what the control plane takes. Zod-free, as `limits.ts` is. */

export { ALL, DIGEST_PATTERN, MAX_SCOPE } from './limits.ts';

/** One change may be a whole set of flags. */
/** Flags of a change that wait for nobody: as many as the publisher takes. */
export const MAX_OVERRIDE = 100;
export const MAX_OPERATIONS = 10_000;
/** Live, archived and deleted items of an environment together: keys are never used again. */
export const MAX_ITEMS = 50_000;
export const MAX_ENVIRONMENTS = 100;
export const MAX_PROJECTS = 1_000;
export const MAX_POLICIES = 1_000;
export const MAX_SDK_KEYS = 10_000;
export const MAX_SERVICE_TOKENS = 1_000;
/** Each of them is written to with each command that it wants to hear of. */
export const MAX_WEBHOOKS = 50;
/** They are in memory, voided ones, too. A service's are its owner's. */
export const MAX_OPEN_REQUESTS = 1_000;
export const MAX_OPEN_REQUESTS_OF_PERSON = 100;
/** Of one that waits, of all that one person has opened, of all: as JSON, in UTF-8. What is applied at once may be larger. */
export const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
export const MAX_OPEN_BYTES_OF_PERSON = 8 * 1024 * 1024;
export const MAX_OPEN_BYTES = 32 * 1024 * 1024;
/** Contents of a flag that can be gone back to without a word of others. */
export const MAX_SERVED = 100;

/** Why somebody wants, declines or withdraws a change. */
export const MAX_JUSTIFICATION = 2_000;
export const MAX_LABEL = 256;
export const MAX_DESCRIPTION = 1_000;
export const MAX_URL = 2_048;
export const MAX_TAGS = 32;
export const MAX_ROLES = 64;
export const MAX_APPROVALS = 10;

/** How long an old SDK key or token may stay valid beside the one that replaces it. */
export const MAX_OVERLAP_MS = 30 * 24 * 60 * 60 * 1_000;
/** How far ahead a change may be scheduled. */
export const MAX_AHEAD_MS = 366 * 24 * 60 * 60 * 1_000;
/** Entries of the publisher's journal that are taken over at once. */
export const MAX_JOURNAL_ENTRIES = 1_000;
