/** The way that an evaluation takes, step by step, for people. It asks the evaluator's own parts, so that it cannot tell another story. */
import { bucketOf, NO_BUCKET } from './bucket.ts';
import { allHold, holds } from './clause.ts';
import { type Context, unitKey } from './context.ts';
import { evaluate, failingPrerequisite, isSplit, matchingTarget, rangeOf, takesPart } from './evaluate.ts';
import type { Clause, Exit, Gates, Range, Ruleset, Served, Split, Targeting } from './flag.ts';

export interface Step {
  readonly step: 'flag' | 'prerequisite' | 'target' | 'holdout' | 'layer' | 'rule' | 'fallthrough';
  /** The rule's id, the holdout's name, and so on; empty where there is nothing to name. */
  readonly name: string;
  /** What came of it. */
  readonly outcome: string;
  /** Whether the evaluation ended here. */
  readonly ends: boolean;
  /** Of a rule: whether each clause holds. */
  readonly clauses?: readonly boolean[];
}

export function explain(ruleset: Ruleset, key: string, context: Context): Step[] {
  const decision = evaluate(ruleset, key, context);
  const flag = ruleset.flags.get(key);
  if (flag === undefined || flag.constant !== undefined || decision.reason === 'ERROR') {
    return [{ step: 'flag', name: key, outcome: constantOutcome(decision), ends: true }];
  }
  const steps: Step[] = [];
  for (const step of stepsOf(flag as Targeting, context)) {
    steps.push(step);
    if (step.ends) break;
  }
  return steps;
}

function constantOutcome({ reason, errorCode }: { readonly reason: string; readonly errorCode?: string }): string {
  if (errorCode !== undefined) return `cannot be evaluated: ${errorCode}`;
  return reason === 'DISABLED' ? 'is disabled: off variation' : 'serves everybody the same';
}

function* stepsOf(targeting: Targeting, context: Context): Generator<Step> {
  if (targeting.gates !== undefined) yield* gateSteps(targeting, targeting.gates, context);
  for (let rule = targeting.rules; rule !== undefined; rule = rule.next) {
    const matches = allHold(rule.clauses, context);
    const served = matches ? servedBy(targeting, rule, context) : undefined;
    yield {
      step: 'rule',
      name: rule.id,
      outcome: matches ? (served ?? `matches, but ${noKey(kindOf(rule))}: skipped`) : 'does not match',
      ends: served !== undefined,
      clauses: lookedAt(rule.clauses, context),
    };
  }
  yield {
    step: 'fallthrough',
    name: '',
    outcome: servedBy(targeting, targeting, context) ?? restOf(targeting),
    ends: true,
  };
}

/** Whether each clause holds, up to the first that does not: the evaluation looks no further. */
function lookedAt(first: Clause, context: Context): boolean[] {
  const found: boolean[] = [];
  for (let clause: Clause | undefined = first; clause !== undefined; clause = clause.next) {
    found.push(holds(clause, context));
    if (found.at(-1) === false) break;
  }
  return found;
}

const restOf = (targeting: Targeting): string =>
  `${noKey(kindOf(targeting))}: the rest, ${nameOf(targeting, (targeting.outcome as Split).rest)}`;

const kindOf = ({ outcome }: Exit): string | undefined => (isSplit(outcome) ? outcome.kind : undefined);

/** The name of a variation that was served before or not. */
const nameOf = ({ variations }: Targeting, served: Served): string =>
  String(typeof served === 'object' ? served.variation : variations[2 * served]);

function* gateSteps(
  targeting: Targeting,
  { prerequisites, targets, slices }: Gates,
  context: Context,
): Generator<Step> {
  for (const prerequisite of prerequisites) {
    const failed = failingPrerequisite([prerequisite], context) !== undefined;
    const wanted = prerequisite.variations.join(' or ');
    const outcome = failed ? `does not serve ${wanted}: off variation` : `serves ${wanted}`;
    yield { step: 'prerequisite', name: prerequisite.key, outcome, ends: failed };
  }
  if (targets.length > 0) {
    const target = matchingTarget(targets, context);
    const key = target === undefined ? '' : (unitKey(context, target.kind) ?? '');
    yield {
      step: 'target',
      name: key,
      outcome: target ? `is targeted: serves ${nameOf(targeting, target.outcome)}` : 'nobody by name',
      ends: target !== undefined,
    };
  }
  for (const slice of slices) {
    const bucket = bucketOf(context, slice.kind, slice.seed);
    const passes = takesPart(slice, bucket);
    const [[step, name]] = Object.entries(slice.metadata) as [['holdout' | 'layer', string]];
    const where = bucket === NO_BUCKET ? noKey(slice.kind) : `bucket ${bucket}`;
    yield { step, name, outcome: `${where}: ${passes ? 'takes part' : 'kept off, off variation'}`, ends: !passes };
  }
}

const noKey = (kind: string | undefined): string => `no ${kind ?? 'user'} key`;

/** How an exit serves; undefined where its split is skipped. */
function servedBy(targeting: Targeting, { outcome }: Exit, context: Context): string | undefined {
  if (!isSplit(outcome)) return `serves ${nameOf(targeting, outcome)}`;
  const range = rangeOf(outcome, context);
  if (range === undefined) return undefined;
  const { kind, seed } = outcome;
  const serves = `serves ${nameOf(targeting, range.served)}`;
  if (outcome.next === undefined) return serves;
  const bucket = bucketOf(context, kind, seed);
  let start = 0;
  for (let before: Range = outcome; before !== range; before = before.next as Range) start = before.end;
  return `${kind ?? 'user'} bucket ${bucket} of ${start}-${range.end - 1}: ${serves}`;
}
