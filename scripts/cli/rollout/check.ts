/** `lockstep rollout check`: whether a rollout file is one, and what it would do. */
import { printable } from '#control/audit/printable';
import { limitsOf } from '#rollout/machine/judgement';
import { parseRolloutFile } from '#rollout/machine/rollout-file';
import { stepsOf } from '#rollout/machine/steps';
import { issueText } from '#ruleset/write/yaml-file';
import type { Approval, Rollout } from '#schema/rollout';
import { type Guardrail, guardrailName, sourceOf } from '#schema/rollout-guardrail';
import { fileText } from '../control/file-text.ts';
import { safeJson } from '../control/safe-json.ts';
import { table } from '../table.ts';
import { durationText, limitText } from './texts.ts';

export async function checkRollout(path: string, { json }: { readonly json: boolean }): Promise<number> {
  const parsed = parseRolloutFile({ name: path === '-' ? 'standard input' : path, text: await fileText(path) });
  if (json)
    console.log(safeJson(parsed.ok ? { ok: true, rollout: parsed.value } : { ok: false, issues: parsed.error }));
  else if (parsed.ok) console.log(planText(parsed.value));
  else console.error(issueText(parsed.error));
  return parsed.ok ? 0 : 1;
}

export function planText(rollout: Rollout): string {
  const steps = stepsOf(rollout);
  const bakeMs = steps.reduce((sum, step) => sum + step.bakeMs, 0);
  const stages = steps.map(({ percent, bakeMs: own, approval }) => [
    `  ${percent} %`,
    `bakes for ${durationText(own)}`,
    approvalText(approval),
  ]);
  const guardrails = rollout.guardrails.map((guardrail) => [
    `  ${printable(guardrailName(guardrail))}`,
    sourceOf(guardrail),
    guardrailLimits(guardrail),
  ]);
  return [
    `${rollout.flag}: ${steps.length} steps, ${durationText(bakeMs)} at least`,
    table(stages),
    'guardrails',
    table(guardrails),
    `on a breach: ${rollout.onBreach}; with nothing to see: ${rollout.onBlind}; evaluators that hear nothing: ${rollout.onStale}`,
  ].join('\n');
}

const approvalText = (approval: Approval | null): string =>
  approval === null ? '' : `after ${approval.count} of ${approval.roles.join(' or ') || 'those who may approve'}`;

function guardrailLimits(guardrail: Guardrail): string {
  const limits = limitsOf(guardrail).map((limit) => limitText(limit, guardrail[limit] ?? null));
  return limits.length === 0 ? limitText(null, null) : limits.join(', ');
}
