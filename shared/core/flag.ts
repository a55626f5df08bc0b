/** Flags and segments as the evaluator walks them: decoded from their lines, linked to what they use, never changed. */
import type { Decision, JsonValue, Metadata } from './decision.ts';
import type { Operand, Operator } from './operators.ts';

export interface Ruleset {
  /** `epoch x 2^32 + n`. */
  readonly version: number;
  /** The flags that were used before. Looked at first, so that an evaluation costs one look-up. */
  readonly flags: ReadonlyMap<string, Flag>;
  /** Decodes a flag that is not among them, and adds it; undefined where there is none of that key. */
  firstUse(key: string): Flag | undefined;
  /** The keys of all flags, in order. */
  flagKeys(): readonly string[];
}

export interface Flag {
  /** Whether clients that users control may see its decisions. */
  readonly client: boolean;
  /** The one decision of a flag that serves everybody the same; undefined where it is a `Targeting`. */
  readonly constant: Decision | undefined;
}

/** A flag whose decision depends on the context. Its own outcome is the fallthrough's. */
export interface Targeting extends Flag, Exit {
  readonly constant: undefined;
  /** The outcome once more, where it is a split of users and all that there is: most flags that are no constants. */
  readonly split: Split | undefined;
  readonly version: number;
  readonly revision: number;
  readonly variations: Variations;
  /** Index of the variation served where the flag is held off; one above the last: nothing is served. */
  readonly off: number;
  /** The same where the flag cannot be evaluated. */
  readonly offlineDefault: number;
  /** What comes before the rules; undefined for the many flags that have none of it. */
  readonly gates: Gates | undefined;
  /** The first rule. */
  readonly rules: Rule | undefined;
}

/** name, value, name, value, …: one list, because every flag of several variations keeps one. */
export type Variations = readonly JsonValue[];

/**
 * Where an evaluation may end. What is served is named by its index until it is served for the first time; from then on the
 * decision itself stands there, so that it is made once and found without another look-up.
 */
export interface Exit {
  outcome: Served | Split;
}

export type Served = number | Decision;

/** A range of a split's buckets: from the end of the one before it up to, not including, its own. The last ends at 100,000. */
export interface Range {
  served: Served;
  readonly end: number;
  readonly next: Range | undefined;
}

/** It is its own first range, so that most need one look less. A split of one is everybody, and needs no unit key. */
export interface Split extends Range {
  readonly kind: string | undefined;
  readonly seed: number;
  /** The variation that growth is taken from: served where a fallthrough's unit has no key. */
  rest: Served;
}

/** Rules and clauses are chains: a list of one, which most are, costs no memory of its own. */
export interface Rule extends Exit {
  readonly id: string;
  /** The first clause; all of them must hold. */
  readonly clauses: Clause;
  readonly next: Rule | undefined;
}

export interface Gates {
  readonly prerequisites: readonly Prerequisite[];
  readonly targets: readonly Target[];
  /** The holdout, then the layer, as far as there are any. */
  readonly slices: readonly Slice[];
}

/** What may hold a context off the flag. */
export interface Gate {
  /** What the decision of those that are held off carries. */
  readonly metadata: Metadata;
  /** That decision, made at its first use. */
  stopped: Decision | undefined;
}

export interface Prerequisite extends Gate {
  readonly key: string;
  readonly flag: Flag;
  /** Names of the variations of which one must be served. */
  readonly variations: readonly string[];
}

/** Units that are served a variation by name. */
export interface Target {
  outcome: Served;
  readonly kind: string | undefined;
  readonly keys: ReadonlySet<string>;
}

/** A holdout or a layer: units with a bucket outside the ranges are kept off the flag. */
export interface Slice extends Gate {
  readonly kind: string | undefined;
  readonly seed: number;
  /** start, end, start, end, …: half-open and ascending. */
  readonly ranges: readonly number[];
  /** Whether a unit without a key takes part: of a holdout it does, of a layer it does not. */
  readonly open: boolean;
}

export type Clause = AttributeClause | SegmentClause;

interface Link {
  /** The next clause of the same rule. */
  readonly next: Clause | undefined;
}

export interface AttributeClause extends Link {
  readonly operator: Operator;
  /** One operand, or, with `MANY`, a list of them. */
  readonly operand: Operand;
  /** One name, or several from the outside in; of another kind than user, the kind's name first, as its root lies there. */
  readonly path: string | readonly string[];
  /** Sum of the marks below. */
  readonly marks: number;
}

export const NEGATED = 1;
export const IGNORES_CASE = 2;
/** `path` is `region`, `cloud` or `pop`, and the evaluator's own place is read, not the context. */
export const OF_PLACE = 4;
/** `operand` is a list. */
export const MANY = 8;

/** The same fields, so that the evaluator meets one kind of object. Of the marks, only `NEGATED` means something. */
export interface SegmentClause extends Link {
  readonly operator: undefined;
  readonly operand: readonly Segment[];
  readonly path: undefined;
  readonly marks: number;
}

export interface Segment {
  readonly name: string;
  readonly kind: string | undefined;
  readonly included: ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
  /** The first clause of each. */
  readonly rules: readonly Clause[];
}
