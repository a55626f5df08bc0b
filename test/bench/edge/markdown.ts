/** A run's figures as text to read. */
import { targetTable } from '../report/markdown.ts';
import { figure, ratio, table } from '../report/table.ts';
import type { Outcome } from '../report/targets.ts';
import { FIRST_CASES, type FirstRow } from './first-decision.ts';
import { REQUEST_CASES, type RequestRow, SUBJECTS, WAYS } from './requests.ts';
import { type Figures, timesBare, timesFloor } from './targets.ts';

/** CPU of one case at one way; the spread is over all rounds of all processes. */
function requestTable(rows: readonly RequestRow[]): string {
  const cells = SUBJECTS.flatMap((subject) => {
    const row = rows.find((one) => one.subject === subject);
    if (row === undefined) return [];
    const all = row.rounds.flat();
    const over = (floor: 'empty' | 'reading'): string => ratio(timesFloor(rows, row.case, row.way, subject, floor));
    return [
      [subject, figure(row.us), over('empty'), over('reading'), figure(Math.min(...all)), figure(Math.max(...all))],
    ];
  });
  return table(['subject', 'us', '/ empty', '/ reading', 'lowest', 'highest'], cells);
}

function firstTable(rows: readonly FirstRow[]): string {
  const cells = FIRST_CASES.flatMap((name) =>
    rows
      .filter((row) => row.case === name)
      .map(({ subject, bytes, ms, samples }) => [
        `${name} ${subject}`,
        figure(bytes),
        ms.toFixed(2),
        subject === 'bare' ? '1.00' : ratio(timesBare(rows, name)),
        Math.min(...samples).toFixed(2),
        Math.max(...samples).toFixed(2),
      ]),
  );
  return table(['case', 'ruleset B', 'ms', '/ bare', 'lowest', 'highest'], cells);
}

export const markdown = (versions: string, figures: Figures, outcomes: readonly Outcome[]): string =>
  [
    '# The edge Worker beside empty ones\n',
    `${versions}. See ../README.md for what is measured and how: only ratios within one run mean anything.\n`,
    `## Targets\n\n${targetTable(outcomes)}\n`,
    ...WAYS.flatMap((way) =>
      REQUEST_CASES.map((name) => {
        const rows = figures.requests.filter((row) => row.case === name && row.way === way);
        return rows.length === 0 ? '' : `## CPU of a request: ${name}, ${way}\n\n${requestTable(rows)}\n`;
      }),
    ),
    `## First decision of an isolate\n\n${firstTable(figures.first)}\n`,
    `## Bundle\n\n${figure(figures.bundle.bytes)} bytes, ${figure(figures.bundle.gzip)} gzipped.\n`,
  ].join('\n');
