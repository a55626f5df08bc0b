/** An explanation in aligned lines, the guardrails one below the other. */
import { printable } from '#control/audit/printable';
import { rfc3339 } from '#control/rfc3339';
import type { VerdictKind } from '#rollout/evidence/verdict';
import type { ExplainedGuardrail, ExplainedTest, Explanation } from '#rollout/machine/explain';
import { type Arm, isRelative } from '#rollout/machine/judgement';
import { table } from '../table.ts';
import { durationText, limitText, numberText, percentText } from './texts.ts';

export function explanationText(explanation: Explanation): string {
  const { flag, percent, stage, stages, attempt, at, looks, verdict, guardrails } = explanation;
  const head = [
    [
      flag,
      `stage ${stage} of ${stages}, ${percent} %`,
      `${looks} ${looks === 1 ? 'look' : 'looks'}, until ${rfc3339(at)}`,
    ],
    ...(attempt === 0 ? [] : [['', `attempt ${attempt + 1}`]]),
  ];
  return [table(head), ...guardrails.map(guardrailText), `${verdict}: ${MEANINGS[verdict]}`].join('\n\n');
}

const MEANINGS: Readonly<Record<VerdictKind, string>> = {
  PASS: 'every guardrail lets the rollout go on, once its bake is over and all regions have the stage',
  FAIL: 'what onBreach says is done at once',
  INCONCLUSIVE: 'it holds: the evidence is neither of harm nor of safety yet',
  NO_DATA: 'it holds: there is nothing to see',
  UNHEALTHY: 'it holds: what there is to see cannot be right',
};

function guardrailText({ name, source, treatment, control, tests }: ExplainedGuardrail): string {
  const arms = [...armRow('exposed', treatment), ...armRow('control', control)];
  return [
    `${printable(name)}  (${source})`,
    ...(arms.length === 0 ? [] : [indented(arms)]),
    ...tests.map(testText),
    ...(tests.length === 0 ? ['  nobody is left to compare with'] : []),
  ].join('\n');
}

function testText(test: ExplainedTest): string {
  const { limit, value, verdict, since, secondsLeft } = test;
  const { estimate, evidence, threshold, safety, alwaysValid } = verdict;
  const rows = [
    [limitText(limit, value), `${verdict.kind}, ${verdict.reason}, since ${rfc3339(since)}`],
    ...(estimate === null ? [] : [['  estimate', `${valueText(estimate, test)}${intervalText(test)}`]]),
    ...(evidence === null || threshold === null
      ? []
      : [['  harm', `evidence ${numberText(evidence)} of the ${numberText(threshold)} that take it back`]]),
    ...(safety === null
      ? []
      : [
          [
            '  safety',
            `evidence ${numberText(safety.evidence)} of the ${numberText(safety.needed)} that let it go on: ${sideText(test)} ${valueText(safety.below, test)}`,
          ],
        ]),
    ...(secondsLeft === null || verdict.kind === 'FAIL'
      ? []
      : [
          [
            '  to decide',
            secondsLeft === 0 ? 'nothing more' : `about ${durationText(secondsLeft * 1_000)} more at this traffic`,
          ],
        ]),
    ...(alwaysValid || estimate === null ? [] : [['', 'a number that was read: no bound on how often it is wrong']]),
  ];
  return indented(rows);
}

const sideText = ({ limit }: ExplainedTest): string =>
  limit === 'min' || limit === 'maxRelativeDecrease' ? 'that it is above' : 'that it is below';

const valueText = (value: number, { limit }: ExplainedTest): string =>
  isRelative(limit) ? `${numberText(value)} times control` : numberText(value);

function intervalText({ verdict: { interval } }: ExplainedTest): string {
  if (interval === null || (interval.low === null && interval.high === null)) return '';
  const { low, high } = interval;
  if (low === null) return `, below ${numberText(high ?? Number.NaN)} at every look together`;
  if (high === null) return `, above ${numberText(low)} at every look together`;
  return `, ${numberText(low)} to ${numberText(high)} at every look together`;
}

function armRow(what: string, { exposures, outcomes, value }: Arm): readonly (readonly string[])[] {
  if (value !== null)
    return [[what, numberText(value), exposures === null ? '' : `of ${numberText(exposures)} samples`]];
  if (exposures === null) return [];
  if (outcomes === null) return [[what, `${numberText(exposures)} samples`]];
  const rate = exposures === 0 ? '' : percentText(outcomes / exposures);
  return [[what, `${numberText(outcomes)} of ${numberText(exposures)}`, rate]];
}

const indented = (rows: readonly (readonly string[])[]): string => table(rows).replace(/^/gm, '  ');
