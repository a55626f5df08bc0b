/**
 * What every rollout is watched by besides its guardrails. They are told as guardrails are, and asked for as these are: one that is not
 * looked at holds the rollout.
 */
import { OWN_PREFIX } from '#schema/rollout-guardrail';
import type { Step } from './steps.ts';

/** Whether the arms are filled in the shares that the ruleset says. */
export const SAMPLE_RATIO = `${OWN_PREFIX}sample-ratio`;
/** Whether exposures arrive as edges count evaluations. */
export const TRAFFIC = `${OWN_PREFIX}traffic`;
/** Whether what emitters say they exposed has been received. */
export const LEDGER = `${OWN_PREFIX}ledger`;
/** Whether no unit was seen in two variations, or in an older revision after a newer one. */
export const CONSISTENCY = `${OWN_PREFIX}consistency`;

export const CHECKS: readonly string[] = [SAMPLE_RATIO, TRAFFIC, LEDGER, CONSISTENCY];

/** At 100 there is one arm. */
export const checksAt = (step: Step): readonly string[] =>
  step.percent < 100 ? CHECKS : CHECKS.filter((name) => name !== SAMPLE_RATIO);
