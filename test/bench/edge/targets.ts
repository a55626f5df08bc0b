/** What the figures have to reach, and whether they do. */
import type { Outcome } from '../report/targets.ts';
import type { Bundle } from './bundle.ts';
import type { FirstCase, FirstRow } from './first-decision.ts';
import type { RequestCase, RequestRow, Subject, Way } from './requests.ts';

export interface Figures {
  readonly requests: readonly RequestRow[];
  readonly first: readonly FirstRow[];
  readonly bundle: Bundle;
}

interface Target {
  readonly target: string;
  readonly limit: number;
  readonly unit: 'x' | ' B';
  /** Undefined where the run has not measured it. */
  readonly figure: (figures: Figures) => number | undefined;
  readonly informative?: true;
}

/** A subject's CPU over a floor's, in one run. */
export function timesFloor(
  rows: readonly RequestRow[],
  name: RequestCase,
  way: Way,
  subject: Subject,
  floor: Subject,
): number | undefined {
  const usOf = (wanted: Subject): number | undefined =>
    rows.find((row) => row.case === name && row.way === way && row.subject === wanted)?.us;
  const [above, below] = [usOf(subject), usOf(floor)];
  return above === undefined || below === undefined ? undefined : above / below;
}

export function timesBare(rows: readonly FirstRow[], name: FirstCase): number | undefined {
  const msOf = (subject: FirstRow['subject']): number | undefined =>
    rows.find((row) => row.case === name && row.subject === subject)?.ms;
  const [above, below] = [msOf('edge'), msOf('bare')];
  return above === undefined || below === undefined ? undefined : above / below;
}

const LIMITS = { one: 1.3, thirty: 1.6 } as const;
const NAMES = { one: 'one flag', thirty: 'thirty flags' } as const;

const request = (
  name: RequestCase,
  way: Way,
  subject: Subject,
  floor: Subject,
  target: string,
  counts: boolean,
): Target => ({
  target: `${NAMES[name]}${target}`,
  limit: LIMITS[name],
  unit: 'x',
  figure: ({ requests }) => timesFloor(requests, name, way, subject, floor),
  ...(!counts && { informative: true }),
});

const TARGETS: readonly Target[] = [
  ...(['one', 'thirty'] as const).flatMap((name) => [
    request(
      name,
      'proxy',
      'edge',
      'empty',
      `: at most ${LIMITS[name]}x an empty Worker, both behind Miniflare's front`,
      true,
    ),
    request(name, 'direct', 'edge', 'empty', ': the same at their own sockets', true),
    request(name, 'direct', 'edge-silent', 'empty', ', without exposures', false),
    request(name, 'direct', 'edge', 'reading', ', beside a Worker that reads the question', false),
    request(name, 'direct', 'edge-silent', 'reading', ', beside that, without exposures', false),
  ]),
  ...(['first-35', 'first-5000'] as const).map(
    (name): Target => ({
      target: `first decision, ${name.slice(6)} flags: at most 1.5x a bare KV read`,
      limit: 1.5,
      unit: 'x',
      figure: ({ first }) => timesBare(first, name),
    }),
  ),
  {
    target: 'bundle: at most 30 KB gzipped',
    limit: 30 * 1_024,
    unit: ' B',
    figure: ({ bundle }) => bundle.gzip,
  },
  { target: 'bundle: no zod', limit: 0, unit: 'x', figure: ({ bundle }) => Number(bundle.hasZod) },
];

/** Every target beside what was found. */
export const outcomesOf = (figures: Figures): Outcome[] =>
  TARGETS.map(({ target, limit, unit, figure, informative = false }) => {
    const found = figure(figures);
    if (found === undefined) return { target, found: '-', met: undefined, informative };
    const text = unit === 'x' ? `${found.toFixed(2)}x` : `${found}${unit}`;
    return { target, found: text, met: found <= limit, informative };
  });
