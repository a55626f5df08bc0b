/** What keeps a rollout from its next step, in the order in which it is looked at. */

import type { RegionSeen } from './input.ts';
import type { Look } from './look.ts';
import { knowsNoRegion, missingRegions } from './region-progress.ts';
import { isScheduleOpen } from './schedule-open.ts';
import type { Hold, RolloutState, Status } from './state.ts';
import type { Step } from './steps.ts';

/** Regions serve what they are to serve, before anything is measured. */
export function servedHolds({ plan, serving }: RolloutState, regions: readonly RegionSeen[]): readonly Hold[] {
  if (serving.version === null) return [{ kind: 'unpublished' }];
  const missing = missingRegions(plan, serving, regions);
  return missing.length > 0 || knowsNoRegion(plan, regions) ? [{ kind: 'regions', missing }] : [];
}

/** At once, bake or no bake. Before the first step nobody is exposed, so there is nothing yet to see but an alarm. */
export function safetyHolds({ stop }: RolloutState, step: Step | undefined, look: Look): readonly Hold[] {
  const stopped: readonly Hold[] = stop === null ? [] : [{ kind: 'stopped', why: stop.why }];
  const unsafe = step === undefined ? named('failing', look.failing) : named('blind', look.blind);
  return [...stopped, ...unsafe];
}

/** When the bake is over. */
export const evidenceHolds = ({ inconclusive, tooFew }: Look): readonly Hold[] => [
  ...named('inconclusive', inconclusive),
  ...named('minimum-evidence', tooFew),
];

/** When the evidence is there. Going back asks for none of it. */
export function entryHolds({ plan, approvals }: RolloutState, next: Step | undefined, now: number): readonly Hold[] {
  if (next === undefined) return [];
  const isOpen = plan.schedule === undefined || isScheduleOpen(plan.schedule, now);
  const missing = (next.approval?.count ?? 0) - approvals.length;
  return [
    ...(isOpen ? [] : [{ kind: 'schedule' } as const]),
    ...(missing > 0 ? [{ kind: 'approval', missing, roles: next.approval?.roles ?? [] } as const] : []),
  ];
}

/** Where nothing but evidence is missing, time may bring it. */
export function statusOf(holds: readonly Hold[]): Status {
  if (holds.length === 0) return 'running';
  const isEvidence = holds.every(({ kind }) => kind === 'inconclusive' || kind === 'minimum-evidence');
  return isEvidence ? 'inconclusive' : 'holding';
}

const named = (
  kind: 'failing' | 'blind' | 'inconclusive' | 'minimum-evidence',
  guardrails: readonly string[],
): readonly Hold[] => (guardrails.length === 0 ? [] : [{ kind, guardrails }]);
