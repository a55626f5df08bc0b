/** What shards counted, in the form in which guardrails take it. */
import type { ArmCounts, CountsCell, Sketch, SketchStatistics, Statistics } from '#rollout/evidence/statistics';
import type { Cohort } from '#schema/cohort';
import type { Arm, Uncounted } from './join-outcomes.ts';

/** Units by the minute of their first exposure at a revision. */
export interface ExposureCount {
  readonly stage: number;
  readonly revision: number;
  readonly minute: number;
  readonly region: string;
  readonly arm: Arm;
  readonly count: number;
}

/** First outcomes, by the minute of the exposure. */
export interface OutcomeCount extends ExposureCount {
  readonly metric: string;
}

export interface SketchCount {
  readonly metric: string;
  readonly stage: number;
  readonly region: string;
  readonly arm: Arm;
  readonly bucket: number;
  readonly count: number;
}

/** Outcomes that have waited their time and were not counted. `region`: their own. */
export interface UncountedCount {
  readonly metric: string;
  readonly region: string;
  readonly reason: Uncounted;
  readonly count: number;
}

/** Of one shard. Shards hold disjoint units: what several counted is a longer list. */
export interface CohortCounts {
  readonly exposures: readonly ExposureCount[];
  readonly outcomes: readonly OutcomeCount[];
  readonly sketches: readonly SketchCount[];
  readonly uncounted: readonly UncountedCount[];
}

export interface MetricStatistics {
  readonly name: string;
  readonly kind: Cohort['metrics'][number]['kind'];
  /** Of counts, one; of sketches, one for each stage that has samples. */
  readonly statistics: readonly Statistics[];
  /** Outcomes that were counted, or why they were not. */
  readonly outcomes: Readonly<Record<'counted' | 'unattributed' | 'repeated' | 'unusable' | 'otherVariation', number>>;
}

/** Of one region: each has a watermark of its own, and the reader adds up those that he trusts. */
export interface RegionStatistics {
  readonly region: string;
  readonly exposures: Readonly<Record<Arm, number>>;
  readonly metrics: readonly MetricStatistics[];
}

export function regionStatistics(cohort: Cohort, region: string, shards: readonly CohortCounts[]): RegionStatistics {
  const own = <T extends { readonly region: string }>(list: (counts: CohortCounts) => readonly T[]): T[] =>
    shards.flatMap(list).filter((one) => one.region === region);
  const exposures = own((counts) => counts.exposures);
  const outcomes = own((counts) => counts.outcomes);
  const sketches = own((counts) => counts.sketches);
  const uncounted = own((counts) => counts.uncounted);
  const metrics = cohort.metrics.map(({ name, kind }): MetricStatistics => {
    const firsts = outcomes.filter(({ metric }) => metric === name);
    const samples = sketches.filter(({ metric }) => metric === name);
    const why = (reason: Uncounted): number =>
      total(uncounted.filter((one) => one.metric === name && one.reason === reason));
    return {
      name,
      kind,
      statistics:
        kind === 'latency' ? sketchStatistics(samples) : [{ source: 'counts', cells: countsCells(exposures, firsts) }],
      outcomes: {
        counted: total(firsts) + total(samples),
        unattributed: why('unattributed'),
        repeated: why('repeated'),
        unusable: why('unusable'),
        otherVariation: why('other-variation'),
      },
    };
  });
  const ofArm = (arm: Arm): number => total(exposures.filter((one) => one.arm === arm));
  return { region, exposures: { treatment: ofArm('treatment'), control: ofArm('control') }, metrics };
}

const total = (counts: readonly { readonly count: number }[]): number =>
  counts.reduce((sum, { count }) => sum + count, 0);

type Building = { -readonly [Name in keyof CountsCell]: CountsCell[Name] };

/** Ascending by stage, revision and minute. */
export function countsCells(exposures: readonly ExposureCount[], outcomes: readonly ExposureCount[]): CountsCell[] {
  const cells = new Map<string, Building>();
  const add = (name: keyof ArmCounts, { stage, revision, minute, arm, count }: ExposureCount): void => {
    const key = `${stage} ${revision} ${minute}`;
    const none: ArmCounts = { exposures: 0, outcomes: 0 };
    const cell = cells.get(key) ?? { stage, revision, minute, treatment: none, control: none };
    cells.set(key, cell);
    cell[arm] = { ...cell[arm], [name]: cell[arm][name] + count };
  };
  for (const one of exposures) add('exposures', one);
  for (const one of outcomes) add('outcomes', one);
  return [...cells.values()].sort((a, b) => a.stage - b.stage || a.revision - b.revision || a.minute - b.minute);
}

function sketchStatistics(samples: readonly SketchCount[]): SketchStatistics[] {
  const stages = [...new Set(samples.map(({ stage }) => stage))].sort((a, b) => a - b);
  return stages.map((stage) => {
    const sketchOf = (arm: Arm): Sketch => sketch(samples.filter((one) => one.stage === stage && one.arm === arm));
    return { source: 'sketch', stage, treatment: sketchOf('treatment'), control: sketchOf('control') };
  });
}

function sketch(samples: readonly SketchCount[]): Sketch {
  if (samples.length === 0) return { first: 0, counts: [] };
  const buckets = samples.map(({ bucket }) => bucket);
  const first = Math.min(...buckets);
  const counts = new Array<number>(Math.max(...buckets) - first + 1).fill(0);
  for (const { bucket, count } of samples) counts[bucket - first] = (counts[bucket - first] as number) + count;
  return { first, counts };
}
