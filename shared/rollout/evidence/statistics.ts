/**
 * What a guardrail is judged by: sufficient statistics, cumulative since the attempt began, of whole numbers only. Cohort shards hold
 * disjoint units, so statistics of several are merged by adding, in any order and any grouping (`merge.ts`).
 */

/** What a metric source returns decides what can be said of it. Only the first two allow verdicts that are valid at every look. */
export const SOURCES = ['counts', 'sketch', 'point', 'state'] as const;
export type Source = (typeof SOURCES)[number];

/** Units of one arm: exposed, and with a first outcome (error, decline, conversion) since. */
export interface ArmCounts {
  readonly exposures: number;
  readonly outcomes: number;
}

/**
 * The units whose first exposure at a revision fell into one minute, and their first outcomes whenever these came: outcomes arrive minutes
 * after exposure, from earlier cohorts and stages, so they are compared within the minute of the exposure and not within that of the outcome.
 */
export interface CountsCell {
  /** Index among the rollout's stages, from 0. */
  readonly stage: number;
  /** The flag's: a stage has several where its share changes within it (a holdback), and a change of share begins a new cell. */
  readonly revision: number;
  /** Of the first exposure, in minutes since 1970. */
  readonly minute: number;
  readonly treatment: ArmCounts;
  readonly control: ArmCounts;
}

export interface CountsStatistics {
  readonly source: 'counts';
  readonly cells: readonly CountsCell[];
}

/** A log-bucket sketch: `counts[i]` samples in bucket `first + i` of `sketch.ts`, at most one sample a unit a minute. */
export interface Sketch {
  readonly first: number;
  readonly counts: readonly number[];
}

/** Of one stage only: a sketch that spans stages mixes shares, and a spike in both arms then looks like harm. */
export interface SketchStatistics {
  readonly source: 'sketch';
  readonly stage: number;
  readonly treatment: Sketch;
  readonly control: Sketch;
}

/** A number that a monitoring system returned. Null: it returned none. */
export interface PointReading {
  readonly source: 'point';
  /** Milliseconds since 1970 that the number stands for. */
  readonly at: number;
  readonly treatment: number | null;
  /** Null where the limit is absolute. */
  readonly control: number | null;
  /** Requests or users behind the treated number; null where the system does not say. */
  readonly samples: number | null;
}

/** A monitor's state in its vendor's words, which `state.ts` sorts. */
export interface StateReading {
  readonly source: 'state';
  readonly at: number;
  readonly state: string | null;
  /** Somebody silenced it. */
  readonly muted: boolean;
}

export type Statistics = CountsStatistics | SketchStatistics | PointReading | StateReading;
