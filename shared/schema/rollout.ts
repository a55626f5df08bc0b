/**
 * A rollout file: a ramp of one flag through stages, each of which bakes, and what must not get worse meanwhile. Messages are written
 * for the person who made the mistake.
 */
import * as z from 'zod';
import { MAX_APPROVALS, MAX_ROLES } from './control-limits.ts';
import { flagKey, name } from './entry.ts';
import { PLACE_PATTERN } from './exposure-limits.ts';
import { MAX_NAME } from './limits.ts';
import { guardrail, guardrailName } from './rollout-guardrail.ts';
import * as limit from './rollout-limits.ts';
import { schedule } from './rollout-schedule.ts';

const minutes = (most: number) => z.number().min(limit.MIN_BAKE_MINUTES).max(most);
const bakeMinutes = minutes(limit.MAX_BAKE_MINUTES);
const amount = z.int().min(0).max(limit.MAX_EVIDENCE);

/** Of the exposed arm, in the stage. It keeps a stage from being left, and never a breach from being seen. */
const minimumEvidence = z.strictObject({
  exposures: amount.default(limit.DEFAULT_EXPOSURES),
  outcomes: amount.default(0),
});

/** Other people than those who wrote the plan. Without roles, whoever may approve changes of the flag. */
const approval = z.strictObject({
  count: z.int().min(1).max(MAX_APPROVALS).default(1),
  roles: z.array(name).max(MAX_ROLES).default([]),
});

/** As fine as buckets are. A rollout begins at 0 by itself. */
const isPercent = (value: number, most = 100): boolean =>
  value > 0 && value <= most && Math.abs(value * 1_000 - Math.round(value * 1_000)) < 1e-6;

const stagePercent = z
  .number()
  .refine((value) => isPercent(value), 'must be a percentage above 0 and up to 100, in steps of 0.001');

const stage = z.strictObject({
  percent: stagePercent,
  bakeMinutes: bakeMinutes.exactOptional(),
  minimumEvidence: minimumEvidence.exactOptional(),
  /** Before the stage is entered. */
  approval: approval.exactOptional(),
});

const stages = z
  .array(z.union([stagePercent, stage]).transform((one) => (typeof one === 'number' ? { percent: one } : one)))
  .min(1)
  .max(limit.MAX_STAGES)
  .check(({ value, issues }) => {
    // What is no percentage is told already, and has not been made a mapping of.
    const percents = value.map((one) => (typeof one === 'object' && isPercent(one.percent) ? one.percent : undefined));
    for (const [at, own] of percents.entries()) {
      const before = percents[at - 1];
      if (own === undefined || before === undefined || own > before) continue;
      const message = `must be more than the stage before, which is ${before}: stages only grow`;
      issues.push({ code: 'custom', path: [at], message, input: own });
    }
  });

const guardrails = z
  .array(guardrail)
  .min(1, 'must have one at least: without a guardrail nothing would ever go back')
  .max(limit.MAX_GUARDRAILS)
  .check(({ value, issues }) => {
    const names = value.map(guardrailName);
    for (const [at, own] of names.entries()) {
      if (names.indexOf(own) === at) continue;
      const message = `reads ${JSON.stringify(own)}, as another one does: give it a name of its own`;
      issues.push({ code: 'custom', path: [at], message, input: own });
    }
  });

const holdbackPercent = z
  .number()
  .refine(
    (value) => isPercent(value, limit.MAX_HOLDBACK),
    `must be none, or a percentage above 0 and up to ${limit.MAX_HOLDBACK}, in steps of 0.001`,
  );

const region = z.string().min(1).max(MAX_NAME).regex(PLACE_PATTERN, 'must be printable ASCII');

export const rollout = z
  .strictObject({
    flag: flagKey,
    /** The variation that grows. Else the only one beside the rest. */
    variation: name.exactOptional(),
    /** The rule whose split grows. Else the fallthrough's. */
    rule: name.exactOptional(),
    stages,
    bakeMinutes,
    minimumEvidence: minimumEvidence.default({ exposures: limit.DEFAULT_EXPOSURES, outcomes: 0 }),
    /** Percent that the stage written 100 keeps back at first, so that there is somebody to compare with. */
    holdback: z.union([z.literal('none'), holdbackPercent]).default(limit.DEFAULT_HOLDBACK),
    guardrails,
    onBreach: z.enum(['rollbackToZero', 'hold', 'previousStage'], {
      error: ({ input }) => (input === undefined ? 'is missing' : undefined),
    }),
    /** Where for `blindMinutes` (else a whole bake) there was nothing to see. */
    onBlind: z.enum(['hold', 'rollback']).default('hold'),
    blindMinutes: bakeMinutes.exactOptional(),
    /** What an evaluator serves that hears nothing: what it has, or, once its lease has run out, control. */
    onStale: z.enum(['keep', 'control']).default('keep'),
    leaseMinutes: minutes(limit.MAX_LEASE_MINUTES).exactOptional(),
    schedule: schedule.exactOptional(),
    /** Those that must have a stage before it bakes. */
    regions: z.union([z.literal('all'), z.array(region).min(1).max(limit.MAX_REGIONS)]).default('all'),
    /** Whose word it takes to loosen the plan while it runs. */
    approval: approval.default({ count: 1, roles: [] }),
  })
  .check(({ value, issues }) => {
    const add = (path: PropertyKey[], message: string): void =>
      void issues.push({ code: 'custom', path, message, input: value });
    const { stages: all, holdback, onStale, leaseMinutes } = value;
    const before = all.at(-2)?.percent ?? 0;
    if (all.at(-1)?.percent === 100 && holdback !== 'none' && 100 - holdback <= before)
      add(
        ['holdback'],
        `must keep back less than ${100 - before}: the last stage would serve ${100 - holdback} after ${before}; or write none`,
      );
    if (onStale === 'keep' && leaseMinutes !== undefined)
      add(['leaseMinutes'], 'must not be there with onStale: keep, which knows no lease');
  });

export const rolloutFile = z.strictObject(
  { rollout },
  { error: ({ code }) => (code === 'invalid_type' ? 'must be a mapping, with rollout as its one key' : undefined) },
);

/** As written, before defaults. */
export type RolloutInput = z.input<typeof rollout>;
export type Rollout = z.output<typeof rollout>;
export type Approval = z.output<typeof approval>;
export type MinimumEvidence = z.output<typeof minimumEvidence>;
