/** Everything again, in the moment in which a change takes effect: what was true when it was approved may not be true now. */
import { ok, type Result, refused } from '#schema/result';
import { missingApprovals } from './approvals.ts';
import { assess } from './assess.ts';
import { authorRefusal } from './check-author.ts';
import { changedGround } from './drift.ts';
import type { Facts } from './facts.ts';
import { principalNow } from './persons.ts';
import type { ChangePlan } from './plan-change.ts';
import type { Refusal } from './refusal.ts';
import type { ChangeRequest, State } from './state.ts';

export function checkApply(state: State, request: ChangeRequest, facts: Facts): Result<ChangePlan, Refusal> {
  const { change, editors } = request;
  if (typeof change.apply === 'object' && change.apply.at > facts.now) {
    return refused({ code: 'not-due', at: change.apply.at });
  }
  const assessed = assess(state, change, editors, facts);
  if (!assessed.ok) return assessed;
  const { requirements, plan } = assessed.value;
  for (const { id } of editors) {
    const editor = principalNow(state, id, facts);
    if (editor === undefined) return refused({ code: 'editor-gone', id });
    const refusal = authorRefusal(editor, change, assessed.value, facts);
    if (refusal !== undefined) return refused(refusal);
  }
  const changed = changedGround(request, assessed.value);
  if (changed !== undefined) return refused(changed);
  const missing = missingApprovals(state, { ...request, requirements }, facts);
  return missing.length > 0 ? refused({ code: 'approvals-missing', missing }) : ok(plan);
}
