import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkRollout } from '../../../scripts/cli/rollout/check.ts';
import { explainRollout } from '../../../scripts/cli/rollout/explain.ts';
import { durationText, numberText } from '../../../scripts/cli/rollout/texts.ts';
import { foundingIncident } from '../rollout/machine/fixtures/founding-incident.ts';

const EXAMPLES = new URL('../../../docs/examples/', import.meta.url).pathname;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollout-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What a command prints, and its exit code. */
async function run(command: () => Promise<number>): Promise<{ code: number; out: string; err: string }> {
  const out = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const err = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const code = await command();
  const said = { code, out: out.mock.calls.join('\n'), err: err.mock.calls.join('\n') };
  vi.restoreAllMocks();
  return said;
}

const fileOf = async (text: string): Promise<string> => {
  const file = join(folder, 'file');
  await writeFile(file, text);
  return file;
};

const explaining = async (told: unknown) => {
  const from = await fileOf(typeof told === 'string' ? told : JSON.stringify(told));
  return run(() => explainRollout({ from, json: false }));
};

describe('lockstep rollout explain', () => {
  it('ends with 1 for a breach, and prints the evidence', async () => {
    const { code, out } = await run(() => explainRollout({ from: `${EXAMPLES}founding-incident.json`, json: false }));
    expect(code).toBe(1);
    expect(out).toMatch(/maxRelativeIncrease 10 % +FAIL, evidence-of-harm/);
    const json = await run(() => explainRollout({ from: `${EXAMPLES}founding-incident.json`, json: true }));
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ verdict: 'FAIL', stage: 2, percent: 5 });
  });

  it('ends with 0 where all pass, and with 3 where it holds', async () => {
    const { rollout, looks } = foundingIncident() as {
      rollout: { guardrails: object[] };
      looks: { guardrails: object[] }[];
    };
    const fast = { ...rollout, guardrails: rollout.guardrails.slice(1) };
    const sketches = looks.map((look) => ({ ...look, guardrails: look.guardrails.slice(1) }));
    expect((await explaining({ rollout: fast, looks: sketches })).code).toBe(0);
    expect((await explaining({ rollout, looks: looks.slice(0, 2) })).code).toBe(3);
  });

  it('ends with 2, and says where, for a file that is none', async () => {
    const told = foundingIncident() as { looks: { percent: number }[] };
    for (const [text, message] of [
      ['{', 'is no JSON'],
      ['[]', 'expected object'],
      [JSON.stringify({ ...told, looks: [] }), 'looks: Too small'],
      [JSON.stringify({ ...told, extra: 1 }), 'Unrecognized key: "extra"'],
      [
        JSON.stringify(told).replace('"exposures":', '"exposures":"many","x":'),
        'looks.0.guardrails.0.statistics.cells.0.treatment',
      ],
      [JSON.stringify(told).replace('"percent":5', '"percent":7'), 'looks[0].percent is 7, which is never served'],
      [' '.repeat(33 * 1024 * 1024), 'at most 33554432 are read'],
    ] as const) {
      const { code, err } = await explaining(text);
      expect(err).toContain(message);
      expect(code).toBe(2);
    }
    expect(await run(() => explainRollout({ from: join(folder, 'none'), json: false }))).toMatchObject({ code: 2 });
  });
});

describe('lockstep rollout check', () => {
  it('shows what the given file would do', async () => {
    const { code, out } = await run(() => checkRollout(`${EXAMPLES}fare-bundling.rollout.yaml`, { json: false }));
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "pricing.fareBundlingV2: 6 steps, 100 min at least
        1 %    bakes for 20 min
        5 %    bakes for 20 min
        25 %   bakes for 20 min
        50 %   bakes for 20 min
        95 %   bakes for 10 min
        100 %  bakes for 10 min
      guardrails
        checkout.error_rate.cohort  point  maxRelativeIncrease 10 %
        render.p95.cohort           point  maxRelativeIncrease 15 %
      on a breach: rollbackToZero; with nothing to see: hold; evaluators that hear nothing: keep"
    `);
  });

  it('ends with 1, and tells each mistake with its line', async () => {
    const file = await fileOf('rollout:\n  flag: f\n  stages: [5, 1]\n');
    const { code, err } = await run(() => checkRollout(file, { json: false }));
    expect(code).toBe(1);
    expect(err).toContain(':3:15  rollout.stages[1] must be more than the stage before, which is 5: stages only grow');
    const json = await run(() => checkRollout(file, { json: true }));
    expect(JSON.parse(json.out)).toMatchObject({
      ok: false,
      issues: [{ line: 3 }, { line: 1 }, { line: 1 }, { line: 1 }],
    });
  });
});

it.each([
  [0, '0'],
  [1_234_567, '1,234,567'],
  [0.0204, '0.0204'],
  [62_612.3, '62,600'],
  [0.000_012_34, '1.23e-5'],
  [1.234e12 + 0.5, '1.23e+12'],
])('the number %s is written %s', (value, text) => {
  expect(numberText(value)).toBe(text);
});

it.each([
  [6_000, '6 s'],
  [90_000, '90 s'],
  [1_200_000, '20 min'],
  [7_200_000, '2 h'],
  [9_000_000, '2 h 30 min'],
])('%s ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
