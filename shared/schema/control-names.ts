/** Small shapes that several shapes of the control plane share. */
import * as z from 'zod';
import { ALL, DIGEST_PATTERN, MAX_JUSTIFICATION, MAX_LABEL, MAX_ROLES, MAX_SCOPE } from './control-limits.ts';
import { name } from './entry.ts';
import { MAX_TIME } from './exposure-limits.ts';
import { isSafePart } from './limits.ts';

export { name };

/** Who somebody is, as whoever identifies them says: a subject, an e-mail address. */
export const label = z.string().min(1).max(MAX_LABEL).refine(isSafePart, 'is a name that objects already have');
export const justification = z.string().trim().min(1).max(MAX_JUSTIFICATION);
export const digest = z.string().regex(DIGEST_PATTERN, 'is no SHA-256 in base64url');
/** Milliseconds since 1970. */
export const time = z.int().min(0).max(MAX_TIME);
/** The revision that something was made on; 0 where it is new. */
export const base = z.int().min(0);

export const roles = z.array(name).min(1).max(MAX_ROLES);

/** Names, or `*` for all. */
export const scope = z
  .array(z.union([z.literal(ALL), name]))
  .min(1)
  .max(MAX_SCOPE);
