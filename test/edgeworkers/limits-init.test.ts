import { describe, expect, it } from 'vitest';
import { startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import { TIERS } from '../../scripts/edgeworkers/tiers.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { inputOf } from './fixtures/event-input.ts';
import { reportOf } from './fixtures/report-of.ts';

const FOR_EVER = 'for (;;) {}';

describe('the limits of initialization', () => {
  it('CPU time: InitCpuTimeoutError', async () => {
    const report = await reportOf(`${FOR_EVER} export function onClientRequest() {}`);
    expect(report).toMatchObject({ status: 'InitCpuTimeoutError', cpuMs: 0, wallMs: 0 });
    expect(report.initCpuMs).toBeGreaterThan(60);
  });

  it('CPU time, before a handler that is a constant has its value: InitCpuTimeoutError', async () => {
    const report = await reportOf(`${FOR_EVER} export const onClientRequest = () => {};`);
    expect(report).toMatchObject({ status: 'InitCpuTimeoutError', cpuMs: 0, wallMs: 0 });
  });

  it('CPU time, of work that ends: InitCpuTimeoutError', async () => {
    // It takes tens of milliseconds on any machine: more than this limit stretched by the slowest one's factor.
    const main = `let n = 0n; for (let i = 0; i < 3e5; i++) n = n * 31n & 0xffffffffffffn; export function onClientRequest() {}`;
    const report = await reportOf(main, { limits: { ...TIERS.basic, initCpuMs: 0.5 } });
    expect(report.status).toBe('InitCpuTimeoutError');
  });

  it('wall time: InitWallTimeoutError', async () => {
    const report = await reportOf('await new Promise(() => {}); export function onClientRequest() {}');
    expect(report).toMatchObject({ status: 'InitWallTimeoutError', statusMessage: 'over 200 ms' });
  });

  it('what stays within them is told of the event that had to wait for it, and of no other', async () => {
    const worker = await startEdgeWorker({
      tier: 'basic',
      instances: 'reused',
      tgz: bundleOf(
        'export const table = Array.from({ length: 1e4 }, (_, i) => ({ i })); export function onClientRequest() {}',
      ),
    });
    try {
      const first = (await worker.handle('onClientRequest', inputOf())).report;
      const second = (await worker.handle('onClientRequest', inputOf())).report;
      expect(first).toMatchObject({ status: 'Success', instance: 1 });
      expect(first.initCpuMs).toBeGreaterThan(0);
      expect(first.initWallMs).toBeGreaterThan(0);
      expect(first.memoryBytes).toBeGreaterThan(200_000);
      expect(second).toMatchObject({ status: 'Success', instance: 1, initCpuMs: 0, initWallMs: 0 });
      expect(second.memoryBytes).toBeLessThan(first.memoryBytes);
    } finally {
      await worker.stop();
    }
  });
});
