import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DETECTION, fineName, looksName, runDetection } from '../../../../scripts/sim/detection.ts';
import { GATES, gateName } from '../../../../scripts/sim/gates.ts';
import { MUCH_FAILING, muchFailingName } from '../../../../scripts/sim/much-failing.ts';
import { runNullCell } from '../../../../scripts/sim/null-ramp.ts';
import type { Part, SimCell } from '../../../../scripts/sim/part.ts';
import { HEADLINE, ratioOf, shown } from '../../../../scripts/sim/report/detection-tables.ts';
import { blocksOf, filled } from '../../../../scripts/sim/report/write-docs.ts';
import { runPart } from '../../../../scripts/sim/run-part.ts';
import { WATCH } from '../../../../scripts/sim/watch.ts';

const page = readFileSync('docs/guardrails.md', 'utf8');

function cellOf<F>(part: Part<F>, name: string, quick: boolean): SimCell<F> {
  const found = part.cells(quick).find((cell) => cell.name === name);
  if (found === undefined) throw new Error(`there is no cell "${name}"`);
  return found;
}

const USUAL = { traffic: 50, base: 0.02, delay: 0 };

describe('the reduced grid', () => {
  it('rolls back no harmless flag in any weather, where the YAML read literally rolls back most', () => {
    for (const place of [
      { ...USUAL, delay: 60 },
      { traffic: 500, base: 0.1, delay: 300 },
      { traffic: 0.5, base: 0.02, delay: 60 },
    ]) {
      const figures = runNullCell(`test ${place.traffic}`, { ...place, effect: 1, weather: 'all' }, 15);
      expect(figures.ours).toBe(0);
      if (place.traffic >= 50) expect(figures.peers.literal).toBeGreaterThan(10);
    }
  });

  it('rolls back no flag that is at its limit where most fail at once, though others do', () => {
    const name = muchFailingName({ percent: 5, base: 0.6, effect: 1.1 });
    const { rolledBack } = cellOf(MUCH_FAILING, name, true).run();
    expect(rolledBack.ours).toBe(0);
    expect(rolledBack.msprt).toBeGreaterThan(0);
  });

  it('notices 4 times the errors at 5 % within 90 seconds in half of all cases, and within 180 in 95 of 100', () => {
    const harm = { ...USUAL, share: 0.05, effect: 4, lookSeconds: 10 };
    const figures = runDetection('test', harm, 200);
    expect(figures.medians.ramp).toBeLessThanOrEqual(90);
    expect(figures.p95).toBeLessThanOrEqual(180);
  });

  it('takes at most 1.5 times as long as a test that knows the effect', () => {
    for (const [percent, effect] of [
      [5, 4],
      [50, 1.5],
      [25, 2],
    ] as const) {
      const figures = cellOf(DETECTION, fineName(USUAL, percent, effect), true).run();
      expect(ratioOf(figures, 'ours')).toBeLessThanOrEqual(1.5);
      expect(ratioOf(figures, 'ours')).toBeGreaterThan(0.9);
    }
  });

  it('lets at most one in ten flags pass that are as bad as the bound of their stage, though outcomes come five minutes late', () => {
    for (const percent of [5, 25]) {
      const figures = cellOf(GATES, gateName({ ...USUAL, delay: 300 }, percent), true).run();
      expect(figures.wronglyPassed / figures.runs).toBeLessThanOrEqual(0.1);
      expect(figures.wronglyPassedByTick / figures.runs).toBeGreaterThan(0.5);
      expect(figures.passed).toBeGreaterThan(0.9);
    }
  });

  it('gives the same figures each time, and says how far it is', async () => {
    const said: string[] = [];
    const once = await runPart(WATCH, true, null, (text) => said.push(text));
    expect(await runPart(WATCH, true, null, () => {})).toEqual(once);
    expect(said).toHaveLength(once.size);
    expect(said.at(-1)).toContain(`${once.size}/${once.size}`);
  });
});

describe('what docs/guardrails.md publishes', () => {
  it('is what the seeds give: the founding incident, with as many runs', () => {
    const row = page
      .split('<!-- sim:times -->')[1]
      ?.split('\n')
      .find((line) => line.startsWith('| 50/s, 2 % '));
    const figures = cellOf(DETECTION, HEADLINE, false).run();
    expect(HEADLINE).toBe(looksName(USUAL, 4));
    expect(row?.split('|').at(-2)?.trim()).toBe(shown(figures));
  });

  it('has a place for each table, and one that had none would be missed', () => {
    const none = new Map();
    const blocks = blocksOf({
      detection: none,
      gates: none,
      latency: none,
      conversion: none,
      watch: none,
      units: none,
      points: none,
      muchFailing: none,
      ramps: none,
    });
    expect(filled(page, blocks)).not.toBe(page);
    expect(() => filled('', blocks)).toThrow('has no place for');
  });
});
