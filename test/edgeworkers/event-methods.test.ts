import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_NAMES, type EventInput, type EventName } from '../../scripts/edgeworkers/event.ts';
import { type Cases, startCases } from './fixtures/cases.ts';
import { inputOf } from './fixtures/event-input.ts';

/** The tables of techdocs.akamai.com/edgeworkers/docs/{request-object,response-object}: CReq, OReq, ORsp, CRsp, RP. */
const REQUEST_TABLE = {
  respondWith: '****-',
  addHeader: '**---',
  getHeader: '*****',
  getHeaders: '*****',
  setHeader: '**---',
  removeHeader: '**---',
  getVariable: '*****',
  setVariable: '****-',
  route: '*----',
  text: '----*',
  json: '----*',
  arrayBuffer: '----*',
  wasTerminated: '**---',
};
const RESPONSE_TABLE = {
  addHeader: '--**-',
  getHeader: '--**-',
  getHeaders: '--**-',
  removeHeader: '--**-',
  setHeader: '--**-',
};

const hasResponse = (event: EventName): boolean => event === 'onOriginResponse' || event === 'onClientResponse';
const inputFor = (event: EventName): EventInput =>
  inputOf({}, hasResponse(event) ? { response: { status: 200, headers: [['A', 'b']] } } : {});

describe('what there is in an event', () => {
  let cases: Cases<string>;
  beforeAll(async () => {
    cases = await startCases({
      prelude: `import { logger } from 'log'; import { createResponse } from 'create-response';`,
      cases: {
        // A provider must answer; the log is a way out of every event.
        table: `(request, response) => {
          const methodsOf = (object, names) => names.filter((name) => typeof object?.[name] === 'function').join(' ');
          logger.log('%s', methodsOf(request, ${JSON.stringify(Object.keys(REQUEST_TABLE))}));
          logger.log('%s', methodsOf(response, ${JSON.stringify(Object.keys(RESPONSE_TABLE))}));
          logger.log('%s %s %s', typeof request.cacheKey, typeof request.body, typeof response);
          return request.text && createResponse('');
        }`,
        missing: `(request) => request.setVariable('PMUSER_A', '1')`,
        notRoute: `(request) => request.route({ path: '/x' })`,
        readOnly: `(request) => {
          const attempt = (act) => { try { act(); return 'changed'; } catch (error) { return error.name; } };
          const names = ['host', 'method', 'path', 'query', 'scheme', 'url', 'clientIp', 'cpCode', 'device', 'userLocation'];
          request.respondWith(200, {}, JSON.stringify(names.map((name) => attempt(() => { request[name] = 'x'; }))));
        }`,
        properties: `(request) => {
          const { host, method, path, query, scheme, url, clientIp, cpCode, device, userLocation } = request;
          request.respondWith(200, {}, JSON.stringify(
            { host, method, path, query, scheme, url, clientIp, cpCode, device, userLocation }));
        }`,
      },
    });
  });
  afterAll(() => cases.stop());

  it.each(EVENT_NAMES)('%s has the methods that the documentation lists, and no others', async (event) => {
    const { report } = await cases.run('table', event, inputFor(event));
    const column = EVENT_NAMES.indexOf(event);
    const listed = (table: Readonly<Record<string, string>>): string =>
      Object.keys(table)
        .filter((name) => table[name]?.[column] === '*')
        .join(' ');
    const [request, response, others] = report.log.split('|').map((line) => line.replace(/^\w:[^ ]* ?/, ''));
    expect(request).toBe(listed(REQUEST_TABLE));
    expect(response).toBe(listed(RESPONSE_TABLE));
    expect(others).toBe(
      [
        event === 'onClientRequest' ? 'object' : 'undefined',
        event === 'responseProvider' ? 'object' : 'undefined',
        hasResponse(event) ? 'object' : 'undefined',
      ].join(' '),
    );
  });

  it('what there is not is no function', async () => {
    const provider = await cases.run('missing', 'responseProvider');
    expect(provider.report.status).toBe('ExecutionError');
    expect(provider.report.statusMessage).toContain('request.setVariable+is+not+a+function');
    const origin = await cases.run('notRoute', 'onOriginRequest');
    expect(origin.report.statusMessage).toContain('request.route+is+not+a+function');
    expect(origin.effects).toBeUndefined();
  });

  it('the properties of a request are what was asked for', async () => {
    const input = inputOf({ query: 'a=1&b', method: 'POST', userLocation: null, device: { isMobile: true } });
    expect(await cases.answer('properties', input)).toEqual({
      host: 'www.example.com',
      method: 'POST',
      path: '/properties',
      query: 'a=1&b',
      scheme: 'https',
      url: '/properties?a=1&b',
      clientIp: '203.0.113.7',
      cpCode: 12_345,
      device: { isMobile: true },
      userLocation: null,
    });
  });

  it('the properties of a request cannot be changed', async () => {
    expect(await cases.answer('readOnly')).toEqual(Array.from({ length: 10 }, () => 'TypeError'));
  });
});

