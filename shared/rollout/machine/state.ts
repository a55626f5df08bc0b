/** What is known of a rollout: the fold of its events, and plain JSON. */
import type { VerdictKind } from '#rollout/evidence/verdict';
import type { Rollout } from '#schema/rollout';

export const STATUSES = [
  'draft',
  'running',
  'holding',
  'inconclusive',
  'rolling-back',
  'rolled-back',
  'completed',
  'aborted',
] as const;
export type Status = (typeof STATUSES)[number];

export interface Serving {
  /** Of a step of the plan, or 0. */
  readonly percent: number;
  /** The sequence at which this was decided: what is published, and statistics, carry it. */
  readonly sequence: number;
  /** The version of the ruleset that has it. Null until it is published. */
  readonly version: number | null;
}

/** What a person has to lift. */
export interface Stop {
  readonly why: 'paused' | 'edited' | 'breach';
  readonly by: string | null;
  readonly at: number;
}

export interface Ending {
  readonly because: 'breach' | 'blind' | 'person' | 'aborted';
  readonly by: string | null;
  readonly at: number;
}

export interface Incident {
  readonly sequence: number;
  readonly because: 'breach' | 'blind';
  readonly guardrails: readonly string[];
  /** Of the exposed variation, when it was decided. */
  readonly percent: number;
  readonly at: number;
}

export interface Proposal {
  /** Approvals name it: they are for this plan and no other. */
  readonly number: number;
  readonly plan: Rollout;
  readonly by: string;
  readonly loosens: readonly string[];
  readonly approvals: readonly string[];
}

/** What a guardrail said at the last look. */
export interface Seen {
  readonly name: string;
  readonly kind: VerdictKind;
  /** Of the exposed arm, in the stage; null where its source does not say. */
  readonly exposures: number | null;
  readonly outcomes: number | null;
}

export type Hold =
  | { readonly kind: 'stopped'; readonly why: Stop['why'] }
  | { readonly kind: 'unpublished' }
  /** Empty where no region is known at all. */
  | { readonly kind: 'regions'; readonly missing: readonly string[] }
  /** Before the first stage. */
  | { readonly kind: 'failing'; readonly guardrails: readonly string[] }
  /** NO_DATA, UNHEALTHY, or not looked at. */
  | { readonly kind: 'blind'; readonly guardrails: readonly string[] }
  | { readonly kind: 'inconclusive'; readonly guardrails: readonly string[] }
  | { readonly kind: 'minimum-evidence'; readonly guardrails: readonly string[] }
  | { readonly kind: 'schedule' }
  | { readonly kind: 'approval'; readonly missing: number; readonly roles: readonly string[] };

export interface RolloutState {
  readonly id: string;
  readonly status: Status;
  readonly plan: Rollout;
  /** Persons who wrote the plan or started it: they approve none of its stages. */
  readonly authors: readonly string[];
  /** One more with each decision. What was decided on another one is refused. */
  readonly sequence: number;
  /** Of who is compared with whom. A change of the flag by somebody else begins another one, with statistics of its own. */
  readonly revision: number;
  /** 0, and one more each time it goes on after a breach: statistics give each a weight that is declared beforehand. */
  readonly attempt: number;
  /** Index among the steps; -1 before the first. */
  readonly step: number;
  readonly serving: Serving;
  /** When it was looked at last. */
  readonly at: number;
  /** Watched, and with something to see. */
  readonly bakedMs: number;
  /** Watched, and with nothing to see, without a break. */
  readonly blindMs: number;
  readonly stop: Stop | null;
  readonly holds: readonly Hold[];
  readonly seen: readonly Seen[];
  /** Persons who approved the next step. */
  readonly approvals: readonly string[];
  readonly proposal: Proposal | null;
  readonly proposals: number;
  readonly ending: Ending | null;
  readonly incident: Incident | null;
}

export const draft = (id: string, plan: Rollout, author: string, now: number): RolloutState => ({
  id,
  status: 'draft',
  plan,
  authors: [author],
  sequence: 0,
  revision: 1,
  attempt: 0,
  step: -1,
  serving: { percent: 0, sequence: 0, version: null },
  at: now,
  bakedMs: 0,
  blindMs: 0,
  stop: null,
  holds: [],
  seen: [],
  approvals: [],
  proposal: null,
  proposals: 0,
  ending: null,
  incident: null,
});
