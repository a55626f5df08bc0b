import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EdgeWorkerOptions, startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import type { EventName } from '../../scripts/edgeworkers/event.ts';
import { TIERS, type Tier } from '../../scripts/edgeworkers/tiers.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { type Cases, startCases } from './fixtures/cases.ts';
import { inputOf } from './fixtures/event-input.ts';

const FOR_EVER = 'for (;;) {}';

/** Runs an event of a bundle of its own. */
async function reportOf(main: string, options: Partial<EdgeWorkerOptions> = {}, event: EventName = 'onClientRequest') {
  const worker = await startEdgeWorker({ tier: 'basic', ...options, tgz: bundleOf(main) });
  try {
    return (await worker.handle(event, inputOf())).report;
  } finally {
    await worker.stop();
  }
}

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

describe('the limits of an event', () => {
  let cases: Cases<string>;
  beforeAll(async () => {
    cases = await startCases({
      hosts: { 'www.example.com': async () => new Response('ok') },
      prelude: `
        import { httpRequest } from 'http-request';
        import { createResponse } from 'create-response';
        import { logger } from 'log';
        const caught = (request, act) => { try { act(); } catch (error) { request.respondWith(200, {}, JSON.stringify(error.name + ': ' + error.message)); } };
      `,
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
        variables: `(request) => { request.setVariable('PMUSER_A', 'x'.repeat(1016)); caught(request, () => request.setVariable('PMUSER_B', '')); }`,
        variablesAgain: `(request) => { for (let i = 0; i < 4; i++) request.setVariable('PMUSER_A', 'x'.repeat(300)); }`,
        subRequests: `async () => { for (let i = 0; i < 3; i++) await httpRequest('/' + i); }`,
        subRequestsCaught: `async (request) => { for (let i = 0; i < 3; i++) await httpRequest('/' + i).catch(() => {}); }`,
        subRequestsTwo: `async () => { await Promise.all([httpRequest('/a'), httpRequest('/b')]); }`,
        answer: `(request) => request.respondWith(200, {}, 'x'.repeat(16385))`,
        answerAsLarge: `(request) => request.respondWith(200, {}, 'x'.repeat(16384))`,
        log: `() => { for (let i = 0; i < 200; i++) logger.log('message %d', i); }`,
        provided: `() => createResponse(200, {}, 'é'.repeat(50001))`,
        providedAsLarge: `() => createResponse(200, {}, 'é'.repeat(50000))`,
        providedHead: `() => createResponse(200, { a: 'x'.repeat(16384) }, '')`,
        providerSubRequests: `async () => {
          for (let i = 0; i < 50; i++) await (await httpRequest('/' + i)).text();
          await httpRequest('/one-more');
        }`,
        requestBody: `async (request) => createResponse(200, {}, String((await request.text()).length))`,
      },
    });
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
      const { report, effects } = await cases.run(name);
      expect(report.status).toBe('ResourceLimit');
      expect(effects).toBeUndefined();
      // The process may have fallen with it: the next event finds another.
      expect((await cases.run('nothing')).report.status).toBe('Success');
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

  it('variables: setVariable throws, of all calls of the event together', async () => {
    const { report, effects } = await cases.run('variables');
    expect(report).toMatchObject({ status: 'Success', excesses: ['variables'] });
    expect(effects?.responded?.body).toBe('"Error: Variables set in this event would exceed 1024 characters"');
    expect(effects?.variables['PMUSER_A']).toHaveLength(1016);
    const again = await cases.run('variablesAgain');
    expect(again.report).toMatchObject({ status: 'ExecutionError', excesses: ['variables'] });
  });

  it.each(['subRequests', 'subRequestsCaught'])('sub-requests: ResourceLimit (%s)', async (name) => {
    const { report } = await cases.run(name);
    expect(report).toMatchObject({ status: 'ResourceLimit', statusMessage: 'sub-requests: at most 2' });
    expect(report.subRequests).toHaveLength(2);
    expect((await cases.run('subRequestsTwo')).report.status).toBe('Success');
  });

  it.each<[Tier, number]>([
    ['basic', 2],
    ['dynamic', 4],
    ['enterprise', 10],
  ])('sub-requests on %s: %i', async (tier, most) => {
    const asking = (count: number): string =>
      `import { httpRequest } from 'http-request';
       export const onClientRequest = async () => { for (let i = 0; i < ${count}; i++) await httpRequest('/' + i); };`;
    const hosts = { 'www.example.com': async () => new Response('ok') };
    const over = await reportOf(asking(most + 1), { tier, hosts });
    expect(over).toMatchObject({ status: 'ResourceLimit', statusMessage: `sub-requests: at most ${most}` });
    expect((await reportOf(asking(most), { tier, hosts })).status).toBe('Success');
  });

  it('a sub-request: as long as the tier says, where the handler says nothing', async () => {
    const limits = { ...TIERS.basic, handler: { ...TIERS.basic.handler, subRequestWallMs: 100 } };
    const main = `
      import { httpRequest } from 'http-request';
      export const onClientRequest = () => httpRequest('/never').then(() => {});
    `;
    const report = await reportOf(main, { limits, hosts: { 'www.example.com': () => new Promise(() => {}) } });
    expect(report).toMatchObject({
      status: 'ExecutionError',
      statusMessage: expect.stringContaining('timeout+after+100+ms'),
      subRequests: [{ error: 'timeout after 100 ms' }],
    });
  });

  it('sub-requests of a provider: 50', async () => {
    const { report } = await cases.run('providerSubRequests', 'responseProvider');
    expect(report).toMatchObject({ status: 'ResourceLimit', statusMessage: 'sub-requests: at most 50' });
    expect(report.subRequests).toHaveLength(50);
  });

  it('respondWith: 16,384 characters, or it throws', async () => {
    const { report } = await cases.run('answer');
    expect(report).toMatchObject({ status: 'ExecutionError', excesses: ['respondWith'] });
    const { effects } = await cases.run('answerAsLarge');
    expect(effects?.responded?.body).toHaveLength(16_384);
  });

  it('the log: 1,024 bytes, the rest is cut', async () => {
    const { report } = await cases.run('log');
    expect(report).toMatchObject({ status: 'Success', excesses: ['log'] });
    expect(Buffer.byteLength(report.log)).toBe(1_024);
  });

  it('createResponse: 100,000 bytes of text, 16 KB of status and headers, or it throws', async () => {
    const large = await cases.run('provided', 'responseProvider');
    expect(large.report).toMatchObject({ status: 'ExecutionError', statusMessage: expect.stringContaining('100002') });
    expect((await cases.run('providedAsLarge', 'responseProvider')).body).toHaveLength(100_000);
    const head = await cases.run('providedHead', 'responseProvider');
    expect(head.report).toMatchObject({
      status: 'ExecutionError',
      statusMessage: expect.stringContaining('at+most+16384'),
    });
  });

  it('the body of a request: 1 MB, or reading it rejects', async () => {
    const run = (bytes: number) =>
      cases.run(
        'requestBody',
        'responseProvider',
        inputOf({ method: 'POST' }, { body: new Uint8Array(bytes).fill(97) }),
      );
    expect((await run(1_048_577)).report).toMatchObject({ status: 'ExecutionError', excesses: ['request body'] });
    expect(new TextDecoder().decode((await run(100_000)).body)).toBe('100000');
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
