/** What a page tells: that somebody saw a variation, or what came of it. The edge made the pseudonym, and may have signed for it. */
import type { Exposure, Outcome } from '#exposure/exposure';

/** The edge's word that this unit was served this: without it an outcome counts for no guardrail. */
interface Vouched {
  readonly token?: string;
}

export type PageExposure = Exposure & Vouched;
export type PageOutcome = Outcome & Vouched;

export interface Item {
  /** Sorts by age, and tells the same item from another. */
  readonly id: string;
  readonly of: 'events' | 'outcomes';
  readonly what: PageExposure | PageOutcome;
}
