/** What the publisher offers, and why a channel does not take it. */
import * as z from 'zod';
import { DIGEST_PATTERN, KEY_PATTERN, MAX_KEY, MAX_RULESET } from '#schema/limits';
import type { Audience } from './audience.ts';

/** What has to be so before anybody is given an edition: everybody who is expected has that version, and so have all stores. */
const offerNeeds = z.object({
  version: z.int().min(1),
  /** For whose sake: as many as there are. */
  flags: z.array(z.string().max(MAX_KEY).regex(KEY_PATTERN)),
  /** Stores of the publisher that do not have it. */
  targets: z.array(z.string().min(1).max(200)).max(100),
});

/** An edition that the channel has already is named alone; else its text, or a delta on one that it has, comes with it. */
export const offer = z.object({
  version: z.int().min(1),
  digest: z.string().regex(DIGEST_PATTERN),
  /** When it was signed (claim `iat`): signed again, it is another text. */
  iat: z.int().min(0),
  audience: z.enum(['canary', 'region', 'all']) satisfies z.ZodType<Audience>,
  /** How long to wait for the audience's answer (milliseconds). */
  waitMs: z.int().min(0).max(10_000),
  needs: offerNeeds.exactOptional(),
  text: z.string().max(MAX_RULESET).exactOptional(),
  delta: z.string().max(MAX_RULESET).exactOptional(),
});

export type Offer = z.output<typeof offer>;
export type OfferNeeds = z.output<typeof offerNeeds>;

export type OfferRefusal =
  /** Neither the edition nor the base of its delta is here: send the text. */
  | { readonly code: 'text-needed' }
  /** Something newer is here, or the same version with other lines. */
  | { readonly code: 'conflict'; readonly version: number; readonly message: string }
  /** No reader would take it. */
  | { readonly code: 'unreadable'; readonly message: string };
