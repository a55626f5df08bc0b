/**
 * The evaluation: synchronous and pure. It never throws, reads no clock, and changes nothing but the memory of what it made
 * before (unit hashes in the context, decisions in their exits). Normative text: `docs/evaluation.md`.
 */
import { bucketOf, NO_BUCKET } from './bucket.ts';
import { allHold } from './clause.ts';
import { type Context, unitKey } from './context.ts';
import type { Decision, ErrorCode, Metadata } from './decision.ts';
import type { Exit, Gates, Prerequisite, Ruleset, Slice, Split, Target, Targeting } from './flag.ts';

export function evaluate(ruleset: Ruleset, key: string, context: Context): Decision {
  const flag = ruleset.flags.get(key) ?? ruleset.firstUse(key);
  if (flag === undefined) return failed(unknownFlag(ruleset.version), 'FLAG_NOT_FOUND');
  return flag.constant ?? decide(flag as Targeting, context);
}

/** The decisions of all flags, in the order of `ruleset.flagKeys()`. */
export function evaluateAll(ruleset: Ruleset, context: Context): Decision[] {
  const keys = ruleset.flagKeys();
  const decisions = new Array<Decision>(keys.length);
  for (let index = 0; index < keys.length; index++) {
    decisions[index] = evaluate(ruleset, keys[index] as string, context);
  }
  return decisions;
}

function decide(targeting: Targeting, context: Context): Decision {
  try {
    return walk(targeting, context);
  } catch {
    // Only a context can do this: a getter or a proxy that throws.
    return failed(targeting, 'INVALID_CONTEXT');
  }
}

function walk(targeting: Targeting, context: Context): Decision {
  const { gates, rules, fallthrough } = targeting;
  // A gate that stops nobody but lacks a key, and a split that is skipped, leave a warning on the decision that follows.
  let keyMissing = false;
  if (gates !== undefined) {
    const stopped = passGates(targeting, gates, context);
    if (typeof stopped === 'object') return stopped;
    keyMissing = stopped;
  }
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index] as Exit;
    if (!allHold(rule.clauses, context)) continue;
    const variation = variationOf(rule, context);
    if (variation !== NO_BUCKET) return serve(targeting, rule, variation, keyMissing);
    keyMissing = true;
  }
  const variation = variationOf(fallthrough, context);
  return variation === NO_BUCKET
    ? serve(targeting, fallthrough, (fallthrough.outcome as Split).rest, true)
    : serve(targeting, fallthrough, variation, keyMissing);
}

/** The decision of the gate that stops this context, or else whether a holdout's unit key was missing. */
function passGates(targeting: Targeting, gates: Gates, context: Context): Decision | boolean {
  const failing = failingPrerequisite(gates.prerequisites, context);
  if (failing !== undefined) return serve(targeting, failing.exit, targeting.off, false);
  const target = matchingTarget(gates.targets, context);
  if (target !== undefined) return serve(targeting, gates.targetExit, target.variation, false);
  let keyMissing = false;
  for (const slice of gates.slices) {
    const bucket = bucketOf(context, slice.kind, slice.seed);
    if (bucket === NO_BUCKET) keyMissing = true;
    if (!takesPart(slice, bucket)) return serve(targeting, slice.exit, targeting.off, keyMissing);
  }
  return keyMissing;
}

export function failingPrerequisite(
  prerequisites: readonly Prerequisite[],
  context: Context,
): Prerequisite | undefined {
  for (const prerequisite of prerequisites) {
    const { flag } = prerequisite;
    const { reason, variation } = flag.constant ?? decide(flag as Targeting, context);
    const met = reason !== 'DISABLED' && reason !== 'ERROR' && variation !== undefined;
    if (!met || !prerequisite.variations.includes(variation)) return prerequisite;
  }
  return undefined;
}

export function matchingTarget(targets: readonly Target[], context: Context): Target | undefined {
  for (const target of targets) {
    const key = unitKey(context, target.kind);
    if (key !== undefined && target.keys.has(key)) return target;
  }
  return undefined;
}

export function takesPart({ ranges, open }: Slice, bucket: number): boolean {
  if (bucket === NO_BUCKET) return open;
  let index = 0;
  while (bucket >= (ranges[index] as number)) index++;
  // Behind a start and before its end, an odd number of bounds has been passed.
  return index % 2 === 1;
}

/** The variation that an exit serves, or `NO_BUCKET` where it is a split whose unit has no key. */
export function variationOf({ outcome }: Exit, context: Context): number {
  if (typeof outcome !== 'object') return outcome as number;
  const { ranges } = outcome;
  if (ranges.length === 2) return ranges[0] as number;
  const bucket = bucketOf(context, outcome.kind, outcome.seed);
  if (bucket === NO_BUCKET) return NO_BUCKET;
  // Nearly every split is in two, and which half a user is in is what a processor cannot predict: no branch here.
  if (ranges.length === 4) return ranges[bucket < (ranges[1] as number) ? 0 : 2] as number;
  let index = 1;
  while (bucket >= (ranges[index] as number)) index += 2;
  return ranges[index - 1] as number;
}

/** The decision of an exit for a variation, made at its first use. */
function serve(targeting: Targeting, exit: Exit, variation: number, keyMissing: boolean): Decision {
  const made = keyMissing ? exit.warned : exit.decisions;
  return made?.[variation] ?? make(targeting, exit, variation, keyMissing);
}

function make(targeting: Targeting, exit: Exit, variation: number, keyMissing: boolean): Decision {
  const { label, reason } = exit;
  const gate = typeof label === 'object' ? label : undefined;
  const metadata = keyMissing ? Object.freeze({ ...gate, warning: 'TARGETING_KEY_MISSING' }) : gate;
  const rule = typeof label === 'string' ? label : undefined;
  const decision = decisionOf(targeting, variation, reason, rule, metadata && { metadata });
  const decisions =
    (keyMissing ? exit.warned : exit.decisions) ?? new Array(targeting.variations.length + 1).fill(undefined);
  if (keyMissing) exit.warned = decisions;
  else exit.decisions = decisions;
  decisions[variation] = decision;
  return decision;
}

/** A frozen decision that serves `variation`, or nothing where there is no such variation. */
export function decisionOf(
  { version, revision, variations }: Pick<Targeting, 'version' | 'revision' | 'variations'>,
  variation: number,
  reason: Decision['reason'],
  rule?: string,
  more?: { readonly metadata: Metadata } | { readonly errorCode: ErrorCode },
): Decision {
  const served = variations[variation];
  const decision = { value: served?.[1], variation: served?.[0], reason, rule, revision, version };
  return Object.freeze(more === undefined ? decision : { ...decision, ...more }) as Decision;
}

/** The decision of a flag that cannot be evaluated: it serves the offline default. */
export const failed = (
  flag: Pick<Targeting, 'version' | 'revision' | 'variations' | 'offlineDefault'>,
  errorCode: ErrorCode,
): Decision => decisionOf(flag, flag.offlineDefault, 'ERROR', undefined, { errorCode });

/** All that is known of a flag that there is not, or whose line cannot be read. */
export const unknownFlag = (version: number): Parameters<typeof failed>[0] => ({
  version,
  revision: 0,
  variations: [],
  offlineDefault: 0,
});
