/** Why a rollout would go back, hold or go on: each guardrail with what it was shown, what it makes of it, and since when. */
import type { VerdictKind } from '#rollout/evidence/verdict';
import { ok, type Result, refused } from '#schema/result';
import { type Guardrail, type GuardrailSource, guardrailName, sourceOf } from '#schema/rollout-guardrail';
import type { RolloutLook, RolloutStatistics } from '#schema/rollout-statistics';
import { judgeOf } from './judge.ts';
import { type Arm, type Course, type Judged, type JudgeState, type LimitTest, worstVerdict } from './judgement.ts';
import { appliesAt, type Step, stepsOf } from './steps.ts';

export interface ExplainedTest extends LimitTest {
  /** What the plan says; null for a monitor's own limit. */
  readonly value: number | null;
  /** From which look on its verdict is of this kind. */
  readonly since: number;
}

export interface ExplainedGuardrail {
  readonly name: string;
  readonly source: GuardrailSource;
  readonly verdict: VerdictKind;
  readonly treatment: Arm;
  readonly control: Arm;
  readonly tests: readonly ExplainedTest[];
}

export interface Explanation {
  readonly flag: string;
  readonly percent: number;
  /** From 1. */
  readonly stage: number;
  readonly stages: number;
  readonly attempt: number;
  readonly at: number;
  readonly looks: number;
  /** Of the guardrails that apply, that of the worst. */
  readonly verdict: VerdictKind;
  readonly guardrails: readonly ExplainedGuardrail[];
}

/** What does not fit together, in words. */
export type Misfit = string;

export function explain(told: RolloutStatistics): Result<Explanation, Misfit> {
  const { rollout, attempt, looks } = told;
  const steps = stepsOf(rollout);
  const misfit = misfitOf(told, steps);
  const last = looks.at(-1);
  if (misfit !== undefined || last === undefined) return refused(misfit ?? 'there is no look');
  const step = stepOf(steps, last) as Step;
  const course: Course = { stages: rollout.stages.map(({ percent }) => percent), attempt };
  const guardrails = rollout.guardrails.map((guardrail) => explainGuardrail(guardrail, course, told, steps));
  const applying = guardrails.filter((_, at) => appliesAt(rollout.guardrails[at] as Guardrail, step));
  const failing = guardrails.filter(({ verdict }) => verdict === 'FAIL');
  return ok({
    flag: rollout.flag,
    percent: step.percent,
    stage: step.stage + 1,
    stages: rollout.stages.length,
    attempt,
    at: last.at,
    looks: looks.length,
    verdict: worstVerdict([...applying, ...failing].flatMap(({ tests }) => tests)).kind,
    guardrails,
  });
}

const stepOf = (steps: readonly Step[], { percent }: RolloutLook): Step | undefined =>
  steps.find((step) => step.percent === percent);

function misfitOf({ rollout, looks }: RolloutStatistics, steps: readonly Step[]): Misfit | undefined {
  const sources = new Map(rollout.guardrails.map((guardrail) => [guardrailName(guardrail), sourceOf(guardrail)]));
  for (const [at, look] of looks.entries()) {
    if (stepOf(steps, look) === undefined)
      return `looks[${at}].percent is ${look.percent}, which is never served: there are ${steps.map(({ percent }) => percent).join(', ')}`;
    for (const { name, statistics } of look.guardrails) {
      const source = sources.get(name);
      if (source === undefined)
        return `looks[${at}] has statistics of ${JSON.stringify(name)}: there are guardrails ${[...sources.keys()].join(', ')}`;
      if (source !== statistics.source)
        return `looks[${at}] has ${statistics.source} for ${JSON.stringify(name)}, which reads ${source}`;
    }
  }
  return undefined;
}

function explainGuardrail(
  guardrail: Guardrail,
  course: Course,
  { looks }: RolloutStatistics,
  steps: readonly Step[],
): ExplainedGuardrail {
  const name = guardrailName(guardrail);
  const judge = judgeOf(guardrail, course);
  let state: JudgeState | undefined;
  let judged: Judged | undefined;
  const since = new Map<string, { readonly kind: VerdictKind; readonly at: number }>();
  for (const look of looks) {
    const step = stepOf(steps, look);
    const statistics = look.guardrails.find((one) => one.name === name)?.statistics;
    judged = judge(state, { stage: step?.stage ?? -1, isAlone: look.percent === 100, at: look.at, statistics });
    state = judged.state;
    for (const { limit, verdict } of judged.tests)
      if (since.get(String(limit))?.kind !== verdict.kind)
        since.set(String(limit), { kind: verdict.kind, at: look.at });
  }
  const tests = (judged?.tests ?? []).map((test) => ({
    ...test,
    value: test.limit === null ? null : (guardrail[test.limit] ?? null),
    since: since.get(String(test.limit))?.at ?? 0,
  }));
  const { treatment, control } = judged as Judged;
  return { name, source: sourceOf(guardrail), verdict: worstVerdict(tests).kind, treatment, control, tests };
}
