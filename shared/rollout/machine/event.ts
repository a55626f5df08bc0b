/** What happened to a rollout. Events carry what the rules came to: no rule is asked again when they are read. */
import type { Rollout } from '#schema/rollout';
import type { Ending, Hold, Proposal, Seen, Status, Stop } from './state.ts';

interface At {
  readonly at: number;
}

/** What is served from now on. */
export interface Placed {
  readonly step: number;
  readonly percent: number;
}

interface Breached {
  readonly guardrails: readonly string[];
}

export interface Ticked extends At {
  readonly type: 'ticked';
  readonly status: Status;
  readonly bakedMs: number;
  readonly blindMs: number;
  readonly holds: readonly Hold[];
  readonly seen: readonly Seen[];
}

export interface RollbackDecided extends At, Breached {
  readonly type: 'rollback-decided';
  readonly because: Ending['because'];
  readonly by: string | null;
}

export type CourseEvent =
  | ({ readonly type: 'started'; readonly by: string } & At)
  | Ticked
  | ({ readonly type: 'advanced' } & At & Placed)
  | ({ readonly type: 'stepped-back' } & At & Placed & Breached)
  | ({ readonly type: 'held' } & At & Breached)
  | RollbackDecided
  | ({ readonly type: 'rolled-back' | 'aborted' | 'completed' } & At)
  | ({ readonly type: 'paused'; readonly by: string } & At)
  | ({ readonly type: 'resumed'; readonly by: string; readonly after: Stop['why'] } & At);

export type PlanEvent =
  | ({ readonly type: 'approved'; readonly by: string } & At)
  | ({ readonly type: 'plan-proposed'; readonly proposal: Proposal } & At)
  | ({ readonly type: 'plan-approved' | 'plan-withdrawn'; readonly by: string } & At)
  | ({ readonly type: 'plan-edited'; readonly by: string; readonly plan: Rollout; readonly step: number } & At)
  | ({ readonly type: 'flag-edited'; readonly by: string; readonly what: string } & At & Placed)
  | ({ readonly type: 'published'; readonly version: number } & At);

export type RolloutEvent = CourseEvent | PlanEvent;
