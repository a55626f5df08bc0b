/**
 * The evaluation: synchronous and pure. It never throws, reads no clock, and changes nothing but the memory of what it made
 * before (unit hashes in the context, decisions where they are served). Normative text: `docs/evaluation.md`.
 */
import { bucketOf, bucketOfHash, NO_BUCKET } from './bucket.ts';
import { allHold } from './clause.ts';
import { type Context, unitHash, unitKey } from './context.ts';
import type { Decision, ErrorCode, Metadata } from './decision.ts';
import type { Exit, Gate, Gates, Prerequisite, Range, Ruleset, Slice, Split, Target, Targeting } from './flag.ts';

export function evaluate(ruleset: Ruleset, key: string, context: Context): Decision {
  const flag = ruleset.flags.get(key) ?? ruleset.firstUse(key);
  if (flag === undefined) return failed(unknownFlag(ruleset.version), 'FLAG_NOT_FOUND');
  if (flag.constant !== undefined) return flag.constant;
  const targeting = flag as Targeting;
  const { split } = targeting;
  const known = split === undefined ? undefined : servedBefore(split, context.userHash);
  return known ?? decide(targeting, context);
}

/**
 * What a unit was served by a flag that is but a split, where both its hash and the decision were made before. It reads nothing of the
 * context: so it may stand in front of what guards that.
 */
function servedBefore(split: Split, hash: number | null | undefined): Decision | undefined {
  if (typeof hash !== 'number') return undefined;
  const { served } = rangeOfHash(split, hash);
  return typeof served === 'object' ? served : undefined;
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
    const { split } = targeting;
    const known = split === undefined ? undefined : servedBefore(split, unitHash(context, undefined));
    return known ?? walk(targeting, context);
  } catch {
    // Only a context can do this: a getter or a proxy that throws.
    return failed(targeting, 'INVALID_CONTEXT');
  }
}

function walk(targeting: Targeting, context: Context): Decision {
  const { gates } = targeting;
  // A gate that stops nobody but lacks a key, and a split that is skipped, leave a warning on the decision that follows.
  let keyMissing = false;
  if (gates !== undefined) {
    const stopped = passGates(targeting, gates, context);
    if (typeof stopped === 'object') return stopped;
    keyMissing = stopped;
  }
  for (let rule = targeting.rules; rule !== undefined; rule = rule.next) {
    if (!allHold(rule.clauses, context)) continue;
    const decision = serve(targeting, rule, rule.id, context);
    if (decision !== undefined) return keyMissing ? warned(decision) : decision;
    keyMissing = true;
  }
  const decision = serve(targeting, targeting, undefined, context);
  if (decision === undefined) return serveRest(targeting, targeting.outcome as Split);
  return keyMissing ? warned(decision) : decision;
}

/** The decision of the gate that stops this context, or else whether a holdout's unit key was missing. */
function passGates(targeting: Targeting, gates: Gates, context: Context): Decision | boolean {
  const failing = failingPrerequisite(gates.prerequisites, context);
  if (failing !== undefined) return stop(targeting, failing, 'DEFAULT');
  const target = matchingTarget(gates.targets, context);
  if (target !== undefined) {
    const { outcome } = target;
    const decision = typeof outcome === 'object' ? outcome : decisionOf(targeting, outcome, 'TARGETING_MATCH');
    target.outcome = decision;
    return decision;
  }
  let keyMissing = false;
  for (const slice of gates.slices) {
    const bucket = bucketOf(context, slice.kind, slice.seed);
    if (bucket === NO_BUCKET) keyMissing = true;
    if (takesPart(slice, bucket)) continue;
    const decision = stop(targeting, slice, 'SPLIT');
    return keyMissing ? warned(decision) : decision;
  }
  return keyMissing;
}

function stop(targeting: Targeting, gate: Gate, reason: 'DEFAULT' | 'SPLIT'): Decision {
  gate.stopped ??= decisionOf(targeting, targeting.off, reason, undefined, gate.metadata);
  return gate.stopped;
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

/** The decision of a rule or, without an id, of the fallthrough; undefined where it is a split whose unit has no key. */
function serve(targeting: Targeting, exit: Exit, rule: string | undefined, context: Context): Decision | undefined {
  const { outcome } = exit;
  if (typeof outcome === 'number') {
    const decision = decisionOf(targeting, outcome, rule === undefined ? 'DEFAULT' : 'TARGETING_MATCH', rule);
    exit.outcome = decision;
    return decision;
  }
  if (!isSplit(outcome)) return outcome;
  const range = rangeOf(outcome, context);
  if (range === undefined) return undefined;
  const { served } = range;
  if (typeof served === 'object') return served;
  const decision = decisionOf(targeting, served, 'SPLIT', rule);
  range.served = decision;
  return decision;
}

export const isSplit = (outcome: Exit['outcome']): outcome is Split => (outcome as Partial<Split>).seed !== undefined;

/** The range of a split that its unit is in; undefined where that has no key. */
export function rangeOf(split: Split, context: Context): Range | undefined {
  if (split.next === undefined) return split;
  const hash = unitHash(context, split.kind);
  return hash === null ? undefined : rangeOfHash(split, hash);
}

function rangeOfHash(split: Split, hash: number): Range {
  const bucket = bucketOfHash(hash, split.seed);
  let range: Range = split;
  while (bucket >= range.end) range = range.next as Range;
  return range;
}

function serveRest(targeting: Targeting, split: Split): Decision {
  const { rest } = split;
  const decision = typeof rest === 'object' ? rest : decisionOf(targeting, rest, 'SPLIT', undefined, KEY_MISSING);
  split.rest = decision;
  return decision;
}

const KEY_MISSING: Metadata = Object.freeze({ warning: 'TARGETING_KEY_MISSING' });

/** The decisions that carry a warning, by what they are without it: few flags ever serve one. */
const warnedOnes = new WeakMap<Decision, Decision>();

function warned(decision: Decision): Decision {
  const known = warnedOnes.get(decision);
  if (known !== undefined) return known;
  const metadata = Object.freeze({ ...decision.metadata, ...KEY_MISSING });
  const made = Object.freeze({ ...decision, metadata });
  warnedOnes.set(decision, made);
  return made;
}

/** A frozen decision that serves `variation`, or nothing where there is no such variation. */
export function decisionOf(
  { version, revision, variations }: Pick<Targeting, 'version' | 'revision' | 'variations'>,
  variation: number,
  reason: Decision['reason'],
  rule?: string,
  metadata?: Metadata,
): Decision {
  const at = 2 * variation;
  const decision = { value: variations[at + 1], variation: variations[at], reason, rule, revision, version };
  return Object.freeze(metadata === undefined ? decision : { ...decision, metadata }) as Decision;
}

/** The decision of a flag that cannot be evaluated: it serves the offline default. */
export const failed = (
  flag: Pick<Targeting, 'version' | 'revision' | 'variations' | 'offlineDefault'>,
  errorCode: ErrorCode,
): Decision => Object.freeze({ ...decisionOf(flag, flag.offlineDefault, 'ERROR'), errorCode }) as Decision;

/** All that is known of a flag that there is not, or whose line cannot be read. */
export const unknownFlag = (version: number): Parameters<typeof failed>[0] => ({
  version,
  revision: 0,
  variations: [],
  offlineDefault: 0,
});
