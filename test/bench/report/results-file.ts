/** `results/latest.json` and `latest.md`: what the last whole run found. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isAkamai } from '../akamai/cases.ts';
import type { AkamaiFigures, AkamaiRow } from '../akamai/measure.ts';
import { markdown } from './markdown.ts';
import type { Results, Row } from './rows.ts';
import { outcomesOf } from './targets.ts';

const RESULTS = new URL('../results/', import.meta.url);
const JSON_FILE = new URL('latest.json', RESULTS);

/** All rows lie in one list, whatever measured them. */
interface Written extends Omit<Results, 'results' | 'akamai'> {
  readonly results: readonly (Row | AkamaiRow)[];
  readonly akamai?: Omit<AkamaiFigures, 'rows'>;
}

export function writeResults({ akamai, ...results }: Results): void {
  const { rows = [], ...about } = akamai ?? {};
  const written = { ...results, results: [...results.results, ...rows], ...(akamai && { akamai: about }) };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(JSON_FILE, `${JSON.stringify(written, null, 2)}\n`);
  const all = { ...results, ...(akamai && { akamai }) };
  writeFileSync(new URL('latest.md', RESULTS), markdown(all, outcomesOf(all)));
}

/** The EdgeWorker's figures in the place of those before: they have a floor of their own, so the others need not be of the same run. */
export function replaceAkamai(akamai: AkamaiFigures): void {
  const { akamai: _before, ...written } = JSON.parse(readFileSync(JSON_FILE, 'utf8')) as Written;
  const results = written.results.filter((row): row is Row => !isAkamai(row.case));
  writeResults({ ...written, results, akamai });
}
