/**
 * What a line of the keys document holds (docs/sdk-keys.md): an SDK key, or a key that rulesets are signed with. The reader's decoder
 * (`shared/ruleset/decode-key.ts`) is written by hand and must accept exactly what these schemas accept.
 */
import * as z from 'zod';
import { name } from './entry.ts';
import { ALL, DIGEST_PATTERN, MAX_SCOPE, SIGNING_PATTERN } from './limits.ts';

const digest = z.string().regex(DIGEST_PATTERN);

export const keyEntry = z.object({
  /** SHA-256 of the key. */
  k: digest,
  t: z.enum(['relay', 'server', 'client']),
  /** The service that has it. */
  s: name,
  /** The namespaces that it sees, or `*`. */
  n: z
    .array(z.union([z.literal(ALL), name]))
    .min(1)
    .max(MAX_SCOPE),
  /** When it ends, in milliseconds since 1970. */
  e: z.int().min(0).exactOptional(),
});

/** Its id is that of the header lines that it signs. */
export const signingEntry = z.object({ k: z.string().regex(SIGNING_PATTERN), x: digest, y: digest });

export type SigningEntry = z.infer<typeof signingEntry>;
