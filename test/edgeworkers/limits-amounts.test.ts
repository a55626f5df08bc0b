import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TIERS, type Tier } from '../../scripts/edgeworkers/tiers.ts';
import { type Cases, startCases } from './fixtures/cases.ts';
import { inputOf } from './fixtures/event-input.ts';
import { reportOf } from './fixtures/report-of.ts';

describe('how much an event may say, ask and read', () => {
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
