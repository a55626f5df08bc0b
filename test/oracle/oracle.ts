import { type Clause, judge } from './clause.ts';
import { ContextFailure, type ContextReader, type Place, readContext } from './context.ts';
import type { Flag, FlagHead, Outcome, Split } from './entry.ts';
import { type Hash, loadHash } from './hash.ts';
import type { Verdict } from './operators.ts';
import { type Entries, readEntries } from './ruleset.ts';
import { SEGMENT_PREFIX } from './segment.ts';

/** A decision; what is absent is no key of it. */
export type OracleDecision = {
  value?: unknown;
  variation?: string;
  reason: string;
  rule?: string;
  revision: number;
  version: number;
  errorCode?: string;
  metadata?: Record<string, string>;
};

/** An evaluator of one ruleset. */
export type Oracle = {
  readonly evaluate: (flagKey: string, context: unknown, place?: Place) => OracleDecision;
  /** The keys of all flags, refused ones included, in the order of the entries. */
  readonly keys: readonly string[];
};

/** Told the outcome of every clause that is judged, before negation. */
export type Observer = (operator: string, verdict: Verdict) => void;

type Served = {
  readonly index: number | undefined;
  readonly reason: string;
  readonly rule?: string;
  readonly errorCode?: string;
  readonly metadata?: Record<string, string>;
};

type Evaluation = {
  readonly entries: Entries;
  readonly hash: Hash;
  readonly observe: Observer;
  readonly context: ContextReader;
  readonly place: Place;
  warned: boolean;
};

const WARNING = 'TARGETING_KEY_MISSING';

function isMember(run: Evaluation, name: string): boolean {
  const segment = run.entries.segments.get(SEGMENT_PREFIX + name);
  if (segment === undefined) return false;
  const listed = segment.included.size + segment.excluded.size > 0;
  const key = listed ? run.context.unitKey(segment.kind) : undefined;
  if (key !== undefined && segment.included.has(key)) return true;
  if (key !== undefined && segment.excluded.has(key)) return false;
  return segment.rules.some((clauses) => clauses.every((clause) => holds(run, clause)));
}

function verdictOf(run: Evaluation, clause: Clause): Verdict {
  if (clause.segments === undefined) return judge(clause, run.context, run.place);
  return clause.segments.some((name) => isMember(run, name)) ? 'YES' : 'NO';
}

function holds(run: Evaluation, clause: Clause): boolean {
  const verdict = verdictOf(run, clause);
  run.observe(clause.operator, verdict);
  return verdict === (clause.negated ? 'NO' : 'YES');
}

function disabled(flag: Flag): Served | undefined {
  return flag.enabled ? undefined : { index: flag.off, reason: 'DISABLED' };
}

function prerequisites(flag: Flag, run: Evaluation): Served | undefined {
  for (const prerequisite of flag.prerequisites) {
    const decision = evaluateFlag({ ...run, warned: false }, prerequisite.flag);
    const served = decision.reason !== 'DISABLED' && decision.reason !== 'ERROR' ? decision.variation : undefined;
    if (served !== undefined && prerequisite.variations.includes(served)) continue;
    return { index: flag.off, reason: 'DEFAULT', metadata: { prerequisiteFailed: prerequisite.flag } };
  }
  return undefined;
}

function targets(flag: Flag, run: Evaluation): Served | undefined {
  for (const target of flag.targets) {
    const key = run.context.unitKey(target.kind);
    if (key !== undefined && target.keys.has(key)) return { index: target.variation, reason: 'TARGETING_MATCH' };
  }
  return undefined;
}

function holdout(flag: Flag, run: Evaluation): Served | undefined {
  if (flag.holdout === undefined) return undefined;
  const key = run.context.unitKey(flag.holdout.kind);
  if (key === undefined) {
    run.warned = true;
    return undefined;
  }
  if (run.hash.bucket(key, flag.holdout.salt) >= flag.holdout.end) return undefined;
  return { index: flag.off, reason: 'SPLIT', metadata: { holdout: flag.holdout.name } };
}

