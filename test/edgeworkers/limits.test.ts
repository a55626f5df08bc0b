import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import type { EventName } from '../../scripts/edgeworkers/event.ts';
import { TIERS, type Tier } from '../../scripts/edgeworkers/tiers.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { type Cases, startCases } from './fixtures/cases.ts';
import { inputOf } from './fixtures/event-input.ts';
import { reportOf } from './fixtures/report-of.ts';

const FOR_EVER = 'for (;;) {}';

describe('the limits of the tiers', () => {
  it.each<[Tier, readonly number[], readonly number[]]>([
    ['basic', [100, 60, 200, 1024], [1.5, 10, 4, 2, 2, 4, 5, 2, 100, 4, 50, 5, 4, 5]],
    ['dynamic', [200, 60, 500, 1024], [2.5, 20, 5.5, 4, 4, 5.5, 5, 4, 200, 8, 50, 5, 8, 5]],
    ['enterprise', [280, 300, 500, 1024], [4, 70, 10, 10, 10, 10, 8, 6, 300, 10, 50, 10, 10, 8]],
  ])('of %s are those of the documentation', (tier, ofAll, ofEvents) => {
    const { id, initCpuMs, initWallMs, variableChars, handler, responseProvider } = TIERS[tier];
    expect([id, initCpuMs, initWallMs, variableChars]).toEqual(ofAll);
    const inTable = [handler, responseProvider].flatMap((limits) => [
      limits.memoryBytes / 1_048_576,
      limits.cpuMs,
      limits.wallMs / 1_000,
      limits.subRequests,
      limits.parallelSubRequests,
      limits.subRequestWallMs / 1_000,
      limits.subRequestResponseBytes / 1_048_576,
    ]);
    expect(inTable).toEqual(ofEvents);
  });
});

