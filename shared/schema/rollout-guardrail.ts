/**
 * What must not get worse, who says so, and how much of it is too much. `maxRelativeIncrease` is no bound on a measured number:
 * it is breached by evidence that the true increase exceeds it.
 */
import * as z from 'zod';
import {
  DEFAULT_ALPHA,
  MAX_ALPHA,
  MAX_EVIDENCE,
  MAX_MONITOR,
  MAX_QUERY,
  MAX_RELATIVE_DECREASE,
  MAX_RELATIVE_INCREASE,
  MAX_TICKS,
  MIN_ALPHA,
} from './rollout-limits.ts';

/**
 * What a source gives. `counts` and `sketch`: of our own pipeline, unit by unit, tested validly however often one looks. `point`: a
 * number a tick. `state`: what a monitor makes of its own threshold.
 */
export const SOURCES = ['counts', 'sketch', 'point', 'state'] as const;
export type GuardrailSource = (typeof SOURCES)[number];

/** Names that begin with it are those of what every rollout is watched by. */
export const OWN_PREFIX = 'lockstep:';

const printable = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}]+$/u, 'must have no control characters');

const relative = (most: number, sample: string) =>
  z.number().gt(0).max(most, `must be at most ${most}: it is a share, and ${sample} is 10 %`).exactOptional();

const breachAfter = z
  .strictObject({ ticks: z.int().min(1).max(MAX_TICKS), of: z.int().min(1).max(MAX_TICKS) })
  .refine(({ ticks, of }) => ticks <= of, 'must not take more ticks than it looks at');

const written = z.strictObject({
  /** As it stands in reports. Else it is what it reads. */
  name: printable(MAX_MONITOR).exactOptional(),
  /** Of our own pipeline. Where a monitor is named, too, this decides, and the monitor is shown beside it. */
  metric: printable(MAX_MONITOR).exactOptional(),
  datadogMonitor: printable(MAX_MONITOR).exactOptional(),
  prometheus: printable(MAX_QUERY).exactOptional(),
  source: z.enum(SOURCES).exactOptional(),
  maxRelativeIncrease: relative(MAX_RELATIVE_INCREASE, '0.10'),
  maxRelativeDecrease: relative(MAX_RELATIVE_DECREASE, '0.10'),
  /** Of the exposed arm by itself: a rate between 0 and 1 for counts, milliseconds of a sketch, else in the unit of what is read. */
  max: z.number().exactOptional(),
  min: z.number().exactOptional(),
  alpha: z.number().min(MIN_ALPHA).max(MAX_ALPHA).default(DEFAULT_ALPHA),
  /** Of points alone. */
  breachAfter: breachAfter.exactOptional(),
  minimumSample: z.int().min(1).max(MAX_EVIDENCE).exactOptional(),
});

type Written = z.output<typeof written>;

export const guardrail = written.check(({ value, issues }) => {
  const add = (key: keyof Written | undefined, message: string): void =>
    void issues.push({ code: 'custom', path: key === undefined ? [] : [key], message, input: value });
  const { metric, datadogMonitor, prometheus, source, max, min, maxRelativeIncrease, maxRelativeDecrease } = value;
  if (guardrailName(value).startsWith(OWN_PREFIX))
    add('name', `must not begin with ${OWN_PREFIX} as do those of what every rollout is watched by`);
  if (metric === undefined && datadogMonitor === undefined && prometheus === undefined)
    add(undefined, 'must name what it reads: metric, datadogMonitor or prometheus');
  if (datadogMonitor !== undefined && prometheus !== undefined)
    add('prometheus', 'must not be there beside datadogMonitor: make two guardrails of it');
  if (metric === undefined && (source === 'counts' || source === 'sketch'))
    add('source', `must be point or state: ${source} comes from a metric of our own pipeline`);
  if (metric !== undefined && source === 'state')
    add('source', 'must be counts, sketch or point: a metric of our own pipeline has no state');
  if (prometheus !== undefined && source === 'state')
    add('source', 'must be point: a query of Prometheus gives a number');
  if (maxRelativeIncrease !== undefined && maxRelativeDecrease !== undefined)
    add('maxRelativeDecrease', 'must not be there beside maxRelativeIncrease: make two guardrails of it');
  if (max !== undefined && min !== undefined && min >= max) add('min', 'must be below max');
  checkThresholds(value, add);
});

function checkThresholds(value: Written, add: (key: keyof Written | undefined, message: string) => void): void {
  const source = sourceOf(value);
  const hasThreshold = THRESHOLDS.some((key) => value[key] !== undefined);
  if (source === 'state') {
    if (hasThreshold) add('source', 'must be point where there is a threshold: the state of a monitor has its own');
  } else if (!hasThreshold) add(undefined, `must have ${THRESHOLDS.join(', ')}, one of them at least`);
  if (source === 'counts')
    for (const key of ['max', 'min'] as const)
      if (!isRate(value[key])) add(key, 'must be above 0 and below 1: counts give a rate');
  if (source === 'sketch' || source === 'point')
    for (const [key, other] of [
      ['maxRelativeDecrease', 'maxRelativeIncrease'],
      ['min', 'max'],
    ] as const)
      if (value[key] !== undefined)
        add(key, `must be ${other}: of a ${source} only growth is judged, so read failures, not successes`);
  if (source === 'sketch' && value.max !== undefined && value.max <= 0)
    add('max', 'must be above 0: it is milliseconds');
  if (source !== 'point')
    for (const key of ['breachAfter', 'minimumSample'] as const)
      if (value[key] !== undefined) add(key, `must not be there: it is for points, and this is ${source}`);
}

const THRESHOLDS = ['maxRelativeIncrease', 'maxRelativeDecrease', 'max', 'min'] as const;

const isRate = (value: number | undefined): boolean => value === undefined || (value > 0 && value < 1);

/** A monitor without a threshold beside it has its own. */
export function sourceOf(guardrail: Written): GuardrailSource {
  if (guardrail.source !== undefined) return guardrail.source;
  if (guardrail.metric !== undefined) return 'counts';
  const hasThreshold = THRESHOLDS.some((key) => guardrail[key] !== undefined);
  return hasThreshold || guardrail.prometheus !== undefined ? 'point' : 'state';
}

/** Unique within its rollout. */
export const guardrailName = ({ name, metric, datadogMonitor, prometheus }: Written): string =>
  name ?? metric ?? datadogMonitor ?? prometheus ?? '';

export type Guardrail = Written;
