/** The bounds of rollout files. Zod-free, as `limits.ts` is. */

/** A rollout file, in characters. */
export const MAX_ROLLOUT_FILE = 256 * 1024;
export const MAX_STAGES = 32;
export const MAX_GUARDRAILS = 32;
export const MAX_REGIONS = 256;
export const MAX_WINDOWS = 32;
/** The name of a monitor or of a metric; a query of Prometheus. */
export const MAX_MONITOR = 200;
export const MAX_QUERY = 4_096;
export const MAX_TIME_ZONE = 64;

/** Four weeks. A stage that bakes for longer is two changes. */
export const MAX_BAKE_MINUTES = 28 * 24 * 60;
/** Six seconds: what the tests and the local planet take. A tick is 10 s. */
export const MIN_BAKE_MINUTES = 0.1;
export const MAX_LEASE_MINUTES = 24 * 60;
export const MAX_EVIDENCE = 1_000_000_000;

/** 500 %. The test knows no increase above twelvefold. */
export const MAX_RELATIVE_INCREASE = 5;
export const MAX_RELATIVE_DECREASE = 0.5;
/** The chance of a false breach over a whole rollout, by guardrail. */
export const MIN_ALPHA = 0.000_1;
export const MAX_ALPHA = 0.05;
export const DEFAULT_ALPHA = 0.01;
/** Ticks that a rule of points looks back over. */
export const MAX_TICKS = 60;

/** Served less while the last stage, written 100, is compared with somebody. */
export const DEFAULT_HOLDBACK = 5;
export const MAX_HOLDBACK = 50;
/** Of the exposed arm, before a stage may be left. */
export const DEFAULT_EXPOSURES = 100;
export const DEFAULT_LEASE_MINUTES = 10;