describe('the time and memory of an event', () => {
  const start = () =>
    startCases<string>({
      hosts: { 'www.example.com': async () => new Response('ok') },
      prelude: `import { httpRequest } from 'http-request';`,
      cases: {
        nothing: '() => {}',
        cpu: `() => { ${FOR_EVER} }`,
        cpuLater: `async () => { await httpRequest('/a'); ${FOR_EVER} }`,
        cpuInPromises: 'async () => { for (;;) await null; }',
        cpuSwallowed: `() => { try { ${FOR_EVER} } catch {} finally { ${FOR_EVER} } }`,
        memory: '() => { globalThis.kept = Array.from({ length: 4e5 }, (_, i) => ({ i })); }',
        memoryOfBuffers: '() => { globalThis.kept = new Uint8Array(4 * 1024 * 1024); }',
        memoryMeanwhile: '() => { let kept = []; for (let i = 0; i < 4e5; i++) kept.push({ i }); kept = undefined; }',
        memoryOfAll: '() => { const kept = []; for (;;) kept.push(new Array(1e5).fill(0)); }',
        garbage: `() => { for (let i = 0; i < 2e4; i++) JSON.stringify([i, 'x'.repeat(50)]); }`,
      },
    });
  let cases: Cases<string>;
  beforeAll(async () => {
    cases = await start();
  });
  afterAll(() => cases.stop());

  it.each(['cpu', 'cpuLater', 'cpuInPromises', 'cpuSwallowed'])('CPU time: CpuTimeoutError (%s)', async (name) => {
    const { report, effects } = await cases.run(name);
    expect(report.status).toBe('CpuTimeoutError');
    expect(report.cpuMs * report.machineFactor).toBeGreaterThan(10);
    expect(effects).toBeUndefined();
  });

  it('CPU time, of work that ends: CpuTimeoutError', async () => {
    const main = `export function onClientRequest() { let n = 0n; for (let i = 0; i < 3e5; i++) n = n * 31n & 0xffffffffffffn; }`;
    const limits = { ...TIERS.basic, handler: { ...TIERS.basic.handler, cpuMs: 0.5 } };
    const report = await reportOf(main, { limits });
    expect(report).toMatchObject({
      status: 'CpuTimeoutError',
      statusMessage: expect.stringMatching(/ms, at most 0\.5$/),
    });
  });

  it('CPU time, of a provider: CpuTimeoutError', async () => {
    const { report } = await cases.run('cpu', 'responseProvider');
    expect(report.status).toBe('CpuTimeoutError');
    expect(report.cpuMs * report.machineFactor).toBeGreaterThan(100);
  });

  it('wall time: WallTimeoutError', async () => {
    const limits = { ...TIERS.basic, handler: { ...TIERS.basic.handler, wallMs: 150 } };
    const report = await reportOf('export const onClientRequest = () => new Promise(() => {});', { limits });
    expect(report).toMatchObject({ status: 'WallTimeoutError', statusMessage: 'over 150 ms' });
    expect(report.wallMs).toBeGreaterThanOrEqual(150);
    expect(report.cpuMs).toBeLessThan(150);
  });

  it('wall time, of a provider: WallTimeoutError', async () => {
    const limits = { ...TIERS.basic, responseProvider: { ...TIERS.basic.responseProvider, wallMs: 150 } };
    const main = 'export const responseProvider = () => new Promise(() => {});';
    const report = await reportOf(main, { limits }, 'responseProvider');
    expect(report).toMatchObject({ status: 'WallTimeoutError', statusMessage: 'over 150 ms' });
  });

  it.each(['memory', 'memoryOfBuffers', 'memoryMeanwhile', 'memoryOfAll'])(
    'memory: ResourceLimit (%s)',
    async (name) => {
      // In a process of its own: what an earlier event left may be collected meanwhile, and counts for this one then.
      const alone = await start();
      try {
        const { report, effects } = await alone.run(name);
        expect(report.status).toBe('ResourceLimit');
        expect(effects).toBeUndefined();
        // The process may have fallen with it: the next event finds another.
        expect((await alone.run('nothing')).report.status).toBe('Success');
      } finally {
        await alone.stop();
      }
    },
  );

  it('memory, of a provider: half a megabyte more than of other handlers', async () => {
    const kept = (megabytes: number): string =>
      `const keep = () => { globalThis.kept = new Uint8Array(${megabytes} * 1024 * 1024); };
       export const onClientRequest = keep;
       export const responseProvider = () => (keep(), createResponse(200, {}, ''));`;
    const run = (megabytes: number, event: EventName) =>
      reportOf(`import { createResponse } from 'create-response'; ${kept(megabytes)}`, { memory: 'exact' }, event);
    expect((await run(1.7, 'onClientRequest')).status).toBe('ResourceLimit');
    expect((await run(1.7, 'responseProvider')).status).toBe('Success');
    expect((await run(2.2, 'responseProvider')).status).toBe('ResourceLimit');
  });

  it('memory: what is no longer needed does not count', async () => {
    const { report } = await cases.run('garbage', 'responseProvider');
    // It returns nothing, which a provider may not: it got as far as that.
    expect(report.status).toBe('ExecutionError');
    expect(report.memoryBytes).toBeLessThan(1_572_864);
  });
});

describe('what an instance holds', () => {
  it('counts against each of its events: a cache without a bound ends in ResourceLimit', async () => {
    const worker = await startEdgeWorker({
      tier: 'basic',
      instances: 'reused',
      memory: 'exact',
      tgz: bundleOf(`
        const kept = [];
        export function onClientRequest() { kept.push(Array.from({ length: 1e4 }, (_, i) => ({ i }))); }
      `),
    });
    try {
      const reports = [];
      for (let event = 0; event < 12; event++) reports.push((await worker.handle('onClientRequest', inputOf())).report);
      const failed = reports.findIndex(({ status }) => status === 'ResourceLimit');
      expect(failed).toBeGreaterThan(1);
      expect(reports[failed]?.memoryBytes).toBeLessThan(1_572_864);
      // The instance is given up, and another has room again.
      expect(reports[failed + 1]).toMatchObject({ status: 'Success', instance: 2 });
    } finally {
      await worker.stop();
    }
  });
});
