/**
 * What is to be done now, from the state alone: after a restart it is the same. Each is to be done at least once, and names the sequence
 * that makes doing it again harmless: an older one than what was done is not done.
 */
import { leaseOf } from './region-progress.ts';
import type { Hold, Incident, RolloutState } from './state.ts';
import { stepsOf } from './steps.ts';

export type Intent =
  /** The exposed variation's share. With a lease, evaluators serve control once they have heard nothing for as long. */
  | { readonly type: 'serve'; readonly percent: number; readonly sequence: number; readonly leaseMs: number | null }
  | ({ readonly type: 'open-incident' } & Incident)
  | {
      readonly type: 'ask-approval';
      readonly sequence: number;
      readonly percent: number;
      readonly missing: number;
      readonly roles: readonly string[];
    }
  | {
      readonly type: 'ask-plan-approval';
      readonly proposal: number;
      readonly loosens: readonly string[];
      readonly missing: number;
      readonly roles: readonly string[];
    }
  /** It does not go on by itself, or has nothing to go on by. */
  | { readonly type: 'ask-person'; readonly sequence: number; readonly holds: readonly Hold[] };

export function intentsOf(state: RolloutState): readonly Intent[] {
  switch (state.status) {
    case 'draft':
      return [];
    case 'aborted':
      return state.ending === null ? [] : [serve(state)];
    case 'rolled-back':
    case 'rolling-back':
      return [serve(state), ...incident(state)];
    case 'completed':
      return [serve(state)];
    case 'running':
    case 'holding':
    case 'inconclusive':
      return [serve(state), ...incident(state), ...asked(state)];
    default:
      return state.status satisfies never;
  }
}

const serve = ({ plan, serving: { percent, sequence } }: RolloutState): Intent => ({
  type: 'serve',
  percent,
  sequence,
  leaseMs: leaseOf(plan),
});

const incident = ({ incident: known }: RolloutState): readonly Intent[] =>
  known === null ? [] : [{ type: 'open-incident', ...known }];

function asked(state: RolloutState): readonly Intent[] {
  const { plan, step, holds, sequence, proposal } = state;
  const forPerson = holds.filter(({ kind }) => FOR_PERSONS.includes(kind));
  const approval = holds.find((hold) => hold.kind === 'approval');
  const percent = stepsOf(plan)[step + 1]?.percent ?? 0;
  return [
    ...(forPerson.length > 0 ? [{ type: 'ask-person', sequence, holds: forPerson } as const] : []),
    ...(approval === undefined
      ? []
      : [{ type: 'ask-approval', sequence, percent, missing: approval.missing, roles: approval.roles } as const]),
    ...(proposal === null
      ? []
      : [
          {
            type: 'ask-plan-approval',
            proposal: proposal.number,
            loosens: proposal.loosens,
            missing: plan.approval.count - proposal.approvals.length,
            roles: plan.approval.roles,
          } as const,
        ]),
  ];
}

const FOR_PERSONS: readonly Hold['kind'][] = [
  'stopped',
  'blind',
  'failing',
  'inconclusive',
  'minimum-evidence',
  'regions',
];
