/** What a change of a plan lets through that it held before. Empty: it is only stricter, and needs nobody's word. */
import { canonicalJson } from '#ruleset/canonical-json';
import type { Approval, Rollout } from '#schema/rollout';
import { type Guardrail, guardrailName, sourceOf } from '#schema/rollout-guardrail';
import { leaseOf } from './region-progress.ts';
import { type Step, stepsOf } from './steps.ts';

export const loosens = (before: Rollout, after: Rollout): readonly string[] => [
  ...before.guardrails.flatMap((guardrail) => guardrailLoosens(guardrail, after)),
  ...stepsLoosen(stepsOf(before), stepsOf(after)),
  ...when(BREACHES.indexOf(after.onBreach) > BREACHES.indexOf(before.onBreach), `onBreach is ${after.onBreach}`),
  ...when(blindMinutes(after) > blindMinutes(before), 'it may be blind for longer'),
  ...when(leaseMs(after) > leaseMs(before), 'evaluators that hear nothing keep it for longer'),
  ...when(!coversRegions(before.regions, after.regions), 'other regions are waited for'),
  ...when(before.schedule !== undefined && differ(before.schedule, after.schedule), 'the schedule is another'),
  ...when(!coversApproval(before.approval, after.approval), 'other people may loosen it'),
];

/** The strictest first. */
const BREACHES: readonly Rollout['onBreach'][] = ['rollbackToZero', 'previousStage', 'hold'];
const FOR_EVER = Number.POSITIVE_INFINITY;

const when = (is: boolean, what: string): readonly string[] => (is ? [what] : []);
const differ = (one: unknown, other: unknown): boolean => canonicalJson(one ?? null) !== canonicalJson(other ?? null);
const leaseMs = (plan: Rollout): number => leaseOf(plan) ?? FOR_EVER;
const blindMinutes = ({ onBlind, blindMinutes: most, bakeMinutes }: Rollout): number =>
  onBlind === 'hold' ? FOR_EVER : (most ?? bakeMinutes);

function guardrailLoosens(before: Guardrail, { guardrails }: Rollout): readonly string[] {
  const name = guardrailName(before);
  const after = guardrails.find((one) => guardrailName(one) === name);
  if (after === undefined) return [`guardrail ${name} is gone`];
  const looser = UPPER.filter((key) => (after[key] ?? FOR_EVER) > (before[key] ?? FOR_EVER));
  return [
    ...when(differ(readingOf(before), readingOf(after)), `guardrail ${name} reads or weighs otherwise`),
    ...looser.map((key) => `${key} of guardrail ${name} is ${after[key] ?? 'gone'}`),
    ...when((after.min ?? -FOR_EVER) < (before.min ?? -FOR_EVER), `min of guardrail ${name} is ${after.min ?? 'gone'}`),
    ...when(after.alpha < before.alpha, `guardrail ${name} asks for more evidence of harm`),
  ];
}

const UPPER = ['maxRelativeIncrease', 'maxRelativeDecrease', 'max'] as const;

const readingOf = (guardrail: Guardrail): unknown => {
  const { metric, datadogMonitor, prometheus, breachAfter, minimumSample } = guardrail;
  return [metric, datadogMonitor, prometheus, sourceOf(guardrail), breachAfter, minimumSample].map(
    (one) => one ?? null,
  );
};

/** Stages may be added, and the last ones left out. */
function stepsLoosen(before: readonly Step[], after: readonly Step[]): readonly string[] {
  const most = after.at(-1)?.percent ?? 0;
  return [
    ...when(most > (before.at(-1)?.percent ?? 0), `it goes up to ${most} %`),
    ...before.filter(({ percent }) => percent <= most).flatMap((step) => stepLoosens(step, after)),
  ];
}

function stepLoosens(before: Step, steps: readonly Step[]): readonly string[] {
  const after = steps.find(({ percent }) => percent === before.percent);
  if (after === undefined) return [`stage ${before.percent} is gone`];
  const { exposures, outcomes } = before.minimumEvidence;
  const asksForLess = after.minimumEvidence.exposures < exposures || after.minimumEvidence.outcomes < outcomes;
  return [
    ...when(after.bakeMs < before.bakeMs, `stage ${before.percent} bakes for a shorter time`),
    ...when(asksForLess, `stage ${before.percent} asks for less evidence`),
    ...when(
      !coversApproval(before.approval, after.approval),
      `stage ${before.percent} asks for the word of fewer people`,
    ),
  ];
}

function coversApproval(before: Approval | null, after: Approval | null): boolean {
  if (before === null) return true;
  if (after === null || after.count < before.count) return false;
  if (before.roles.length === 0) return true;
  return after.roles.length > 0 && after.roles.every((role) => before.roles.includes(role));
}

function coversRegions(before: Rollout['regions'], after: Rollout['regions']): boolean {
  if (before === 'all' || after === 'all') return before === after;
  return before.every((region) => after.includes(region));
}
