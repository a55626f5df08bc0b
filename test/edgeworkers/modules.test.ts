import { afterEach, describe, expect, it } from 'vitest';
import { type EdgeWorker, startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { inputOf } from './fixtures/event-input.ts';

const running: EdgeWorker[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => worker.stop()));
});

async function start(main: string, others: Readonly<Record<string, string>> = {}): Promise<EdgeWorker> {
  const worker = await startEdgeWorker({ tgz: bundleOf(main, others), tier: 'basic' });
  running.push(worker);
  return worker;
}

const refusalOf = async (main: string, others?: Readonly<Record<string, string>>): Promise<string> => {
  const refused = await start(main, others).catch((error: unknown) => error);
  return refused instanceof Error ? refused.message : 'taken';
};

describe('the modules of a bundle', () => {
  it('say which handlers there are', async () => {
    const { handlers } = await start(`
      export function onClientRequest() {}
      export const responseProvider = async () => {};
      export const onOriginRequest = 'no function';
      export function somethingElse() {}
    `);
    expect(handlers).toEqual(['onClientRequest', 'responseProvider']);
  });

  it('import files of the bundle: relative to their own, or from its root', async () => {
    const worker = await start(
      `import { a } from './lib/a.js';
       import { b } from 'lib/b.js';
       import { c } from '/c.js';
       export function onClientRequest(request) { request.setVariable('PMUSER_X', a + b + c); }`,
      {
        'lib/a.js': `import { deep } from './deep.js'; import { c } from '../c.js'; export const a = 'a' + deep + c;`,
        'lib/deep.js': `export const deep = 'd';`,
        'lib/b.js': `export const b = 'b';`,
        'c.js': `export const c = 'c';`,
      },
    );
    const { effects } = await worker.handle('onClientRequest', inputOf());
    expect(effects?.variables).toEqual({ PMUSER_X: 'adcbc' });
  });

  it.each([
    ['a name that is no module', `import x from 'node:fs';`, 'node:fs'],
    ['a package', `import { z } from 'zod';`, 'zod'],
    ['a file without its ending', `import { a } from './lib';`, './lib'],
    ['a file that is not there', `import { a } from './gone.js';`, './gone.js'],
    ['a path out of the bundle', `import { a } from '../../etc/lib.js';`, '../../etc/lib.js'],
    ['what objects have by nature', `import { a } from 'constructor';`, 'constructor'],
  ])('EW1108: may not import %s', async (_, line, specifier) => {
    expect(await refusalOf(line, { 'lib.js': 'export const a = 1;' })).toContain(
      `main.js: Unknown built-in module: "${specifier}"`,
    );
  });

  it('EW1108: may not import by name what a module does not export', async () => {
    expect(await refusalOf(`import { generateKey } from 'crypto';`)).toMatch(/^EW1108: .*generateKey/);
  });

  it('EW1108: must be sound, and strict', async () => {
    expect(await refusalOf('export function onClientRequest( {}')).toMatch(/^EW1108: .*script syntax/);
    expect(await refusalOf('with ({}) {}')).toMatch(/^EW1108: .*Strict mode/);
    expect(await refusalOf(`const fs = require('fs');`)).toMatch(/^EW1201: .*require is not defined/);
  });

  it('EW1201: must run', async () => {
    expect(await refusalOf(`throw new Error('not today');`)).toMatch(/^EW1201: .*failed to run\. not today$/);
    expect(await refusalOf('setTimeout(() => {}, 1);')).toContain('setTimeout is not defined');
  });

  it('say it where the platform has a module that the harness lacks', async () => {
    const message = await refusalOf(`import { HtmlRewritingStream } from 'html-rewriter';`);
    expect(message).toContain('the harness has no module "html-rewriter", though the platform does');
  });

  it('may not import while they run', async () => {
    const worker = await start(`export async function onClientRequest() { await import('./lib.js'); }`, {
      'lib.js': 'export {};',
    });
    const { report } = await worker.handle('onClientRequest', inputOf());
    expect(report).toMatchObject({ status: 'ExecutionError', statusMessage: expect.stringContaining('static') });
  });
});

describe('an event that the bundle has no handler for', () => {
  it('is an UnimplementedEventHandler, and costs nothing', async () => {
    const worker = await start('export function onClientRequest() {}');
    const { report, effects } = await worker.handle('onClientResponse', inputOf());
    expect(report).toMatchObject({ status: 'UnimplementedEventHandler', cpuMs: 0, memoryBytes: 0 });
    expect(effects).toBeUndefined();
  });
});
