/** What evaluators send to ingest. Unknown fields are passed over, and nothing is coerced. */
import * as z from 'zod';
import { flagKey, name, revision } from './entry.ts';
import {
  MAX_COUNTER,
  MAX_EXPOSURE_TOKEN,
  MAX_KEY_USES,
  MAX_LEDGER_FLAGS,
  MAX_OUTCOME_VALUE,
  MAX_TIME,
  OUTCOME_ID_PATTERN,
  PLACE_PATTERN,
  PSEUDONYM_PATTERN,
} from './exposure-limits.ts';
import { DIGEST_PATTERN, MAX_NAME } from './limits.ts';

const time = z.int().min(0).max(MAX_TIME);
const place = z.string().max(MAX_NAME).regex(PLACE_PATTERN);
const counter = z.int().min(0).max(MAX_COUNTER);
const unit = z.string().regex(PSEUDONYM_PATTERN, 'is no pseudonym: the base64url of 16 bytes, 22 characters');

export const exposure = z.object({
  flag: flagKey,
  revision,
  variation: name,
  unit,
  reason: name,
  rule: name.exactOptional(),
  version: z.int().min(0),
  region: place.exactOptional(),
  cloud: place.exactOptional(),
  pop: place.exactOptional(),
  time,
});

export const outcome = z.object({
  name,
  unit,
  time,
  value: z.number().min(-MAX_OUTCOME_VALUE).max(MAX_OUTCOME_VALUE).exactOptional(),
  id: z.string().regex(OUTCOME_ID_PATTERN, 'must be 1 to 64 visible ASCII characters').exactOptional(),
  region: place.exactOptional(),
  cloud: place.exactOptional(),
  pop: place.exactOptional(),
  source: z.enum(['server', 'edge', 'client']),
  token: z.string().max(MAX_EXPOSURE_TOKEN).exactOptional(),
});

export const collapsedCount = z
  .object({
    flag: flagKey,
    revision,
    variation: name,
    version: z.int().min(0),
    from: time,
    until: time,
    count: counter.min(1),
  })
  .refine(({ from, until }) => from <= until, 'must not end before it begins');

export const ledger = z.object({
  evaluated: counter,
  exposed: counter,
  sent: counter,
  dropped: counter,
  spilled: counter.exactOptional(),
  collapsed: counter.exactOptional(),
  outcomes: z.object({ tracked: counter, sent: counter, dropped: counter }).exactOptional(),
  flags: z
    .record(flagKey, z.tuple([counter, counter]))
    .refine((flags) => Object.keys(flags).length <= MAX_LEDGER_FLAGS, `must name at most ${MAX_LEDGER_FLAGS} flags`)
    .exactOptional(),
});

/** Of emitters that keep batches, and of those that do not. */
export type AnyLedger = Omit<z.output<typeof ledger>, 'flags'> & {
  readonly flags?: Readonly<Record<string, readonly [evaluated: number, exposed: number]>>;
};

/** Of an emitter's batches: 1, 2, 3 ... */
export const sequence = counter.min(1);
export const emitterRegion = place;

/** When SDK keys were last used, by the SHA-256 of each. */
export const keyUses = z.array(z.tuple([z.string().regex(DIGEST_PATTERN), time])).max(MAX_KEY_USES);

/** A beacon of which no part has been looked at: each gets a verdict of its own. */
export const envelope = z.object({
  emitter: name,
  sentAt: time,
  region: z.unknown().optional(),
  sequence: z.unknown().optional(),
  ledger: z.unknown().optional(),
  uses: z.unknown().optional(),
  events: z.array(z.unknown()),
  outcomes: z.array(z.unknown()).default([]),
  collapsed: z.array(z.unknown()).default([]),
});

export type Envelope = z.output<typeof envelope>;
