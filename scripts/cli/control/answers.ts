/** What the control plane answers, as far as the command line reads it. */
import type { ChangeDiff } from '#control/diff-change';
import type { ItemKind } from '#control/item';
import type { MissingApproval } from '#control/refusal';
import type { Effect } from '#control/state';
import type { People } from '#schema/control-operation';

export interface Page<T> {
  readonly items: readonly T[];
  /** The cursor of the page behind it. */
  readonly next?: string;
}

export interface ItemAnswer<B = object> {
  readonly kind: ItemKind;
  readonly key: string;
  readonly revision: number;
  readonly archived: boolean;
  readonly people: People;
  readonly body: B;
}

/** A project, an environment, a policy. */
export interface RecordAnswer {
  readonly key: string;
  readonly revision: number;
  readonly body: object;
}

interface Written {
  /** Its entry in the log. */
  readonly seq: number;
  /** Environments whose publisher does not take what waits. */
  readonly frozen?: readonly string[];
  readonly message?: string;
}

export type WriteAnswer =
  | { readonly status: 'unchanged' }
  | (Written & {
      readonly status: 'applied' | 'declined' | 'withdrawn';
      readonly id?: string;
      readonly effects?: readonly Effect[];
    })
  | (Written & {
      readonly status: 'open' | 'approved' | 'scheduled' | 'voided';
      readonly request: {
        readonly id: string;
        readonly hash?: string;
        readonly missing?: readonly MissingApproval[];
        readonly held?: { readonly code: string };
      };
    });

export type DryRunAnswer = Omit<ChangeDiff, 'refusal'> & {
  readonly dryRun: true;
  readonly refusal: { readonly code: string } | null;
  /** The refusal, or what else there is to say, in words. */
  readonly message?: string | null;
};