function layer(flag: Flag, run: Evaluation): Served | undefined {
  if (flag.layer === undefined) return undefined;
  const key = run.context.unitKey(flag.layer.kind);
  if (key === undefined) {
    run.warned = true;
  } else {
    const bucket = run.hash.bucket(key, flag.layer.salt);
    if (flag.layer.ranges.some((range) => range.start <= bucket && bucket < range.end)) return undefined;
  }
  return { index: flag.off, reason: 'SPLIT', metadata: { layer: flag.layer.name } };
}

/** The variation that a split serves; undefined where it is skipped. */
function bucketed(flag: Flag, split: Split, run: Evaluation): number | undefined {
  if (split.ranges.length === 1) return split.ranges[0]?.variation;
  const key = run.context.unitKey(split.kind);
  if (key === undefined) {
    run.warned = true;
    return undefined;
  }
  const bucket = run.hash.bucket(key, flag.salt ?? '');
  return split.ranges.find((range) => bucket < range.end)?.variation;
}

function serveRule(flag: Flag, outcome: Outcome, rule: string, run: Evaluation): Served | undefined {
  if (typeof outcome === 'number') return { index: outcome, reason: 'TARGETING_MATCH', rule };
  const index = bucketed(flag, outcome, run);
  return index === undefined ? undefined : { index, reason: 'SPLIT', rule };
}

function rules(flag: Flag, run: Evaluation): Served | undefined {
  for (const rule of flag.rules) {
    if (!rule.clauses.every((clause) => holds(run, clause))) continue;
    const served = serveRule(flag, rule.outcome, rule.id, run);
    if (served !== undefined) return served;
  }
  return undefined;
}

function isPlain(flag: Flag): boolean {
  const lists = [flag.prerequisites, flag.targets, flag.rules];
  return lists.every((list) => list.length === 0) && flag.holdout === undefined && flag.layer === undefined;
}

function fallthrough(flag: Flag, run: Evaluation): Served {
  const outcome = flag.fallthrough;
  if (typeof outcome === 'number') return { index: outcome, reason: isPlain(flag) ? 'STATIC' : 'DEFAULT' };
  return { index: bucketed(flag, outcome, run) ?? outcome.rest, reason: 'SPLIT' };
}

function runSteps(flag: Flag, run: Evaluation): Served {
  for (const step of [disabled, prerequisites, targets, holdout, layer, rules]) {
    const served = step(flag, run);
    if (served !== undefined) return served;
  }
  return fallthrough(flag, run);
}

function serve(flag: Flag, run: Evaluation): Served {
  try {
    return runSteps(flag, run);
  } catch (error) {
    if (!(error instanceof ContextFailure)) throw error;
    run.warned = false;
    return { index: flag.offline, reason: 'ERROR', errorCode: 'INVALID_CONTEXT' };
  }
}

function decide(head: FlagHead | undefined, served: Served, run: Evaluation): OracleDecision {
  const { index, metadata: own, ...rest } = served;
  const variation = index === undefined ? undefined : head?.variations[index];
  const metadata = { ...own, ...(run.warned ? { warning: WARNING } : {}) };
  return {
    ...(variation === undefined ? {} : { value: variation.value, variation: variation.name }),
    ...rest,
    revision: head?.revision ?? 0,
    version: run.entries.version,
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}

function evaluateFlag(run: Evaluation, key: string): OracleDecision {
  const flag = run.entries.flags.get(key);
  if (flag !== undefined) return decide(flag, serve(flag, run), run);
  const head = run.entries.refused.get(key);
  const errorCode = run.entries.refused.has(key) ? 'PARSE_ERROR' : 'FLAG_NOT_FOUND';
  return decide(head, { index: head?.offline, reason: 'ERROR', errorCode }, run);
}

/** Loads an evaluator written straight from docs/evaluation.md, for comparison with the fast ones. */
export async function loadOracle(observe: Observer = () => {}) {
  const hash = await loadHash();
  return (ruleset: { readonly version: number; readonly entries: readonly unknown[] }): Oracle => {
    const entries = readEntries(ruleset.version, ruleset.entries);
    const evaluate = (flagKey: string, context: unknown, place: Place = {}) =>
      evaluateFlag({ entries, hash, observe, context: readContext(context), place, warned: false }, flagKey);
    return { evaluate, keys: entries.keys };
  };
}
