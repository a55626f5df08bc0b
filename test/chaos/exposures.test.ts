import { afterAll, expect, it } from 'vitest';
import { endAll } from '../e2e/fixtures/processes.ts';
import { reportText, rowsOf } from './exposures/report.ts';
import { runExposures } from './exposures/run-exposures.ts';
import { QUICK } from './exposures/sizes.ts';

afterAll(endAll);

it('I8, B35, B36, R15: unique in is counted out, less the tails of emitters that were killed, whatever is done to emitters, ways, ingest and its shards', async () => {
  const result = await runExposures({ ...QUICK, seed: 20_261_130, progress: () => {} });
  const rows = rowsOf(result);
  expect(
    rows.filter(({ difference }) => difference !== 0),
    reportText(result),
  ).toEqual([]);
  const of = (what: string): number => rows.find((row) => row.what === what)?.told ?? 0;
  expect(of('rollout, first checkout.error') + of('rollout, first checkout.completed')).toBeGreaterThan(500);
  expect(result.faults).toMatchObject({ ingestKills: 3, aborts: QUICK.aborts, bombs: QUICK.bombs });
  expect(result.badPassed).toBeGreaterThan(0);
}, 600_000);
