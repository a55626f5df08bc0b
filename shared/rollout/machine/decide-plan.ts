/** Changes of the plan of a rollout. What is only stricter counts at once; what is looser waits for somebody else's word. */
import { canonicalJson } from '#ruleset/canonical-json';
import { ok, type Result, refused } from '#schema/result';
import type { RolloutEvent } from './event.ts';
import type { Command } from './input.ts';
import { loosens } from './loosens.ts';
import type { Refusal } from './refusal.ts';
import type { Proposal, RolloutState, Status } from './state.ts';
import { stepsOf } from './steps.ts';

type Decision = Result<readonly RolloutEvent[], Refusal>;
type Of<T extends Command['type']> = Extract<Command, { type: T }>;

export function decidePlan(state: RolloutState, { by, sequence, plan }: Of<'edit-plan'>, at: number): Decision {
  const refusal = editRefusal(state, sequence, plan);
  if (refusal !== undefined) return refused(refusal);
  const loosened = state.status === 'draft' ? [] : loosens(state.plan, plan);
  if (loosened.length === 0) return ok([{ type: 'plan-edited', at, by: by.person, plan, step: stepIn(state, plan) }]);
  const number = state.proposals + 1;
  const proposal: Proposal = { number, plan, by: by.person, loosens: loosened, approvals: [] };
  return ok([{ type: 'plan-proposed', at, proposal }]);
}

/** As what is in force says, and not as what is proposed would say. */
export function decidePlanApproval(
  state: RolloutState,
  { by, proposal: number }: Of<'approve-plan'>,
  at: number,
): Decision {
  const proposal = waiting(state, number);
  if (proposal === undefined) return refused({ code: 'no-proposal', proposal: number });
  const { count, roles } = state.plan.approval;
  if (proposal.by === by.person) return refused({ code: 'own-change' });
  if (roles.length > 0 && !roles.some((role) => by.roles.includes(role))) return refused({ code: 'no-role', roles });
  if (proposal.approvals.includes(by.person)) return refused({ code: 'approved-already' });
  const approved: RolloutEvent = { type: 'plan-approved', at, by: by.person };
  if (proposal.approvals.length + 1 < count) return ok([approved]);
  // The ramp has gone on meanwhile.
  const refusal = editRefusal(state, state.sequence, proposal.plan);
  if (refusal !== undefined) return refused(refusal);
  const { plan } = proposal;
  return ok([approved, { type: 'plan-edited', at, by: proposal.by, plan, step: stepIn(state, plan) }]);
}

export function decidePlanWithdrawal(
  state: RolloutState,
  { by, proposal: number }: Of<'withdraw-plan'>,
  at: number,
): Decision {
  const proposal = waiting(state, number);
  if (proposal === undefined) return refused({ code: 'no-proposal', proposal: number });
  return proposal.by === by.person
    ? ok([{ type: 'plan-withdrawn', at, by: by.person }])
    : refused({ code: 'not-the-author' });
}

const waiting = ({ proposal }: RolloutState, number: number): Proposal | undefined =>
  proposal?.number === number ? proposal : undefined;

const EDITABLE: readonly Status[] = ['draft', 'running', 'holding', 'inconclusive'];

function editRefusal(state: RolloutState, sequence: number, plan: Proposal['plan']): Refusal | undefined {
  if (!EDITABLE.includes(state.status)) return { code: 'wrong-status', status: state.status, takes: EDITABLE };
  if (sequence !== state.sequence) return { code: 'stale', sequence: state.sequence };
  if (canonicalJson(plan) === canonicalJson(state.plan)) return { code: 'nothing-changes' };
  if (state.status === 'draft') return undefined;
  const field = (['flag', 'variation', 'rule'] as const).find((one) => plan[one] !== state.plan[one]);
  if (field !== undefined) return { code: 'immutable', field };
  const isKept = state.step < 0 || stepIn(state, plan) >= 0;
  return isKept ? undefined : { code: 'stage-in-use', percent: state.serving.percent };
}

/** Where in the plan what is served now stands. */
const stepIn = ({ serving }: RolloutState, plan: Proposal['plan']): number =>
  stepsOf(plan).findIndex(({ percent }) => percent === serving.percent);
