/**
 * A rollout and what was seen of it, look by look: what `lockstep rollout explain` reads. Statistics are cumulative. That a count is
 * whole, not negative and not fewer than before is judged, not parsed: a guardrail holds where it is not.
 */
import * as z from 'zod';
import { MAX_TIME } from './exposure-limits.ts';
import { rollout } from './rollout.ts';
import { MAX_MONITOR } from './rollout-limits.ts';

/** The file, in characters. */
export const MAX_STATISTICS_FILE = 32 * 1024 * 1024;
const MAX_LOOKS = 10_000;
const MAX_CELLS = 720;
const MAX_BUCKETS = 2_000;
const MAX_ATTEMPTS = 100;

const arm = z.strictObject({ exposures: z.number(), outcomes: z.number() });
const cell = z.strictObject({
  stage: z.number(),
  revision: z.number(),
  minute: z.number(),
  treatment: arm,
  control: arm,
});
const sketch = z.strictObject({ first: z.number(), counts: z.array(z.number()).max(MAX_BUCKETS) });
const reading = z.number().nullable();

const statistics = z.discriminatedUnion('source', [
  z.strictObject({ source: z.literal('counts'), cells: z.array(cell).max(MAX_CELLS) }),
  z.strictObject({ source: z.literal('sketch'), stage: z.number(), treatment: sketch, control: sketch }),
  z.strictObject({
    source: z.literal('point'),
    at: z.number(),
    treatment: reading,
    control: reading,
    samples: reading,
  }),
  z.strictObject({
    source: z.literal('state'),
    at: z.number(),
    state: z.string().max(MAX_MONITOR).nullable(),
    muted: z.boolean(),
  }),
]);

const look = z.strictObject({
  /** Milliseconds since 1970, up to when telemetry is complete. */
  at: z.int().min(0).max(MAX_TIME),
  /** Of the exposed variation: of a stage, or what is left of 100 without the holdback. */
  percent: z.number(),
  guardrails: z.array(z.strictObject({ name: z.string().min(1), statistics })),
});

export const rolloutStatistics = z.strictObject({
  rollout,
  /** 0, and one more each time it went on after a breach. */
  attempt: z.int().min(0).max(MAX_ATTEMPTS).default(0),
  looks: z.array(look).min(1).max(MAX_LOOKS),
});

export type RolloutStatistics = z.output<typeof rolloutStatistics>;
export type RolloutLook = z.output<typeof look>;
