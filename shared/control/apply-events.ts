/** The events of a change that takes effect: what it does, that it is done, and what that makes of other requests. */
import { driftEvents } from './drift.ts';
import type { Event } from './event.ts';
import { evolve } from './evolve.ts';
import type { Facts } from './facts.ts';
import type { ChangePlan } from './plan-change.ts';
import type { ChangeRequest } from './state.ts';

/** The plan was made on a state that has the request. */
export function applyEvents(plan: ChangePlan, request: ChangeRequest, facts: Facts): readonly Event[] {
  const { id, hash, approvals } = request;
  const applied: Event = {
    ...{ type: 'request-applied', request: id, at: facts.now, hash, approvals, effects: plan.effects },
  };
  const state = evolve(plan.state, applied);
  return [...plan.events, applied, ...driftEvents(state, plan.events, facts)];
}