describe('what a handler does to a request', () => {
  let cases: Cases<string>;
  beforeAll(async () => {
    cases = await startCases({
      prelude: `const attempt = (act) => { try { act(); return 'taken'; } catch (error) { return error.name + ': ' + error.message; } };
        const tell = (request, value) => request.respondWith(200, {}, JSON.stringify(value));`,
      cases: {
        headers: `(request) => {
          const before = [request.getHeader('COOKIE'), request.getHeader('gone'), request.getHeaders()];
          request.setHeader('X-One', ['1', '2']);
          request.addHeader('x-one', '3');
          request.removeHeader('cookie');
          tell(request, [before, request.getHeader('X-ONE')]);
        }`,
        refusedHeaders: `(request) => tell(request, [
          attempt(() => request.setHeader('a b', '1')), attempt(() => request.setHeader('a', 'x\\r\\ny: z')),
          attempt(() => request.setHeader('a')), attempt(() => request.setHeader('X-Akamai-Edgescape', 'country_code=XX')),
          attempt(() => request.removeHeader('Akamai-Origin-Hop')), attempt(() => request.setHeader('a', 'é')),
        ])`,
        variables: `(request) => {
          request.setVariable('PMUSER_B', 2);
          tell(request, [request.getVariable('PMUSER_A'), request.getVariable('PMUSER_B'), request.getVariable('PMUSER_GONE'),
            request.getVariable('PMUSER_LONG').length]);
        }`,
        refusedVariables: `(request) => tell(request, ['pmuser_a', 'PMUSER_a', 'A', 'PMUSER_', 'PMUSER_A-B', undefined]
          .map((name) => attempt(() => request.setVariable(name, '1')).slice(0, 22)))`,
        route: `(request) => { request.route({ origin: 'blue', path: '/other.html', query: 'c=2' }); }`,
        refusedRoutes: `(request) => tell(request, [undefined, 'x', {}, { path: 'relative' }, { path: 1 }, { query: 'ok=1' }]
          .map((destination) => attempt(() => request.route(destination)).split(':')[0]))`,
        cacheKey: `(request) => {
          request.cacheKey.excludeQueryString();
          request.cacheKey.includeQueryArgument('a');
          request.cacheKey.includeCookie('c');
          request.cacheKey.includeHeader('H');
          request.cacheKey.includeVariable('PMUSER_V');
          request.cacheKey.includeQueryString();
        }`,
        refusedCacheKey: `(request) => tell(request, [
          attempt(() => request.cacheKey.includeCookie()), attempt(() => request.cacheKey.includeVariable('v')),
        ].map((text) => text.split(':')[0]))`,
        lastAnswer: `(request) => {
          const before = request.wasTerminated();
          request.respondWith(404, { A: 'b' }, 'first');
          request.respondWith(403, { 'Set-Cookie': ['a=1', 'b=2'], n: 1 }, 'second', 'denied');
          request.setVariable('PMUSER_T', before + ' ' + request.wasTerminated());
        }`,
        refusedAnswers: `(request) => tell(request, [199, 600, 200.5, '200', undefined]
          .map((status) => attempt(() => request.respondWith(status, {}, '')).split(':')[0])
          .concat(attempt(() => request.respondWith(200, 'x', '')).split(':')[0], attempt(() => request.respondWith(200, { 'a b': '1' }, '')).split(':')[0]))`,
        response: `(request, response) => {
          const before = [response.status, response.getHeader('a'), response.getHeaders()];
          response.status = 203;
          response.setHeader('A', 'changed');
          response.addHeader('Set-Cookie', ['x=1', 'y=2']);
          response.removeHeader('Gone');
          request.setVariable('PMUSER_BEFORE', JSON.stringify(before));
        }`,
        refusedStatus: `(request, response) => { response.status = 100; }`,
        thrown: `() => { throw { failed: 'GET', status: 500 }; }`,
        rejected: `async () => { await null; throw new RangeError('too far; "quoted"'); }`,
      },
    });
  });
  afterAll(() => cases.stop());

  it('to its headers', async () => {
    const input = inputOf({
      headers: [
        ['Cookie', 'a=1'],
        ['Accept', '*/*'],
        ['cookie', 'b=2'],
      ],
    });
    const { effects } = await cases.run('headers', 'onClientRequest', input);
    expect(JSON.parse(effects?.responded?.body ?? '')).toEqual([
      [['a=1', 'b=2'], null, { cookie: ['a=1', 'b=2'], accept: ['*/*'] }],
      ['1', '2', '3'],
    ]);
    expect(effects?.requestHeaders).toEqual([
      ['Accept', '*/*'],
      ['X-One', '1'],
      ['X-One', '2'],
      ['x-one', '3'],
    ]);
  });

  it('to its headers, where they are none, or not its own', async () => {
    expect(await cases.answer('refusedHeaders')).toEqual([
      'TypeError: Invalid header name: a b',
      'TypeError: Header value has control characters',
      'TypeError: Header value is missing',
      'TypeError: Header X-Akamai-Edgescape is for internal use',
      'TypeError: Header Akamai-Origin-Hop is for internal use',
      'taken',
    ]);
  });

  it('to its variables', async () => {
    const input = inputOf({ variables: { PMUSER_A: '1', PMUSER_LONG: 'x'.repeat(5_000) } });
    const { effects } = await cases.run('variables', 'onClientRequest', input);
    expect(JSON.parse(effects?.responded?.body ?? '')).toEqual(['1', '2', null, 5_000]);
    expect(effects?.variables).toEqual({ PMUSER_B: '2' });
  });

  it('to its variables, where they are not upper case, or nobody’s', async () => {
    expect(await cases.answer('refusedVariables')).toEqual(Array.from({ length: 6 }, () => 'Error: Invalid variabl'));
  });

  it('to its route', async () => {
    const { effects } = await cases.run('route');
    expect(effects?.route).toEqual({ origin: 'blue', path: '/other.html', query: 'c=2' });
    const refused = Array.from({ length: 5 }, () => 'TypeError');
    expect(await cases.answer('refusedRoutes')).toEqual([...refused, 'taken']);
  });

  it('to its cache key', async () => {
    const { effects } = await cases.run('cacheKey');
    expect(effects?.cacheKey).toEqual([
      { rule: 'excludeQueryString' },
      { rule: 'includeQueryArgument', name: 'a' },
      { rule: 'includeCookie', name: 'c' },
      { rule: 'includeHeader', name: 'H' },
      { rule: 'includeVariable', name: 'PMUSER_V' },
      { rule: 'includeQueryString' },
    ]);
    expect(await cases.answer('refusedCacheKey')).toEqual(['TypeError', 'Error']);
  });

  it('by answering it: the last answer counts', async () => {
    const { effects } = await cases.run('lastAnswer');
    expect(effects?.responded).toEqual({
      status: 403,
      headers: [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['n', '1'],
      ],
      body: 'second',
      denyReason: 'denied',
    });
    expect(effects?.variables).toEqual({ PMUSER_T: 'false true' });
    const refused = Array.from({ length: 5 }, () => 'RangeError');
    expect(await cases.answer('refusedAnswers')).toEqual([...refused, 'TypeError', 'TypeError']);
  });

  it('to its response', async () => {
    const input = inputOf(
      {},
      {
        response: {
          status: 200,
          headers: [
            ['A', 'b'],
            ['Gone', '1'],
          ],
        },
      },
    );
    const { effects } = await cases.run('response', 'onClientResponse', input);
    expect(JSON.parse(effects?.variables['PMUSER_BEFORE'] ?? '')).toEqual([200, ['b'], { a: ['b'], gone: ['1'] }]);
    expect(effects?.response).toEqual({
      status: 203,
      headers: [
        ['A', 'changed'],
        ['Set-Cookie', 'x=1'],
        ['Set-Cookie', 'y=2'],
      ],
    });
    const { report } = await cases.run('refusedStatus', 'onClientResponse', input);
    expect(report).toMatchObject({ status: 'ExecutionError', statusMessage: expect.stringContaining('RangeError') });
  });

  it('by failing: nothing of it counts, and the message says where', async () => {
    const thrown = await cases.run('thrown');
    expect(thrown.report).toMatchObject({ status: 'ExecutionError', statusMessage: '{"failed":"GET","status":500}' });
    expect(thrown.effects).toBeUndefined();
    const rejected = await cases.run('rejected');
    expect(rejected.report.statusMessage).toMatch(/^main\.js:[^:]*:\d+:\d+\+RangeError:\+too\+far\?\+"quoted"$/);
  });
});
