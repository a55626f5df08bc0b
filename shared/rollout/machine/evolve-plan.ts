/** Approvals, changes of the plan, and what happened to the flag. */
import type { PlanEvent } from './event.ts';
import { decided, goingOn, placed } from './next-sequence.ts';
import type { RolloutState } from './state.ts';
import { stopped } from './stopped.ts';

export function evolvePlan(state: RolloutState, event: PlanEvent): RolloutState {
  switch (event.type) {
    case 'approved':
      return { ...state, approvals: [...state.approvals, event.by] };
    case 'plan-proposed':
      return { ...state, proposal: event.proposal, proposals: event.proposal.number };
    case 'plan-approved': {
      const { proposal } = state;
      if (proposal === null) throw new Error('the rollout has an approval of a plan that nobody proposed');
      return { ...state, proposal: { ...proposal, approvals: [...proposal.approvals, event.by] } };
    }
    case 'plan-withdrawn':
      return { ...state, proposal: null };
    case 'plan-edited': {
      const { plan, step, by } = event;
      const authors = state.authors.includes(by) ? state.authors : [...state.authors, by];
      const next = { ...decided(state), plan, step, authors, proposal: null, bakedMs: 0, blindMs: 0, seen: [] };
      return next.status === 'draft' || next.stop !== null ? next : goingOn(next);
    }
    case 'flag-edited': {
      const next = { ...placed(state, event), revision: state.revision + 1, seen: [] };
      return stopped(next, 'edited', event);
    }
    case 'published':
      return { ...state, serving: { ...state.serving, version: event.version } };
    default:
      return event satisfies never;
  }
}
