/** The signed claims of a ruleset's header line. The reader's own check is in `shared/ruleset/header.ts`. */
import * as z from 'zod';
import { EPOCH, MAX_NAME, RULESET_FORMAT } from './limits.ts';

const seconds = z.int().min(0);

export const claims = z.object({
  format: z.literal(RULESET_FORMAT),
  /** The number of the bucket algorithm. */
  hash: z.literal(1),
  env: z.string().min(1).max(MAX_NAME),
  version: z.int().min(1),
  iat: seconds,
  exp: seconds,
  /** SHA-256 of the bytes behind the header line, base64url. */
  sha256: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  emptied: z.literal(true).optional(),
  takeover: z.int().min(1).max(EPOCH).optional(),
});

export type Claims = z.infer<typeof claims>;
