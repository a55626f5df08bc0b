/** A decision as programs see it: OpenFeature's words, the value that they go by, and why it is that one. */
import type { Decision, ErrorCode, JsonValue } from '#core/decision';
import { NO_RULESET } from '#ruleset/offline';

export interface Details<Value> {
  readonly key: string;
  readonly value: Value;
  /** The variation's name; undefined where `value` is the code's own. */
  readonly variation?: string;
  readonly reason: Reason;
  readonly errorCode?: DetailsError;
  /** What there is to say of it beside: `version`, `revision`, `rule`, `freshReason` where the reason is STALE, and warnings. */
  readonly metadata: Readonly<Record<string, string | number>>;
}

export type Reason = Exclude<Decision['reason'], never> | 'STALE';

export type DetailsError = ErrorCode | 'TYPE_MISMATCH';

/** Of a decision that holds a value of the right type, and of one that does not: where it is none, `value` is undefined. */
export type Found = Omit<Details<JsonValue | undefined>, 'key'>;

/** Decisions are frozen and shared by all who are served them: so is what is said of them. */
const fresh = new WeakMap<Decision, Found>();
const stale = new WeakMap<Decision, Found>();

export function foundOf(decision: Decision, isStale: boolean): Found {
  const known = isStale ? stale : fresh;
  const before = known.get(decision);
  if (before !== undefined) return before;
  const found = Object.freeze(describe(decision, isStale));
  known.set(decision, found);
  return found;
}

function describe(decision: Decision, isStale: boolean): Found {
  const { value, variation, reason, rule, revision, version, errorCode, metadata } = decision;
  if (errorCode !== undefined && value === undefined) {
    return { value: undefined, reason: 'ERROR', errorCode, metadata: Object.freeze({ version }) };
  }
  // A flag that cannot be evaluated serves its offline default: a value, and in the metadata why it is that one.
  const own = errorCode === undefined ? reason : 'DEFAULT';
  const isOld = isStale && errorCode === undefined;
  return {
    value,
    ...(variation !== undefined && { variation }),
    reason: isOld ? 'STALE' : own,
    metadata: Object.freeze({
      ...{ version, revision },
      ...(rule !== undefined && { rule }),
      ...(errorCode !== undefined && { errorCode }),
      ...(isOld && { freshReason: own }),
      ...metadata,
    }),
  };
}

/** Of a flag that nothing is known of, before there is any ruleset: the code's own value, and no mistake of the code. */
export const NOTHING_KNOWN: Found = Object.freeze({
  value: undefined,
  reason: 'DEFAULT',
  metadata: Object.freeze({ version: 0, warning: NO_RULESET }),
});

/** Of a flag whose values are of another type than was asked for. */
export const mistyped = ({ metadata }: Found): Found => ({
  value: undefined,
  reason: 'ERROR',
  errorCode: 'TYPE_MISMATCH',
  metadata,
});
