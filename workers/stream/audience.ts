/** Who is given an edition before everybody else is. Pure. */
import type { InstanceKind } from '#schema/acks';

export type Audience = 'canary' | 'region' | 'all';

/** A connected instance, as far as the choice of a canary goes. */
export interface Candidate {
  readonly instance: string;
  readonly kind: InstanceKind;
  readonly region: string;
  readonly asksToBeCanary: boolean;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  /** It was heard lately, and is not stale. */
  readonly isHealthy: boolean;
  /** It has refused what it was given last. */
  readonly hasRefused: boolean;
}

/** A healthy relay: one that asks for it, else one that has refused nothing, else the one that has been there for longest. */
export function pickCanary<C extends Candidate>(candidates: Iterable<C>): C | undefined {
  let best: C | undefined;
  for (const one of candidates) {
    if (one.kind === 'relay' && one.isHealthy && (best === undefined || isBetter(one, best))) best = one;
  }
  return best;
}

function isBetter(one: Candidate, best: Candidate): boolean {
  if (one.asksToBeCanary !== best.asksToBeCanary) return one.asksToBeCanary;
  if (one.hasRefused !== best.hasRefused) return best.hasRefused;
  return one.connectedAt < best.connectedAt;
}

/** Whether a connected instance is of the audience. Where there is no canary there is no region of its own. */
export function isOfAudience(
  { instance, region }: Pick<Candidate, 'instance' | 'region'>,
  audience: Audience,
  canary: Pick<Candidate, 'instance' | 'region'> | undefined,
): boolean {
  switch (audience) {
    case 'canary':
      return canary?.instance === instance;
    case 'region':
      return canary?.region === region;
    case 'all':
      return true;
    default:
      return audience satisfies never;
  }
}
