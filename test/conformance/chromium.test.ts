import chromium from '@sparticuz/chromium';
import { build } from 'esbuild';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import checksums from '../vectors/hash-checksums.json' with { type: 'json' };
import { loadVectors } from '../vectors/load.ts';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args, '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  page = await browser.newPage();
  await page.addScriptTag({ content: await bundle() });
}, 300_000);

afterAll(async () => {
  await browser?.close();
});

/** The runner, the core and the hashes as one script for a page. */
async function bundle(): Promise<string> {
  const contents = `
    export { coreEvaluator } from './core-evaluator.ts';
    export { coreHasher, hashChecksums } from './hash-run.ts';
    export { runVectors } from './run.ts';`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: 'test/vectors', loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'suite',
    target: 'es2022',
  });
  return outputFiles[0]?.text ?? '';
}

it('decides every golden vector in Chromium as the oracle does', async () => {
  let passed = 0;
  for (const file of await loadVectors()) {
    // As text: what a page is handed as a value loses what JSON keeps apart.
    const report = await page.evaluate<{ passed: number; failed: unknown[] }>(
      `suite.runVectors([JSON.parse(${JSON.stringify(JSON.stringify(file))})], suite.coreEvaluator)`,
    );
    expect(report.failed).toEqual([]);
    passed += report.passed;
  }
  expect(passed).toBeGreaterThan(10_000);
}, 300_000);

it('B20: hashes a million unit keys in Chromium as in Node', async () => {
  expect(await page.evaluate('suite.hashChecksums(suite.coreHasher())')).toEqual(checksums);
}, 300_000);
