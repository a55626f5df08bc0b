/** What instances (relays, SDKs, POPs) say that they have in force. Unknown fields are passed over, and nothing is coerced. */
import * as z from 'zod';
import type { Ack } from './ack.ts';
import { MAX_COUNTER, MAX_TIME } from './exposure-limits.ts';
import {
  INSTANCE_PATTERN,
  LOCATION_PATTERN,
  MAX_ACKS,
  MAX_DECISION_VERSIONS,
  MAX_REFUSAL_CODE,
  MAX_REFUSAL_MESSAGE,
} from './stream-limits.ts';

const version = z.int().min(0);
const instance = z.string().regex(INSTANCE_PATTERN, 'is 1 to 64 of A-Z, a-z, 0-9, ".", "_" and "-"');
const location = z.string().regex(LOCATION_PATTERN, 'is at most 64 printable ASCII characters');
const counter = z.int().min(0).max(MAX_COUNTER);

export const ack = z.object({
  instance,
  kind: z.enum(['relay', 'sdk', 'pop']),
  region: location,
  cloud: location,
  version,
  digest: z.string().regex(/^(?:[\w-]{43})?$/, 'is the digest of what is in force, or empty'),
  via: instance.exactOptional(),
  ageMs: z.int().min(0).max(MAX_TIME),
  stale: z.boolean(),
  error: z
    .object({
      code: z.string().min(1).max(MAX_REFUSAL_CODE),
      version,
      message: z.string().max(MAX_REFUSAL_MESSAGE),
    })
    .exactOptional(),
  decisions: z
    .object({ total: counter, byVersion: z.array(z.tuple([version, counter])).max(MAX_DECISION_VERSIONS) })
    .exactOptional(),
}) satisfies z.ZodType<Ack>;

/** A batch whose acknowledgements have not been looked at: each gets a verdict of its own. */
export const ackBatch = z.object({ acks: z.array(z.unknown()).max(MAX_ACKS) });

export type { Ack, InstanceKind } from './ack.ts';
