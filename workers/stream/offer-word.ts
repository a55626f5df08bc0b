/** What an audience says of an edition that it was given: of everything that the publisher goes by. Pure. */
import type { Ack } from '#schema/acks';
import type { Audience } from './audience.ts';
import type { Behind } from './behind.ts';

export interface AudienceRefusal {
  readonly instance: string;
  readonly region: string;
  readonly code: string;
  readonly message: string;
}

/**
 * `applied`: everybody who was asked has it in force, or nobody is there to ask; `refused`: somebody has refused it; `unanswered`: the
 * canary has said nothing for as long as it has; `pending`: not all have answered; `behind`: it was given to nobody more, since not
 * everybody has what it needs.
 */
export type OfferVerdict = 'applied' | 'refused' | 'unanswered' | 'pending' | 'behind';

export interface OfferWord {
  readonly version: number;
  readonly audience: Audience;
  readonly verdict: OfferVerdict;
  /** Connected instances that it was offered to. */
  readonly asked: number;
  readonly applied: number;
  /** The first of them. */
  readonly refusals: readonly AudienceRefusal[];
  readonly canary?: string;
  /** The canary's. */
  readonly region?: string;
  readonly behind?: Behind;
}

/** Somebody who was asked, and their last word; undefined where they have said nothing yet. */
export interface Asked {
  readonly instance: string;
  readonly region: string;
  readonly word: Pick<Ack, 'version' | 'error'> | undefined;
}

export interface Standing {
  readonly version: number;
  readonly audience: Audience;
  readonly asked: readonly Asked[];
  readonly canary?: { readonly instance: string; readonly region: string } | undefined;
  /** Since when the canary has it (milliseconds since 1970). */
  readonly since: number;
  /** The channel has just begun: whoever is not there may be on the way back. */
  readonly isSettling: boolean;
}

/** How long a canary may take (milliseconds). */
export const CANARY_DEADLINE_MS = 3_000;
const MAX_REFUSALS = 10;

/** What is mended by fetching the whole says nothing against an edition. */
const PASSING = ['older', 'wrong-base', 'wrong-digest'];

export function offerWord(standing: Standing, now: number): OfferWord {
  const { version, audience, asked, canary } = standing;
  const applied = asked.filter(({ word }) => word !== undefined && word.version >= version).length;
  const refusals = asked.flatMap((one) => refusalOf(one, version));
  return {
    version,
    audience,
    verdict: verdictOf(standing, applied, refusals.length, now),
    asked: asked.length,
    applied,
    refusals: refusals.slice(0, MAX_REFUSALS),
    ...(canary && { canary: canary.instance, region: canary.region }),
  };
}

export const behindWord = (version: number, audience: Audience, behind: Behind): OfferWord => ({
  ...{ version, audience, verdict: 'behind', asked: 0, applied: 0, refusals: [], behind },
});

function verdictOf(standing: Standing, applied: number, refusals: number, now: number): OfferVerdict {
  const { audience, asked, since, isSettling } = standing;
  if (audience === 'all') return 'applied';
  if (refusals > 0) return 'refused';
  if (asked.length === 0) return isSettling ? 'pending' : 'applied';
  if (applied === asked.length) return 'applied';
  return audience === 'canary' && now >= since + CANARY_DEADLINE_MS ? 'unanswered' : 'pending';
}

function refusalOf({ instance, region, word }: Asked, version: number): AudienceRefusal[] {
  const { error } = word ?? {};
  if (word === undefined || error === undefined || error.version !== version || word.version >= version) return [];
  if (PASSING.includes(error.code)) return [];
  return [{ instance, region, code: error.code, message: error.message }];
}
