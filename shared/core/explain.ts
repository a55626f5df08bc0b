/** The way that an evaluation takes, step by step, for people. It asks the evaluator's own parts, so that it cannot tell another story. */
import { bucketOf, NO_BUCKET } from './bucket.ts';
import { allHold, holds } from './clause.ts';
import { type Context, unitKey } from './context.ts';
import type { Metadata } from './decision.ts';
import { evaluate, failingPrerequisite, matchingTarget, takesPart, variationOf } from './evaluate.ts';
import type { Exit, Gates, Ruleset, Split, Targeting } from './flag.ts';

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
  for (const rule of targeting.rules) {
    const matches = allHold(rule.clauses, context);
    const served = matches ? servedBy(targeting, rule, context) : undefined;
    yield {
      step: 'rule',
      name: String(rule.label),
      outcome: matches ? (served ?? `matches, but ${noKey(kindOf(rule))}: skipped`) : 'does not match',
      ends: served !== undefined,
      clauses: lookedAt(rule, context),
    };
  }
  const { fallthrough } = targeting;
  yield {
    step: 'fallthrough',
    name: '',
    outcome: servedBy(targeting, fallthrough, context) ?? restOf(targeting),
    ends: true,
  };
}

/** Whether each clause holds, up to the first that does not: the evaluation looks no further. */
function lookedAt({ clauses }: Exit, context: Context): boolean[] {
  const held = clauses.findIndex((clause) => !holds(clause, context));
  return clauses.slice(0, held < 0 ? clauses.length : held + 1).map((_, at) => at !== held);
}

function restOf({ variations, fallthrough }: Targeting): string {
  const { rest } = fallthrough.outcome as Split;
  return `${noKey(kindOf(fallthrough))}: the rest, ${variations[rest]?.[0]}`;
}

const kindOf = ({ outcome }: Exit): string | undefined => (typeof outcome === 'object' ? outcome.kind : undefined);

function* gateSteps(
  { variations }: Targeting,
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
      outcome: target ? `is targeted: serves ${variations[target.variation]?.[0]}` : 'nobody by name',
      ends: target !== undefined,
    };
  }
  for (const slice of slices) {
    const bucket = bucketOf(context, slice.kind, slice.seed);
    const passes = takesPart(slice, bucket);
    const [[step, name]] = Object.entries(slice.exit.label as Metadata) as [['holdout' | 'layer', string]];
    const where = bucket === NO_BUCKET ? noKey(slice.kind) : `bucket ${bucket}`;
    yield { step, name, outcome: `${where}: ${passes ? 'takes part' : 'kept off, off variation'}`, ends: !passes };
  }
}

const noKey = (kind: string | undefined): string => `no ${kind ?? 'user'} key`;

/** How an exit serves; undefined where its split is skipped. */
function servedBy({ variations }: Targeting, exit: Exit, context: Context): string | undefined {
  const variation = variationOf(exit, context);
  if (variation === NO_BUCKET) return undefined;
  const serves = `serves ${variations[variation]?.[0]}`;
  const { outcome } = exit;
  if (typeof outcome !== 'object' || outcome.ranges.length === 2) return serves;
  const { kind, seed, ranges } = outcome;
  const bucket = bucketOf(context, kind, seed);
  const at = ranges.findIndex((end, index) => index % 2 === 1 && bucket < end);
  const start = at === 1 ? 0 : ranges[at - 2];
  return `${kind ?? 'user'} bucket ${bucket} of ${start}-${(ranges[at] as number) - 1}: ${serves}`;
}
