/** What a change that was applied makes of the requests that are still open: those whose ground is another now are told so. */
import { type Assessment, assess } from './assess.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import { entriesOf } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import { sameContents, sameRequirements } from './requirements.ts';
import { staleBases } from './stale-bases.ts';
import type { ChangeRequest, State } from './state.ts';

/** `state` is the one behind the `applied` events. */
export function driftEvents(state: State, applied: readonly Event[], facts: Pick<Facts, 'now'>): Event[] {
  const policies = applied.some(({ type }) => type === 'policy-put' || type === 'policy-deleted');
  const open = [...entriesOf(state.requests)].map(([, request]) => request).sort((a, b) => (a.id < b.id ? -1 : 1));
  return open
    .filter(({ status }) => status !== 'voided')
    .flatMap((request) => driftOf(state, request, policies, facts));
}

function driftOf(state: State, request: ChangeRequest, policies: boolean, facts: Pick<Facts, 'now'>): Event[] {
  const items = staleBases(state, request.change.operations);
  if (items.length > 0) return [voided(request, { code: 'stale', items }, facts)];
  return policies ? groundDrift(state, request, facts) : [];
}

/** Empty where the same is asked of the request as before, and it comes to the same. */
export function groundDrift(state: State, request: ChangeRequest, facts: Pick<Facts, 'now'>): Event[] {
  const assessed = assess(state, request.change, request.editors, facts);
  if (!assessed.ok) return [voided(request, assessed.error, facts)];
  const { requirements, plan } = assessed.value;
  const why = changedGround(request, assessed.value);
  if (why === undefined) return [];
  return [approvalsVoided(request, why, { effects: plan.effects, requirements }, facts)];
}

/** What is not as it was when the request was approved, or would be. */
export function changedGround(request: ChangeRequest, { requirements, plan }: Assessment): Refusal | undefined {
  if (!sameRequirements(request.requirements, requirements))
    return { code: 'requirements-changed', policies: requirements.map(({ policy }) => policy) };
  return sameContents(request, plan.effects, requirements) ? undefined : { code: 'effects-changed' };
}

export const voided = (request: ChangeRequest, why: Refusal, { now }: Pick<Facts, 'now'>): Event => ({
  ...{ type: 'request-voided', request: request.id, at: now, why, voided: request.approvals },
});

export const approvalsVoided = (
  { id, approvals }: ChangeRequest,
  why: Refusal,
  { effects, requirements }: Pick<ChangeRequest, 'effects' | 'requirements'>,
  { now }: Pick<Facts, 'now'>,
): Event => ({
  ...{ type: 'approvals-voided', request: id, at: now, why, effects, requirements, voided: approvals },
});
