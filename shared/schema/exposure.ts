/** What evaluators send to ingest. Unknown fields are passed over, and nothing is coerced. */
import * as z from 'zod';
import { flagKey, name, revision } from './entry.ts';
import { MAX_COUNTER, MAX_KEY_USES, MAX_TIME, PLACE_PATTERN, PSEUDONYM_PATTERN } from './exposure-limits.ts';
import { DIGEST_PATTERN, MAX_NAME } from './limits.ts';

const time = z.int().min(0).max(MAX_TIME);
const place = z.string().max(MAX_NAME).regex(PLACE_PATTERN);
const counter = z.int().min(0).max(MAX_COUNTER);

export const exposure = z.object({
  flag: flagKey,
  revision,
  variation: name,
  unit: z.string().regex(PSEUDONYM_PATTERN, 'is no pseudonym: the base64url of 16 bytes, 22 characters'),
  reason: name,
  rule: name.exactOptional(),
  version: z.int().min(0),
  region: place.exactOptional(),
  cloud: place.exactOptional(),
  pop: place.exactOptional(),
  time,
});

export const ledger = z.object({ evaluated: counter, exposed: counter, sent: counter, dropped: counter });

/** When SDK keys were last used, by the SHA-256 of each. */
export const keyUses = z.array(z.tuple([z.string().regex(DIGEST_PATTERN), time])).max(MAX_KEY_USES);

/** A beacon whose events, ledger and uses of keys have not been looked at: each gets a verdict of its own. */
export const envelope = z.object({
  emitter: name,
  sentAt: time,
  ledger: z.unknown().optional(),
  uses: z.unknown().optional(),
  events: z.array(z.unknown()),
});

export type Envelope = z.output<typeof envelope>;
