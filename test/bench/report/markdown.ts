/** A run's figures as text to read. */
import { CASES, type CaseName, isDecoding, TITLES } from '../cases.ts';
import { partTexts } from './parts.ts';
import type { CryptoRow, Results, Row, Sizes } from './rows.ts';
import { figure, ratio, table } from './table.ts';
import type { Outcome } from './targets.ts';

/** The table of one case. */
export function caseTable(name: CaseName, rows: readonly Row[]): string {
  const mine = rows.filter((row) => row.case === name);
  const nsOf = (subject: string): number | undefined => mine.find((row) => row.subject === subject)?.ns;
  const [lockstep, floor] = [nsOf('lockstep'), nsOf('floor')];
  const decoding = isDecoding(name);
  const head = [
    'subject',
    'ns',
    '/ floor',
    '/ lockstep',
    ...(decoding ? ['heap B', 'B/flag'] : ['bytes', 'of context']),
  ];
  const cells = mine.map((row) => [
    row.subject,
    figure(row.ns),
    ratio(floor === undefined ? undefined : row.ns / floor),
    ratio(lockstep === undefined ? undefined : row.ns / lockstep),
    figure(row.bytes),
    figure(decoding ? row.bytesPerFlag : row.contextBytes),
  ]);
  const notes = mine.filter((row) => row.note !== undefined).map((row) => `${row.subject} ${row.note}.\n`);
  return [`### ${name}\n`, `${TITLES[name]}\n`, `${table(head, cells)}\n`, ...notes].join('\n');
}

/** A miss that does not count stands in brackets. */
export const targetTable = (outcomes: readonly Outcome[]): string =>
  table(
    ['target', 'found', 'met'],
    outcomes.map(({ target, found, met, informative }) => {
      const verdict = met === undefined ? '-' : met ? 'yes' : 'NO';
      return [target, found, informative ? `(${verdict.toLowerCase()})` : verdict];
    }),
  );

export const sizeTable = (sizes: readonly Sizes[]): string =>
  table(
    ['payload', 'flags', 'raw', 'gzip -9', 'raw B/flag', 'gzip B/flag'],
    sizes.map(({ subject, format, flags, raw, gzip }) => [
      `${subject}: ${format}`,
      figure(flags),
      figure(raw),
      figure(gzip),
      figure(Math.round(raw / flags)),
      figure(Math.round((gzip / flags) * 10) / 10),
    ]),
  );

export const cryptoTable = (rows: readonly CryptoRow[]): string =>
  table(
    ['what', 'us'],
    rows.map(({ what, ns }) => [what, figure(Math.round(ns / 100) / 10)]),
  );

/** The whole report. */
export function markdown(results: Results, outcomes: readonly Outcome[]): string {
  const versions = Object.entries(results.peers).map(([name, version]) => `${name} ${version}`);
  return [
    '# Benchmark results\n',
    `Node ${results.node} (V8 ${results.v8}); ${versions.join(', ')}. See ../README.md for what is measured and how.\n`,
    ...results.method.map((note) => `- ${note}`),
    `\n## Targets\n\n${targetTable(outcomes)}\n`,
    '## Cases\n',
    ...CASES.map((name) => caseTable(name, results.results)),
    `## Payload sizes\n\n${sizeTable(results.sizes)}\n`,
    `## Digest and signature\n\n${cryptoTable(results.crypto)}\n`,
    ...partTexts(results).map(([title, text]) => `## ${title}\n\n${text}\n`),
  ].join('\n');
}
