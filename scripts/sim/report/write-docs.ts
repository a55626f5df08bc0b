/** Puts tables and charts where `docs/guardrails.md` wants them: between `<!-- sim:name -->` and `<!-- /sim:name -->`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOOK_SECONDS } from '../null-ramp.ts';
import type { Results } from '../results.ts';
import { chartsOf } from './charts.ts';
import { behindTable, comparedCells, lateTable, peerTable, speedTable, timesTable } from './detection-tables.ts';
import { binningTable, rightPassTable, wrongPassTable } from './gate-tables.ts';
import { conversionTable, latencyTable, watchTable } from './other-tables.ts';
import { muchFailingTable, pointTable, rollbackGrid, unitTable, weatherTable } from './rollback-tables.ts';
import { outcomesOf, targetTable } from './targets.ts';

export const DOCS = 'docs/guardrails.md';
const CHARTS = 'docs/charts';

export function blocksOf(results: Results): Readonly<Record<string, string>> {
  const compared = comparedCells(results, false);
  return {
    targets: targetTable(outcomesOf(results, false)),
    rollbacks: rollbackGrid(results),
    weather: weatherTable(results),
    'much-failing': muchFailingTable(results),
    units: unitTable(results),
    points: pointTable(results),
    times: timesTable(results, 0),
    'times-late': timesTable(results, 300),
    peers: peerTable(results),
    speed: speedTable(compared, LOOK_SECONDS),
    behind: behindTable(compared, LOOK_SECONDS),
    late: lateTable(results),
    'gate-wrong': wrongPassTable(results),
    'gate-right': rightPassTable(results),
    binning: binningTable(results),
    latency: latencyTable(results),
    conversion: conversionTable(results),
    watch: watchTable(results),
  };
}

/** Throws where the page has no place for a block: a table would be lost silently. */
export function filled(page: string, blocks: Readonly<Record<string, string>>): string {
  return Object.entries(blocks).reduce((text, [name, block]) => {
    const [open, close] = [`<!-- sim:${name} -->`, `<!-- /sim:${name} -->`];
    const [from, to] = [text.indexOf(open), text.indexOf(close)];
    if (from === -1 || to < from) throw new Error(`${DOCS} has no place for "${name}": ${open} … ${close}`);
    return `${text.slice(0, from + open.length)}\n\n${block}\n\n${text.slice(to)}`;
  }, page);
}

export function writeDocs(root: string, results: Results): void {
  const path = join(root, DOCS);
  writeFileSync(path, filled(readFileSync(path, 'utf8'), blocksOf(results)));
  mkdirSync(join(root, CHARTS), { recursive: true });
  for (const [file, svg] of chartsOf(results)) writeFileSync(join(root, CHARTS, file), svg);
}
