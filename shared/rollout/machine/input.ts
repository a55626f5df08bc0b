/** What a rollout is told: what people want, what was published, and, every ten seconds, what there is to see. */
import type { Rollout } from '#schema/rollout';
import type { Seen } from './state.ts';

/** Identified by the shell: accounts of one person have one name here. */
export interface Person {
  readonly person: string;
  readonly roles: readonly string[];
}

export interface RegionSeen {
  readonly region: string;
  /** Of the ruleset that it has acknowledged. */
  readonly version: number;
  /** Since it was heard of. */
  readonly silentMs: number;
}

export interface Tick {
  readonly type: 'tick';
  /** Of the state that was read for it. */
  readonly sequence: number;
  /** What the verdicts are about. */
  readonly statistics: { readonly serving: number; readonly revision: number; readonly attempt: number };
  readonly verdicts: readonly Seen[];
  readonly regions: readonly RegionSeen[];
}

export type Command =
  | { readonly type: 'start'; readonly by: Person }
  | { readonly type: 'pause'; readonly by: Person }
  | { readonly type: 'resume'; readonly by: Person; readonly sequence: number }
  | { readonly type: 'approve'; readonly by: Person; readonly sequence: number }
  /** Asks for no sequence and no approval. `by` null: the publisher did it, or another system. */
  | { readonly type: 'rollback'; readonly by: Person | null }
  | { readonly type: 'abort'; readonly by: Person }
  | { readonly type: 'edit-plan'; readonly by: Person; readonly sequence: number; readonly plan: Rollout }
  | { readonly type: 'approve-plan'; readonly by: Person; readonly proposal: number }
  | { readonly type: 'withdraw-plan'; readonly by: Person; readonly proposal: number }
  /** Somebody changed the flag past the rollout. */
  | {
      readonly type: 'flag-edited';
      readonly what: 'percent' | 'targeting' | 'salt' | 'variations';
      /** What the variation has now. */
      readonly percent: number;
      readonly by: string;
    }
  | { readonly type: 'published'; readonly sequence: number; readonly version: number };

export type Input = Command | Tick;
