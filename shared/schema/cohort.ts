/** What the cohorts of a rollout are: declared to ingest by whoever ramps the flag, `PUT /v1/cohorts/{rollout}`. */
import * as z from 'zod';
import { flagKey, name, revision } from './entry.ts';
import { MAX_GUARDRAILS, MAX_STAGES } from './rollout-limits.ts';

/** Revisions of one stage: it has several where its share changes within it, or something that the flag uses. */
const MAX_STAGE_REVISIONS = 256;
/** A day: what waits for longer would need a day's outcomes in memory. */
const MAX_ATTRIBUTION_MINUTES = 24 * 60;
const DEFAULT_ATTRIBUTION_MINUTES = 30;

const metric = z.strictObject({
  /** As outcomes name it. */
  name,
  /** `rate`: errors, declines; `conversion`: the same, wanted; `latency`: milliseconds, one sample a unit a minute. */
  kind: z.enum(['rate', 'conversion', 'latency']),
  /** How long an outcome waits for an exposure that is late. */
  attributionMinutes: z.int().min(1).max(MAX_ATTRIBUTION_MINUTES).default(DEFAULT_ATTRIBUTION_MINUTES),
});

const stage = z.strictObject({
  /** Of the flag, at which this stage is served. */
  revisions: z.array(revision).max(MAX_STAGE_REVISIONS),
});

const isDistinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

export const cohort = z.strictObject({
  flag: flagKey,
  /** The flag's own. Of a `session` flag, a revision that goes backwards is an incident. */
  consistency: z.enum(['session', 'eventual']).default('eventual'),
  arms: z
    .strictObject({ treatment: name, control: name })
    .refine(({ treatment, control }) => treatment !== control, 'must be two variations'),
  stages: z
    .array(stage)
    .min(1)
    .max(MAX_STAGES)
    .refine((stages) => isDistinct(stages.flatMap(({ revisions }) => revisions)), 'must not share a revision'),
  metrics: z
    .array(metric)
    .max(MAX_GUARDRAILS)
    .refine((metrics) => isDistinct(metrics.map((one) => one.name)), 'must have names of their own'),
});

export const rolloutName = name;

export type Cohort = z.output<typeof cohort>;
export type CohortMetric = z.output<typeof metric>;
