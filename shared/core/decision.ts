/** What an evaluation answers. Reasons and error codes are OpenFeature's (specification, "Types"). */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type ErrorCode = 'FLAG_NOT_FOUND' | 'PARSE_ERROR' | 'INVALID_CONTEXT' | 'GENERAL';

export type Metadata = Readonly<Record<string, string>>;

interface Served {
  /** Deeply frozen, shared by everyone who is served it; undefined where the flag declares nothing to serve. */
  readonly value: JsonValue | undefined;
  /** The variation's name; undefined together with `value`. */
  readonly variation: string | undefined;
  /** The id of the rule that decided. */
  readonly rule: string | undefined;
  /** The version at which anything that this evaluation used last changed. */
  readonly revision: number;
  /** The version of the ruleset that answered. */
  readonly version: number;
  /** `warning`, `prerequisiteFailed`, `holdout`, `layer`: see `docs/evaluation.md`. */
  readonly metadata?: Metadata;
}

export type Decision =
  | (Served & {
      readonly reason: 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED';
      readonly errorCode?: never;
    })
  | (Served & { readonly reason: 'ERROR'; readonly errorCode: ErrorCode });
