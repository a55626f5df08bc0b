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

/** A flag whose decision depends on the context. */
export interface Targeting extends Flag {
  readonly constant: undefined;
  readonly version: number;
  readonly revision: number;
  readonly variations: readonly Variation[];
  /** Index of the variation served where the flag is held off; `variations.length`: nothing is served. */
  readonly off: number;
  /** The same where the flag cannot be evaluated. */
  readonly offlineDefault: number;
  /** What comes before the rules; undefined for the many flags that have none of it. */
  readonly gates: Gates | undefined;
  readonly rules: readonly Exit[];
  readonly fallthrough: Exit;
}

/** Name, value, and id: the first 48 bits of the SHA-256 of the value's canonical JSON, base64url. */
export type Variation = readonly [name: string, value: JsonValue, id: string];

export interface Gates {
  readonly prerequisites: readonly Prerequisite[];
  readonly targets: readonly Target[];
  readonly targetExit: Exit;
  /** The holdout, then the layer, as far as there are any. */
  readonly slices: readonly Slice[];
}

export interface Prerequisite {
  readonly key: string;
  readonly flag: Flag;
  /** Names of the variations of which one must be served. */
  readonly variations: readonly string[];
  readonly exit: Exit;
}

/** Units that are served a variation by name. */
export interface Target {
  readonly variation: number;
  readonly kind: string | undefined;
  readonly keys: ReadonlySet<string>;
}

/** A holdout or a layer: units with a bucket outside the ranges are kept off the flag. */
export interface Slice {
  readonly kind: string | undefined;
  readonly seed: number;
  /** start, end, start, end, …: half-open and ascending. */
  readonly ranges: readonly number[];
  /** Whether a unit without a key takes part: of a holdout it does, of a layer it does not. */
  readonly open: boolean;
  readonly exit: Exit;
}

/** A rule, the fallthrough, or a gate: where an evaluation may end, and the decisions that it served, each made once. */
export interface Exit {
  /** All of them must hold. Of a fallthrough and of a gate, none. */
  readonly clauses: readonly Clause[];
  /** The variation that is served, or the split that picks it; of a gate, nothing. */
  readonly outcome: number | Split | undefined;
  readonly reason: 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT';
  /** Of a rule, its id; of a gate, what its decisions carry as metadata. */
  readonly label: string | Metadata | undefined;
  /** By variation, one more for nothing; undefined until first served. */
  decisions: (Decision | undefined)[] | undefined;
  /** The same for contexts that lacked a unit key on their way. */
  warned: (Decision | undefined)[] | undefined;
}

export interface Split {
  readonly kind: string | undefined;
  readonly seed: number;
  /**
   * variation, end, variation, end, …: each range of buckets is half-open and starts at the end before it; the last ends at
   * 100,000. One range is everybody, and needs no unit key.
   */
  readonly ranges: readonly number[];
  /** The variation that growth is taken from: served where a fallthrough's unit has no key. */
  readonly rest: number;
}

export type Clause = AttributeClause | SegmentClause;

export interface AttributeClause {
  readonly segments?: undefined;
  readonly operator: Operator;
  /** One operand, or, with `MANY`, a list of them. */
  readonly operand: Operand;
  readonly kind: string | undefined;
  /** One name, or several from the outside in. */
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

export interface SegmentClause {
  readonly segments: readonly Segment[];
  readonly negate: boolean;
}

export interface Segment {
  readonly name: string;
  readonly kind: string | undefined;
  readonly included: ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
  readonly rules: readonly (readonly Clause[])[];
}
