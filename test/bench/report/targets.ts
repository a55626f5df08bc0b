/** What the figures have to reach, and whether they do. */
import type { CaseName } from '../cases.ts';
import type { SubjectName } from '../subject.ts';
import type { Results, Row } from './rows.ts';

export interface Outcome {
  readonly target: string;
  readonly found: string;
  /** Undefined where the run has not measured it. */
  readonly met: boolean | undefined;
}

type Figures = Pick<Results, 'results' | 'sizes'>;

interface Target {
  readonly target: string;
  readonly limit: number;
  /** Undefined where the run has not measured it. */
  readonly figure: (figures: Figures) => number | undefined;
  /** Whether the figure has to reach the limit instead of staying below it. */
  readonly atLeast?: true;
  readonly unit: string;
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

/** The fastest peer's time over Lockstep's. */
const timesFaster =
  (name: CaseName) =>
  ({ results }: Figures): number | undefined => {
    const peers = results.filter((row) => row.case === name && row.subject !== 'lockstep' && row.subject !== 'floor');
    if (peers.length === 0) return undefined;
    return over(Math.min(...peers.map(({ ns }) => ns)), rowOf(results, name, 'lockstep')?.ns);
  };

/** Bytes per evaluation beyond the context that the case makes. */
const allocated =
  (name: CaseName) =>
  ({ results }: Figures): number | undefined => {
    const row = rowOf(results, name, 'lockstep');
    return row?.bytes === undefined ? undefined : row.bytes - (row.contextBytes ?? 0);
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
  { target: 'c: at least 5x', limit: 5, figure: timesFaster('c'), atLeast: true, unit: 'x' },
  { target: 'd: at least 5x', limit: 5, figure: timesFaster('d'), atLeast: true, unit: 'x' },
  ...(['a', 'b', 'b-warm', 'c'] as const).map(
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
export const outcomesOf = (figures: Figures): Outcome[] =>
  TARGETS.map(({ target, limit, figure, atLeast, unit }) => {
    const found = figure(figures);
    if (found === undefined) return { target, found: '-', met: undefined };
    const met = atLeast === true ? found >= limit : found <= limit;
    return { target, found: `${unit === 'x' ? found.toFixed(2) : String(found)}${unit}`, met };
  });
