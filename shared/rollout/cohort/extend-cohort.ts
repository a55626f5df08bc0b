/** What may be declared over an earlier declaration: a rollout goes on, and what was counted stays true. */
import type { Cohort } from '#schema/cohort';
import { ok, type Result, refused } from '#schema/result';

/** Refused with what the caller should mend. */
export function extendCohort(before: Cohort | undefined, next: Cohort): Result<Cohort, string> {
  if (before === undefined) return ok(next);
  if (next.flag !== before.flag) return refused(`flag: must stay ${before.flag}; ${ANEW}`);
  for (const arm of ['treatment', 'control'] as const)
    if (next.arms[arm] !== before.arms[arm]) return refused(`arms.${arm}: must stay ${before.arms[arm]}; ${ANEW}`);
  for (const [at, { revisions }] of before.stages.entries()) {
    const missing = revisions.find((revision) => !next.stages[at]?.revisions.includes(revision));
    if (missing !== undefined) return refused(`stages.${at}.revisions: must keep ${missing}; ${ANEW}`);
  }
  for (const { name, kind } of before.metrics) {
    const kept = next.metrics.find((metric) => metric.name === name);
    if (kept?.kind !== kind) return refused(`metrics: must keep ${name}, of kind ${kind}; ${ANEW}`);
  }
  return ok(next);
}

const ANEW = 'what was counted would not be true any more: begin a rollout of another name, or DELETE this one first';
