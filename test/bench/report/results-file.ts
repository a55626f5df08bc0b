/** `results/latest.json` and `latest.md`: what the last whole run found. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { markdown } from './markdown.ts';
import { PART_ROWS, PARTS, type Parts } from './parts.ts';
import type { Results, Row } from './rows.ts';
import { outcomesOf } from './targets.ts';

const RESULTS = new URL('../results/', import.meta.url);
const JSON_FILE = new URL('latest.json', RESULTS);

type PartRow = NonNullable<Parts[keyof Parts]>['rows'][number];

/** All rows lie in one list, whatever measured them; the parts have what is left of them. */
type Written = Omit<Results, 'results' | keyof Parts> & {
  readonly results: readonly (Row | PartRow)[];
} & { readonly [Name in keyof Parts]?: object };

function writeResults(results: Results): void {
  const { akamai, control, audit, emit, relay, distribution, guardrails, ingest, ...evaluator } = results;
  const measured = Object.entries({ akamai, control, audit, emit, relay, distribution, guardrails, ingest }).flatMap(
    ([name, part]) => (part === undefined ? [] : [[name, part] as const]),
  );
  const written = {
    ...evaluator,
    results: [...evaluator.results, ...measured.flatMap(([, { rows }]): readonly PartRow[] => rows)],
    ...Object.fromEntries(measured.map(([name, { rows: _rows, ...about }]) => [name, about])),
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(JSON_FILE, `${JSON.stringify(written, null, 2)}\n`);
  writeFileSync(new URL('latest.md', RESULTS), markdown(results, outcomesOf(results)));
}

/** The evaluator's figures, and those of the parts that were measured with it; of the other parts, those before. */
export const replaceEvaluator = (results: Results): void => writeResults({ ...readResults(), ...results });

/** The figures of these parts in the place of those before. */
export const replaceParts = (parts: Parts): void => writeResults({ ...readResults(), ...parts });

function readResults(): Results {
  const written = JSON.parse(readFileSync(JSON_FILE, 'utf8')) as Written;
  const isOfPart = (row: Row | PartRow): boolean => PARTS.some((name) => PART_ROWS[name](row.case));
  const parts = PARTS.flatMap((name) => {
    const rows = written.results.filter((row) => PART_ROWS[name](row.case));
    return written[name] === undefined ? [] : [[name, { ...written[name], rows }] as const];
  });
  const results = written.results.filter((row): row is Row => !isOfPart(row));
  return { ...written, results, ...Object.fromEntries(parts) } as Results;
}
