/** What the figures have to reach, and whether they do. */
import { akamaiOutcomes } from '../akamai/targets.ts';
import { type CaseName, flagsPerRun } from '../cases.ts';
import { auditOutcomes, controlOutcomes } from '../control/targets.ts';
import { distributionOutcomes } from '../distribution/targets.ts';
import { emitOutcomes } from '../emit/targets.ts';
import { guardrailOutcomes } from '../guardrails/targets.ts';
import { ingestOutcomes } from '../ingest/targets.ts';
import { relayOutcomes } from '../relay/targets.ts';
import type { SubjectName } from '../subject.ts';
import { expresses } from './notes.ts';
import type { Parts } from './parts.ts';
import type { Results, Row } from './rows.ts';

export interface Outcome {
  readonly target: string;
  readonly found: string;
  /** Undefined where the run has not measured it. */
  readonly met: boolean | undefined;
  /** Shown for what it is worth; a miss does not count. */
  readonly informative: boolean;
}

type Figures = Pick<Results, 'results' | 'sizes' | keyof Parts>;

interface Target {
  readonly target: string;
  readonly limit: number;
  /** Undefined where the run has not measured it. */
  readonly figure: (figures: Figures) => number | undefined;
  /** Whether the figure has to reach the limit instead of staying below it. */
  readonly atLeast?: true;
  readonly informative?: true;
  readonly unit: 'x' | ' B';
}

const rowOf = (results: readonly Row[], name: CaseName, subject: SubjectName): Row | undefined =>
  results.find((row) => row.case === name && row.subject === subject);

const over = (above: number | undefined, below: number | undefined): number | undefined =>
  above === undefined || below === undefined ? undefined : above / below;

/** Lockstep's time over the floor's. */
const timesFloor =
  (name: CaseName) =>
  ({ results }: Figures): number | undefined =>
    over(rowOf(results, name, 'lockstep')?.ns, rowOf(results, name, 'floor')?.ns);

/** The fastest peer's time over Lockstep's; of the peers that do all that the case asks, or of any. */
const timesFaster =
  (name: CaseName, any = false) =>
  ({ results }: Figures): number | undefined => {
    const peers = results.filter(({ subject }) => subject !== 'lockstep' && subject !== 'floor');
    const times = peers.filter((row) => row.case === name && (any || expresses(name, row.subject))).map(({ ns }) => ns);
    return times.length === 0 ? undefined : over(Math.min(...times), rowOf(results, name, 'lockstep')?.ns);
  };

/** Bytes per evaluation of a flag beyond the context that the case makes. */
const allocated =
  (name: CaseName) =>
  ({ results }: Figures): number | undefined => {
    const row = rowOf(results, name, 'lockstep');
    if (row?.bytes === undefined) return undefined;
    return Math.round((row.bytes - (row.contextBytes ?? 0)) / flagsPerRun(name));
  };

/** Lockstep's payload over a peer's, 5,000 flags. */
const timesSize =
  (subject: SubjectName, form: 'raw' | 'gzip') =>
  ({ sizes }: Figures): number | undefined => {
    const of = (name: SubjectName) => sizes.find((row) => row.flags === 5_000 && row.subject === name)?.[form];
    return over(of('lockstep'), of(subject));
  };

const perFlag =
  (name: CaseName) =>
  ({ results }: Figures): number | undefined =>
    rowOf(results, name, 'lockstep')?.bytesPerFlag;

const TARGETS: readonly Target[] = [
  { target: 'a: at most 2x its floor', limit: 2, figure: timesFloor('a'), unit: 'x' },
  { target: 'b: at most 1.25x its floor', limit: 1.25, figure: timesFloor('b'), unit: 'x' },
  { target: 'b-warm: at most 1.5x its floor', limit: 1.5, figure: timesFloor('b-warm'), unit: 'x' },
  {
    target: 'b: at least 2.2x as fast as the fastest peer',
    limit: 2.2,
    figure: timesFaster('b'),
    atLeast: true,
    unit: 'x',
  },
  { target: 'b-warm: at least 10x', limit: 10, figure: timesFaster('b-warm'), atLeast: true, unit: 'x' },
  ...(['c', 'd'] as const).flatMap((name): Target[] => [
    { target: `${name}: at least 5x`, limit: 5, figure: timesFaster(name), atLeast: true, unit: 'x' },
    {
      target: `${name}: the same, counting a peer that cannot compare versions`,
      limit: 5,
      figure: timesFaster(name, true),
      atLeast: true,
      informative: true,
      unit: 'x',
    },
  ]),
  ...(['a', 'b', 'b-warm', 'c', 'd'] as const).map(
    (name): Target => ({
      target: `${name}: at most 72 bytes per evaluation beyond the context`,
      limit: 72,
      figure: allocated(name),
      unit: ' B',
    }),
  ),
  {
    target: '5,000 flags opened lazily: at most 0.4x JSON.parse',
    limit: 0.4,
    figure: timesFloor('e-5000-lazy'),
    unit: 'x',
  },
  {
    target: '5,000 flags opened, each evaluated once: at most 2x JSON.parse',
    limit: 2,
    figure: timesFloor('e-5000-evaluated'),
    unit: 'x',
  },
  { target: 'heap per flag, opened lazily: at most 650 bytes', limit: 650, figure: perFlag('e-5000-lazy'), unit: ' B' },
  {
    target: 'heap per flag, each evaluated once: at most 650 bytes',
    limit: 650,
    figure: perFlag('e-5000-evaluated'),
    unit: ' B',
  },
  { target: "raw bytes: fewer than flagd's", limit: 1, figure: timesSize('flagd-core', 'raw'), unit: 'x' },
  { target: "raw bytes: fewer than GrowthBook's", limit: 1, figure: timesSize('growthbook', 'raw'), unit: 'x' },
  { target: "gzipped bytes: fewer than GrowthBook's", limit: 1, figure: timesSize('growthbook', 'gzip'), unit: 'x' },
];

/** Every target beside what was found. */
export const outcomesOf = (figures: Figures): Outcome[] => [
  ...TARGETS.map(({ target, limit, figure, atLeast, unit, informative = false }) => {
    const found = figure(figures);
    if (found === undefined) return { target, found: '-', met: undefined, informative };
    const met = atLeast === true ? found >= limit : found <= limit;
    return { target, found: `${unit === 'x' ? found.toFixed(2) : String(found)}${unit}`, met, informative };
  }),
  ...akamaiOutcomes(figures.akamai),
  ...controlOutcomes(figures.control),
  ...auditOutcomes(figures.audit),
  ...emitOutcomes(figures.emit),
  ...relayOutcomes(figures.relay),
  ...distributionOutcomes(figures.distribution),
  ...guardrailOutcomes(figures.guardrails),
  ...ingestOutcomes(figures.ingest),
];

/** Whether no target that counts was measured and missed. */
export const allMet = (outcomes: readonly Outcome[]): boolean =>
  outcomes.every(({ met, informative }) => met !== false || informative);
