/** Bounds that an evaluation itself keeps to, whatever the context holds. Part of `docs/evaluation.md`. */

/** A split's resolution: 1 bucket is 0.001 %. */
export const BUCKETS = 100_000;
/** A longer unit key counts as missing (UTF-16 code units). */
export const MAX_UNIT_KEY = 2_048;
/** A longer string attribute suits no operator but `exists` (UTF-16 code units). */
export const MAX_ATTRIBUTE_STRING = 16_384;
/** A longer input suits no regular expression (UTF-16 code units). */
export const MAX_PATTERN_INPUT = 1_024;
/** Elements of an array attribute that are looked at; later ones are ignored. */
export const MAX_ATTRIBUTE_ELEMENTS = 1_000;
