/** Why an input is refused. All of these are expected; `refusal-message.ts` says each in words that tell what to mend. */
import type { Status, Stop } from './state.ts';

export type Refusal =
  | { readonly code: 'wrong-status'; readonly status: Status; readonly takes: readonly Status[] }
  /** Made on another sequence than there is. */
  | { readonly code: 'stale'; readonly sequence: number }
  | { readonly code: 'stopped'; readonly why: Stop['why'] }
  | { readonly code: 'not-stopped' }
  | { readonly code: 'no-approval-needed' }
  | { readonly code: 'own-change' }
  | { readonly code: 'no-role'; readonly roles: readonly string[] }
  | { readonly code: 'approved-already' }
  | { readonly code: 'no-proposal'; readonly proposal: number }
  | { readonly code: 'not-the-author' }
  | { readonly code: 'immutable'; readonly field: 'flag' | 'variation' | 'rule' }
  | { readonly code: 'stage-in-use'; readonly percent: number }
  | { readonly code: 'nothing-changes' }
  | { readonly code: 'no-version' };
