/**
 * The one way in which a rollout changes: what an input comes to. Pure. The caller stores the events, or the state that they lead to,
 * before anything else is done, and only while the stored sequence is the one that this decided on.
 */
import { ok, type Result, refused } from '#schema/result';
import { decidePlan, decidePlanApproval, decidePlanWithdrawal } from './decide-plan.ts';
import { decideTick } from './decide-tick.ts';
import type { RolloutEvent } from './event.ts';
import type { Command, Input } from './input.ts';
import type { Refusal } from './refusal.ts';
import type { RolloutState, Status } from './state.ts';
import { stepsOf } from './steps.ts';

type Decision = Result<readonly RolloutEvent[], Refusal>;

export function decide(state: RolloutState, input: Input, time: number): Decision {
  // A clock that tells no time stands still.
  const now = Number.isFinite(time) ? time : state.at;
  switch (input.type) {
    case 'tick':
      return decideTick(state, input, now);
    case 'rollback':
      return decideRollback(state, input, now);
    case 'flag-edited':
      return decideFlagEdited(state, input, now);
    case 'published':
      return decidePublished(state, input, now);
    case 'edit-plan':
      return decidePlan(state, input, now);
    case 'approve-plan':
      return decidePlanApproval(state, input, now);
    case 'withdraw-plan':
      return decidePlanWithdrawal(state, input, now);
    case 'start':
    case 'pause':
    case 'resume':
    case 'approve':
    case 'abort':
      return decideCourse(state, input, now);
    default:
      return input satisfies never;
  }
}

type Course = Extract<Command, { type: 'start' | 'pause' | 'resume' | 'approve' | 'abort' }>;

function decideCourse(state: RolloutState, input: Course, at: number): Decision {
  const by = input.by.person;
  const takes = TAKES[input.type];
  if (!takes.includes(state.status)) return refused({ code: 'wrong-status', status: state.status, takes });
  switch (input.type) {
    case 'start':
      return ok([{ type: 'started', at, by }]);
    case 'pause':
      return state.stop === null ? ok([{ type: 'paused', at, by }]) : refused({ code: 'stopped', why: state.stop.why });
    case 'resume':
      if (input.sequence !== state.sequence) return refused({ code: 'stale', sequence: state.sequence });
      return state.stop === null
        ? refused({ code: 'not-stopped' })
        : ok([{ type: 'resumed', at, by, after: state.stop.why }]);
    case 'approve':
      return decideApprove(state, input, at);
    case 'abort':
      return ok(
        state.status === 'draft'
          ? [{ type: 'aborted', at }]
          : [{ type: 'rollback-decided', at, because: 'aborted', by, guardrails: [] }],
      );
    default:
      return input satisfies never;
  }
}

const RAMPING: readonly Status[] = ['running', 'holding', 'inconclusive'];

const TAKES: Readonly<Record<Course['type'], readonly Status[]>> = {
  start: ['draft'],
  pause: RAMPING,
  resume: RAMPING,
  approve: RAMPING,
  abort: ['draft', ...RAMPING],
};

/** For the next step, as it is now: any decision in between, and it is asked for anew. */
function decideApprove(
  state: RolloutState,
  { by, sequence }: Extract<Command, { type: 'approve' }>,
  at: number,
): Decision {
  const approval = stepsOf(state.plan)[state.step + 1]?.approval ?? null;
  if (approval === null) return refused({ code: 'no-approval-needed' });
  if (sequence !== state.sequence) return refused({ code: 'stale', sequence: state.sequence });
  if (state.authors.includes(by.person)) return refused({ code: 'own-change' });
  const hasRole = approval.roles.length === 0 || approval.roles.some((role) => by.roles.includes(role));
  if (!hasRole) return refused({ code: 'no-role', roles: approval.roles });
  if (state.approvals.includes(by.person)) return refused({ code: 'approved-already' });
  return ok([{ type: 'approved', at, by: by.person }]);
}

/** On whatever sequence, in whatever hold, without anybody's approval. Told twice, it is decided once. */
function decideRollback(state: RolloutState, { by }: Extract<Command, { type: 'rollback' }>, at: number): Decision {
  switch (state.status) {
    case 'running':
    case 'holding':
    case 'inconclusive':
    case 'completed':
      return ok([{ type: 'rollback-decided', at, because: 'person', by: by?.person ?? null, guardrails: [] }]);
    case 'rolling-back':
    case 'rolled-back':
    case 'aborted':
      return ok([]);
    case 'draft':
      return refused({ code: 'wrong-status', status: 'draft', takes: [...RAMPING, 'completed'] });
    default:
      return state.status satisfies never;
  }
}

/**
 * The flag is not what was measured any more. The ramp stops, and statistics begin anew; what somebody took back stays back, and what
 * somebody put above the stage goes back to it.
 */
function decideFlagEdited(
  state: RolloutState,
  { what, percent, by }: Extract<Command, { type: 'flag-edited' }>,
  at: number,
): Decision {
  if (!RAMPING.includes(state.status) || (what === 'percent' && percent === state.serving.percent)) return ok([]);
  const most = Number.isFinite(percent) ? Math.min(percent, state.serving.percent) : state.serving.percent;
  const steps = stepsOf(state.plan);
  const step = steps.filter((one) => one.percent <= most).length - 1;
  return ok([{ type: 'flag-edited', at, by, what, step, percent: steps[step]?.percent ?? 0 }]);
}

function decidePublished(
  state: RolloutState,
  { sequence, version }: Extract<Command, { type: 'published' }>,
  at: number,
): Decision {
  if (!Number.isSafeInteger(version) || version < 1) return refused({ code: 'no-version' });
  if (state.status === 'draft' || sequence !== state.serving.sequence)
    return refused({ code: 'stale', sequence: state.sequence });
  return ok(state.serving.version === null ? [{ type: 'published', at, version }] : []);
}
