/** What a rollout serves one after the other: its stages, the last one in two halves where it keeps somebody back to compare with. */
import type { Approval, MinimumEvidence, Rollout } from '#schema/rollout';
import { type Guardrail, sourceOf } from '#schema/rollout-guardrail';

export interface Step {
  readonly percent: number;
  /** Index of the stage that it belongs to. */
  readonly stage: number;
  readonly bakeMs: number;
  readonly minimumEvidence: MinimumEvidence;
  /** Before it is entered. */
  readonly approval: Approval | null;
}

const MINUTE = 60_000;

export function stepsOf({ stages, bakeMinutes, minimumEvidence, holdback }: Rollout): readonly Step[] {
  return stages.flatMap((own, stage): Step[] => {
    const step = {
      percent: own.percent,
      stage,
      bakeMs: (own.bakeMinutes ?? bakeMinutes) * MINUTE,
      minimumEvidence: own.minimumEvidence ?? minimumEvidence,
      approval: own.approval ?? null,
    };
    if (own.percent < 100 || holdback === 'none') return [step];
    const bakeMs = step.bakeMs / 2;
    // In thousandths, where differences are exact.
    const percent = (100_000 - Math.round(holdback * 1_000)) / 1_000;
    return [
      { ...step, percent, bakeMs },
      { ...step, bakeMs, approval: null },
    ];
  });
}

/** At 100 there is nobody left to compare with: what has a limit of its own is judged there, and nothing else. */
export const appliesAt = (guardrail: Guardrail, { percent }: Step): boolean =>
  percent < 100 || guardrail.max !== undefined || guardrail.min !== undefined || sourceOf(guardrail) === 'state';
