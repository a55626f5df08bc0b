import { afterEach, describe, expect, it } from 'vitest';
import { startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import type { EventReport } from '../../scripts/edgeworkers/event.ts';
import type { HttpRequest } from '../../scripts/edgeworkers/http-message.ts';
import { type ServePropertyOptions, serveProperty } from '../../scripts/edgeworkers/property/serve-property.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { callProperty, type PropertyAnswer } from './fixtures/call-property.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface Started {
  readonly url: string;
  readonly asked: HttpRequest[];
  readonly reports: EventReport[];
  get(path: string, options?: Parameters<typeof callProperty>[2]): Promise<PropertyAnswer>;
}

/** A property with this `main.js`, before an origin that says what it was asked. */
async function start(main: string, options: Partial<ServePropertyOptions> = {}): Promise<Started> {
  const asked: HttpRequest[] = [];
  const reports: EventReport[] = [];
  const edgeWorker = await startEdgeWorker({ tier: 'basic', instances: 'fresh', tgz: bundleOf(main) });
  stops.push(edgeWorker.stop);
  const property = await serveProperty({
    edgeWorker,
    port: 0,
    clientIp: '203.0.113.7',
    places: (address) => ({ country: address.startsWith('198.51.100.') ? 'JP' : 'NL' }),
    observe: (report) => reports.push(report),
    async origin(request) {
      asked.push(request);
      const headers = [
        ['Cache-Control', 'max-age=60'],
        ['Set-Cookie', 'origin=1'],
        ['X-Origin', '1'],
      ] as const;
      return {
        status: 200,
        headers,
        body: new TextEncoder().encode(`${request.method} ${request.url} #${asked.length}`),
      };
    },
    ...options,
  });
  stops.push(property.stop);
  return { url: property.url, asked, reports, get: (path, more) => callProperty(property.url, path, more) };
}

const eventsOf = (reports: readonly EventReport[]): string => reports.map(({ event }) => event).join(' ');

const ALL_EVENTS = `
  export function onClientRequest(request) { request.setHeader('X-Trail', 'creq'); request.setVariable('PMUSER_TRAIL', 'creq'); }
  export function onOriginRequest(request) { request.addHeader('X-Trail', 'oreq'); request.setVariable('PMUSER_LOST', '1'); }
  export function onOriginResponse(request, response) { response.setHeader('X-Trail', 'orsp'); response.removeHeader('X-Origin'); request.setVariable('PMUSER_LOST', '2'); }
  export function onClientResponse(request, response) {
    response.addHeader('X-Trail', ['crsp', request.getVariable('PMUSER_TRAIL'), String(request.getVariable('PMUSER_LOST')), request.getHeader('X-Trail').join()]);
  }
`;

describe('a property', () => {
  it('sends a request through its events to the origin and back, and from then on answers from its cache', async () => {
    const { get, asked, reports } = await start(ALL_EVENTS);
    const first = await get('/page?a=1', { headers: { Cookie: 'c=1' } });
    expect(first).toMatchObject({ status: 200, text: 'GET /page?a=1 #1' });
    expect(first.all('X-Trail')).toEqual(['orsp', 'crsp', 'creq', 'undefined', 'creq']);
    expect(first.all('X-Origin')).toEqual([]);
    expect(first.all('Set-Cookie')).toEqual(['origin=1']);
    expect(asked[0]?.headers.filter(([name]) => ['host', 'cookie', 'x-trail'].includes(name.toLowerCase()))).toEqual([
      ['Host', 'www.example.com'],
      ['Cookie', 'c=1'],
      ['X-Trail', 'creq'],
      ['X-Trail', 'oreq'],
    ]);
    expect(eventsOf(reports)).toBe('onClientRequest onOriginRequest onOriginResponse onClientResponse');
    expect((await get('/page?a=1')).text).toBe('GET /page?a=1 #1');
    expect(eventsOf(reports.slice(4))).toBe('onClientRequest onClientResponse');
    expect((await get('/page?a=2')).text).toBe('GET /page?a=2 #2');
    const head = await get('/page?a=1', { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    expect((await get('/page?a=1', { method: 'POST', body: 'x' })).text).toBe('POST /page?a=1 #3');
  });

  it('caches apart by what its EdgeWorker puts into the key', async () => {
    const { get, asked } = await start(`
      export function onClientRequest(request) {
        request.setVariable('PMUSER_VARIANT', request.getHeader('X-User')[0] < 'm' ? 'a' : 'b');
        request.setHeader('X-Kind', 'set here');
        request.cacheKey.excludeQueryString();
        request.cacheKey.includeVariable('PMUSER_VARIANT');
        request.cacheKey.includeHeader('X-Kind');
        request.cacheKey.includeCookie('lang');
      }`);
    const keyFor = async (
      user: string,
      path: string,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<string> => {
      const pragma = { 'X-User': user, Pragma: 'akamai-x-get-true-cache-key', ...headers };
      return (await get(path, { headers: pragma })).all('X-True-Cache-Key').join();
    };
    expect(await keyFor('alice', '/p?x=1')).toBe('/www.example.com/p cid=_PMUSER_VARIANT=a_');
    expect(await keyFor('bob', '/p?x=2')).toBe('/www.example.com/p cid=_PMUSER_VARIANT=a_');
    expect(asked).toHaveLength(1);
    expect(await keyFor('zoe', '/p')).toBe('/www.example.com/p cid=_PMUSER_VARIANT=b_');
    expect(await keyFor('zoe', '/p', { 'X-Kind': 'own', Cookie: 'a=1; lang=nl' })).toBe(
      '/www.example.com/p cid=_PMUSER_VARIANT=b_X-Kind=own_lang=nl_',
    );
    expect(asked).toHaveLength(3);
  });

  it('keeps of the query what is named', async () => {
    const { get } = await start(`
      export function onClientRequest(request) { request.cacheKey.includeQueryArgument('a'); request.cacheKey.includeQueryArgument('c'); }`);
    const answer = await get('/p?a=1&b=2&c=3', { headers: { Pragma: 'akamai-x-get-true-cache-key' } });
    expect(answer.all('X-True-Cache-Key')).toEqual(['/www.example.com/p?a=1&c=3']);
  });

  it('answers at once where its EdgeWorker does, in any of its events', async () => {
    const { get, asked, reports } = await start(`
      const answer = (name) => (request) => { if (request.path === '/' + name) request.respondWith(418, { A: ['1', '2'], 'Set-Cookie': 'x=1' }, name); };
      export const onClientRequest = answer('creq');
      export const onOriginRequest = answer('oreq');
      export const onOriginResponse = answer('orsp');
      export const onClientResponse = answer('crsp');
    `);
    for (const name of ['creq', 'oreq', 'orsp', 'crsp']) {
      const answered = await get(`/${name}`);
      expect(answered).toMatchObject({ status: 418, text: name });
      expect(answered.all('A')).toEqual(['1', '2']);
      expect(answered.all('Set-Cookie')).toEqual([]);
    }
    expect(asked.map(({ url }) => url)).toEqual(['/orsp', '/crsp']);
    expect(eventsOf(reports.slice(0, 4))).toBe('onClientRequest onClientResponse onClientRequest onOriginRequest');
  });

  it('lets its EdgeWorker be the origin', async () => {
    const { get, asked, reports } = await start(`
      import { createResponse } from 'create-response';
      export function onOriginRequest() {}
      export async function responseProvider(request) {
        return createResponse(201, { 'Cache-Control': 'max-age=9', 'X-Many': ['1', '2'] }, request.method + await request.text());
      }
      export function onClientResponse(request, response) { response.setHeader('X-Status', String(response.status)); }
    `);
    const answer = await get('/x', { method: 'POST', body: 'sent' });
    expect(answer).toMatchObject({ status: 201, text: 'POSTsent' });
    expect([answer.all('X-Many'), answer.all('X-Status')]).toEqual([['1', '2'], ['201']]);
    expect(asked).toEqual([]);
    expect(eventsOf(reports)).toBe('responseProvider onClientResponse');
  });

  it('goes by the route that its EdgeWorker chose', async () => {
    const { get, asked } = await start(
      `export function onClientRequest(request) { request.route({ origin: 'blue', path: '/other', query: 'q=2' }); }`,
    );
    expect((await get('/page?a=1')).text).toBe('GET /other?q=2 #1');
    expect(asked[0]?.url).toBe('/other?q=2');
  });

  it('drops cookies that its EdgeWorker sets, unless it is configured to pass them', async () => {
    const main = `export function onClientResponse(request, response) { response.addHeader('Set-Cookie', 'edge=1'); response.status = 202; }`;
    expect((await (await start(main)).get('/')).all('Set-Cookie')).toEqual(['origin=1']);
    const passing = await (await start(main, { passSetCookie: true })).get('/');
    expect([passing.status, passing.all('Set-Cookie')]).toEqual([202, ['origin=1', 'edge=1']]);
  });

  it('answers 500 where its EdgeWorker fails, or goes on without it', async () => {
    const main = `
      export function onClientRequest(request) { request.setHeader('X-Trail', '1'); if (request.path === '/bad') missing(); }
      export function onClientResponse(request, response) { response.setHeader('X-Trail', String(request.getHeader('X-Trail'))); }`;
    const failing = await start(main);
    expect((await failing.get('/bad')).status).toBe(500);
    expect(failing.asked).toEqual([]);
    const going = await start(main, { onError: 'continue' });
    const answer = await going.get('/bad');
    expect([answer.status, answer.all('X-Trail')]).toEqual([200, ['undefined']]);
  });

  it('answers 500 where its EdgeWorker was to provide the response and fails, whatever becomes of other events', async () => {
    const { get, asked } = await start('export const responseProvider = () => missing();', { onError: 'continue' });
    expect((await get('/')).status).toBe(500);
    expect(asked).toEqual([]);
  });

  it('takes headers away by its first rule: no EdgeWorker sees them, and no origin, also where its EdgeWorker fails or none runs', async () => {
    const main = `
      export function onClientRequest(request) {
        request.setHeader('X-Seen', String(request.getHeader('X-Decided')));
        if (request.path === '/bad') missing();
        if (request.path === '/own') request.setHeader('X-Decided', 'edge');
      }`;
    const { get, asked } = await start(main, { removedHeaders: ['x-decided'], onError: 'continue' });
    const forged = { headers: { 'X-DECIDED': 'client', 'X-Other': '1' } };
    await get('/', forged);
    await get('/own', forged);
    await get('/bad', forged);
    await get('/none', { ...forged, method: 'OPTIONS' });
    const NAMES = ['x-decided', 'x-seen', 'x-other'];
    const seen = asked.map(({ headers }) => headers.filter(([name]) => NAMES.includes(name.toLowerCase())));
    expect(seen).toEqual([
      [
        ['X-Other', '1'],
        ['X-Seen', 'undefined'],
      ],
      [
        ['X-Other', '1'],
        ['X-Seen', 'undefined'],
        ['X-Decided', 'edge'],
      ],
      [['X-Other', '1']],
      [['X-Other', '1']],
    ]);
  });

  it('answers 503 where its origin cannot be reached', async () => {
    const { get } = await start('export function onClientResponse() {}', {
      origin: () => Promise.reject(new Error('down')),
    });
    expect((await get('/')).status).toBe(503);
  });

  it('runs no EdgeWorker for methods that have none, nor for events that are bypassed', async () => {
    const main = `
      export function onClientRequest(request) { request.setVariable('PMUSER_BYPASS_EW_CLTRESP_EVENT', 'true'); }
      export function onClientResponse() {}`;
    const { get, reports } = await start(main);
    await get('/', { method: 'OPTIONS' });
    expect(reports).toEqual([]);
    await get('/');
    expect(eventsOf(reports)).toBe('onClientRequest');
    const allowing = await start(main, { variables: { PMUSER_EW_ENABLE_OPTIONS: 'true' } });
    await allowing.get('/', { method: 'OPTIONS' });
    expect(eventsOf(allowing.reports)).toBe('onClientRequest');
  });

  it('has its rules set variables by path: the EdgeWorker provides what is below one, the origin what is not', async () => {
    const main = `
      import { createResponse } from 'create-response';
      export function onClientRequest() {}
      export const responseProvider = () => createResponse(200, {}, 'provided');`;
    const variables = (path: string): Record<string, string> =>
      path.startsWith('/v1/') ? { PMUSER_BYPASS_EW_CLTREQ_EVENT: 'true' } : { PMUSER_BYPASS_EW_RP_EVENT: 'true' };
    const { get, reports } = await start(main, { variables });
    expect((await get('/v1/status?x=1')).text).toBe('provided');
    expect(eventsOf(reports)).toBe('responseProvider');
    expect((await get('/page?x=/v1/')).text).toBe('GET /page?x=/v1/ #1');
    expect(eventsOf(reports)).toBe('responseProvider onClientRequest');
  });

  it('may run its origin’s events where the variables of the client’s are not known', async () => {
    const main = `
      export function onClientRequest(request) { request.setVariable('PMUSER_A', '1'); }
      export function onOriginRequest(request) { request.setHeader('X-Known', String(request.getVariable('PMUSER_A')) + request.getVariable('PMUSER_OWN')); }`;
    const knownTo = async (random: () => number): Promise<string | undefined> => {
      const { get, asked } = await start(main, { random, variables: { PMUSER_OWN: 'own' } });
      await get('/');
      return asked[0]?.headers.find(([name]) => name === 'X-Known')?.[1];
    };
    expect(await knownTo(() => 0)).toBe('1own');
    expect(await knownTo(() => 0.9)).toBe('undefinedown');
  });

  it('B23: takes the place of the client from X-Forwarded-For, where there is one', async () => {
    const main = `export function onClientRequest(request) { request.respondWith(200, {}, request.userLocation.country + ' ' + request.clientIp); }`;
    const { get } = await start(main);
    expect((await get('/')).text).toBe('NL 203.0.113.7');
    expect((await get('/', { headers: { 'X-Forwarded-For': '198.51.100.1, 203.0.113.7' } })).text).toBe(
      'JP 203.0.113.7',
    );
    expect((await get('/', { headers: { 'X-Forwarded-For': 'nonsense' } })).text).toBe('NL 203.0.113.7');
    const nowhere = await start(main, { places: () => undefined });
    expect((await nowhere.get('/')).text).toBe('undefined 203.0.113.7');
    const reserved = await start(main, { places: () => undefined, clientIp: '10.0.0.1' });
    expect((await reserved.get('/')).text).toBe('reserved 10.0.0.1');
  });

  it('tells what its EdgeWorker took when it is asked by Pragma', async () => {
    const { get } = await start(
      `import { httpRequest } from 'http-request'; import { logger } from 'log';
       export async function onClientRequest(request) { logger.warn('seen %s', request.path); await httpRequest('https://nobody.example.com/x'); }
       export function onClientResponse(request) { missing(); }`,
      { edgeWorkerId: 42, onError: 'continue' },
    );
    const plain = await get('/');
    expect(plain.headers.filter(([name]) => name.startsWith('X-Akamai'))).toEqual([]);
    const asked = await get('/', { headers: { Pragma: 'akamai-x-ew-debug, akamai-x-ew-debug-subs' } });
    const [info = ''] = asked.all('X-Akamai-EdgeWorker-onClientRequest-Info');
    expect(info).toMatch(
      /^ew=42 v1\.2\.3:A test; status=Success; status_msg=-; res_tier=100; init_wall_time=[\d.]+; wall_time=[\d.]+; init_cpu_time=[\d.]+; cpu_time=[\d.]+; memory_usage=\d+$/,
    );
    expect(asked.all('X-Akamai-EdgeWorker-onClientRequest-Log')).toEqual(['W:main.js:2 seen /']);
    expect(asked.all('X-Akamai-Edgeworker-Subrequests')[0]).toMatch(
      /^ew=42; evt=CReq; id=1; method="GET"; url="https:\/\/nobody\.example\.com\/x"; rsp=400; dur=[\d.]+$/,
    );
    expect(asked.all('X-Akamai-EdgeWorker-onClientResponse-Info')[0]).toContain(
      'status=ExecutionError; status_msg=main.js:',
    );
    const one = await get('/', { headers: { Pragma: 'akamai-x-ew-onclientresponse' } });
    expect(one.headers.filter(([name]) => name.startsWith('X-Akamai')).map(([name]) => name)).toEqual([
      'X-Akamai-EdgeWorker-onClientResponse-Info',
    ]);
  });

  it('shows the failure of an event that ended in 500', async () => {
    const { get } = await start('export function onClientRequest() { for (;;) {} }');
    const answer = await get('/', { headers: { Pragma: 'akamai-x-ew-debug' } });
    expect(answer.status).toBe(500);
    expect(answer.all('X-Akamai-EdgeWorker-onClientRequest-Info')[0]).toContain('status=CpuTimeoutError');
  });

  it('passes on to an origin on loopback as it is', async () => {
    const inner = await start(
      'export function onOriginRequest(request) { request.setHeader("X-Inner", request.host); }',
    );
    const outer = await start('export function onClientRequest() {}', { origin: inner.url });
    const answer = await outer.get('/x?y=1', { method: 'POST', body: 'sent', headers: { 'X-Own': '1' } });
    expect(answer).toMatchObject({ status: 200, text: 'POST /x?y=1 #1' });
    expect(answer.all('Set-Cookie')).toEqual(['origin=1']);
    const [request] = inner.asked;
    expect(new TextDecoder().decode(request?.body)).toBe('sent');
    const headers = Object.fromEntries(request?.headers ?? []);
    expect(headers).toMatchObject({ Host: 'www.example.com', 'X-Inner': 'www.example.com', 'X-Own': '1' });
  });
});
