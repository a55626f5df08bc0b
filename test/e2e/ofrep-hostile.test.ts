import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, callerOf, flagsOf } from './fixtures/caller.ts';
import { BULK } from './fixtures/ofrep-description.ts';
import { descendants, programOf } from './fixtures/processes.ts';
import { type SharedPlanet, sharedPlanet } from './fixtures/shared-planet.ts';

const FLAG = 'pricing.fareBundlingV2';
const BODY = JSON.stringify({ context: { targetingKey: 'user-1' } });
const TOO_LARGE = JSON.stringify({ context: { targetingKey: 'user-1', note: 'x'.repeat(2 * 1024 * 1024) } });
const ROUTES = [BULK, `${BULK}/${FLAG}`, `${BULK}/no.such.flag`];
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

let planet: SharedPlanet;
let server: Caller;
let workers: number[];

beforeAll(async () => {
  planet = await sharedPlanet();
  server = callerOf(planet);
  workers = runtimes();
});

const runtimes = (): number[] => descendants(planet.file.pid).filter((pid) => programOf(pid).startsWith('workerd'));

afterEach(async () => {
  expect(runtimes(), 'the same workerd runs').toEqual(workers);
  const asked = await server.one(FLAG, { targetingKey: 'user-1' });
  expect([asked.status, asked.json], 'and answers').toMatchObject([200, { key: FLAG, variant: 'control' }]);
});

describe('I12: a body that is no request', () => {
  it.each<[string, BodyInit | undefined, string]>([
    ['no body', undefined, 'PARSE_ERROR'],
    ['an empty one', '', 'PARSE_ERROR'],
    ['spaces', '  \n', 'PARSE_ERROR'],
    ['no JSON', 'targetingKey=user-1', 'PARSE_ERROR'],
    ['half of it', BODY.slice(0, -3), 'PARSE_ERROR'],
    ['two of it', BODY + BODY, 'PARSE_ERROR'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x00, 0x80]), 'PARSE_ERROR'],
    ['NaN', '{"context":{"targetingKey":"user-1","age":NaN}}', 'PARSE_ERROR'],
    ['null', 'null', 'INVALID_CONTEXT'],
    ['a number', '1', 'INVALID_CONTEXT'],
    ['a text', '"context"', 'INVALID_CONTEXT'],
    ['an empty list', '[]', 'INVALID_CONTEXT'],
    ['a list of requests', `[${BODY}]`, 'INVALID_CONTEXT'],
    ['no context', '{}', 'INVALID_CONTEXT'],
    ['a context of null', '{"context":null}', 'INVALID_CONTEXT'],
    ['a context that is a text', '{"context":"user-1"}', 'INVALID_CONTEXT'],
    ['a context that is a number', '{"context":1}', 'INVALID_CONTEXT'],
    ['a context that is true', '{"context":true}', 'INVALID_CONTEXT'],
    ['a context that is a list', '{"context":[{"targetingKey":"user-1"}]}', 'INVALID_CONTEXT'],
    ['an inherited context', '{"__proto__":{"context":{"targetingKey":"user-1"}}}', 'INVALID_CONTEXT'],
    ['lists 20,000 deep', nested(20_000), 'INVALID_CONTEXT'],
    ['a context 20,000 deep', `{"context":{"targetingKey":"user-1","a":${nested(20_000)}}}`, 'INVALID_CONTEXT'],
    ['objects 9,000 deep', `{"context":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}`, 'INVALID_CONTEXT'],
    ['two megabytes', TOO_LARGE, 'INVALID_CONTEXT'],
  ])('%s', async (_, body, errorCode) => {
    for (const route of ROUTES) {
      const { status, json } = await server.post(route, body);
      expect([route, status, json]).toMatchObject([
        route,
        400,
        { errorCode, errorDetails: expect.stringMatching(/./) },
      ]);
    }
  });

  it('two megabytes in pieces, of a length that is not said, are not read to the end', async () => {
    for (const route of ROUTES) expect(await statusOnceHeard(route, 2 * 1024 * 1024)).toBe(400);
  });

  it('a few bytes in pieces are', async () => {
    expect(await statusOfPieces(BULK, 30_000)).toBe(200);
  });
});

describe('I12, B21: a context that is odd', () => {
  it.each<[string, string]>([
    ['no targeting key', '{}'],
    ['an empty one', '{"targetingKey":""}'],
    ['a number', '{"targetingKey":42}'],
    ['a fraction', '{"targetingKey":0.1}'],
    ['an infinite one', '{"targetingKey":1e400}'],
    ['null', '{"targetingKey":null}'],
    ['an object', '{"targetingKey":{"targetingKey":"user-1"}}'],
    ['an unpaired surrogate', '{"targetingKey":"\\ud800"}'],
    ['30 KB', `{"targetingKey":"${'x'.repeat(30_000)}"}`],
    ['a prototype', '{"targetingKey":"user-1","__proto__":{"plan":"gold"},"constructor":{"prototype":{"x":1}}}'],
    [
      'names of methods',
      '{"targetingKey":"user-1","toString":1,"hasOwnProperty":2,"valueOf":null,"toJSON":3,"length":-1}',
    ],
    ['the same name twice', '{"targetingKey":"user-1","targetingKey":"user-2"}'],
    ['huge numbers', '{"targetingKey":"user-1","seats":1e400,"bookings":{"count":-1e400},"storedCards":1e-400}'],
    ['5,000 attributes', JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`a${at}`, at])))],
    ['a list of 20,000', JSON.stringify({ targetingKey: 'user-1', tags: new Array(20_000).fill(1) })],
    ['30 deep', `{"targetingKey":"user-1","tags":${nested(30)}}`],
    ['kinds that are lists', '{"targetingKey":"user-1","account":[1],"device":[],"address":"GB"}'],
  ])('B21: %s is decided for', async (_, context) => {
    const all = await server.post(BULK, `{"context":${context}}`);
    expect([all.status, flagsOf(all).length]).toEqual([200, 35]);
    const one = await server.post(`${BULK}/${FLAG}`, `{"context":${context}}`);
    expect(one.json).toEqual(flagsOf(all).find(({ key }) => key === FLAG));
  });

  it('B21: a prototype in the context adds no attribute', async () => {
    const context = '{"targetingKey":"user-1","__proto__":{"country":"US"},"constructor":{"country":"US"}}';
    const { json } = await server.post(`${BULK}/pricing.taxDisplay`, `{"context":${context}}`);
    expect(json).toMatchObject({ variant: 'gross' });
  });

  it('B21: without a targeting key nobody is in a share, and the answer says so', async () => {
    const { json } = await server.one('billing.paymentProvider', {});
    expect(json).toMatchObject({ variant: 'adyen', reason: 'SPLIT', metadata: { warning: 'TARGETING_KEY_MISSING' } });
  });
});

describe('I12: a key of a flag that there cannot be', () => {
  const named = (path: string, key: string): [string, string, string] => [path.slice(0, 40), path, key];
  it.each([
    named('a%2Fb', 'a/b'),
    named('%', '%'),
    named('%zz', '%zz'),
    named('%25', '%'),
    named('%E4%F6', '%E4%F6'),
    named('%00', '\u0000'),
    named('__proto__', '__proto__'),
    named('constructor', 'constructor'),
    named('toString', 'toString'),
    named('%D1%84%D0%BB%D0%B0%D0%B3', 'флаг'),
    named('segment:staff', 'segment:staff'),
    named('segment%3Astaff', 'segment:staff'),
    named('PRICING.FAREBUNDLINGV2', 'PRICING.FAREBUNDLINGV2'),
    named(`%20${FLAG}`, ` ${FLAG}`),
    named(`${FLAG}%0A`, `${FLAG}\n`),
    named('%22%5D%7D%3Cscript%3E', '"]}<script>'),
    named('x'.repeat(10_240), 'x'.repeat(10_240)),
  ])('%s is not found, and named in the answer', async (_, path, key) => {
    const { status, json } = await server.post(`${BULK}/${path}`, BODY);
    expect([status, json]).toMatchObject([
      404,
      { key, errorCode: 'FLAG_NOT_FOUND', errorDetails: expect.stringMatching(/./) },
    ]);
  });

  it.each(['', '..', '%2e%2e', '?key=x'])('/%s is no route', async (path) => {
    const asked = await server.post(`${BULK}/${path}`, BODY);
    expect([asked.status, asked.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
  });

  it.each(['a/b', `${FLAG}/`, 'a/../b/c', '%2e%2e%2f/x'])('/%s names no flag, as OFREP tells it', async (path) => {
    const asked = await server.post(`${BULK}/${path}`, BODY);
    expect([asked.status, asked.json]).toMatchObject([404, { errorCode: 'FLAG_NOT_FOUND' }]);
  });

  it('a route asked for by another method is refused with a problem', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
      const headers = { authorization: `Bearer ${planet.file.keys['server']}` };
      const response = await fetch(`${planet.edge}${BULK}`, { method, headers });
      expect([method, response.headers.get('content-type')]).toEqual([method, 'application/problem+json']);
      expect([method, Math.floor(response.status / 100)]).toEqual([method, 4]);
    }
  });
});

/**
 * The status of a POST whose body comes in pieces, until the answer does: a connection is closed behind that, and whoever still writes to it
 * may be told of nothing else.
 */
async function statusOfPieces(path: string, bytes: number): Promise<number | 'cut off' | undefined> {
  const headers = { authorization: `Bearer ${planet.file.keys['server']}`, 'transfer-encoding': 'chunked' };
  const posted = request(`${planet.edge}${path}`, { method: 'POST', headers });
  let isAnswered = false;
  const answer = new Promise<number | 'cut off' | undefined>((resolve, reject) => {
    posted.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' || error.code === 'ECONNRESET' ? resolve('cut off') : reject(error),
    );
    posted.on('response', (response) => {
      isAnswered = true;
      response.resume();
      resolve(response.statusCode);
    });
  });
  posted.write('{"context":{"targetingKey":"user-1","note":"');
  for (let left = bytes; left > 0 && !isAnswered; left -= 20_000) {
    posted.write('x'.repeat(Math.min(left, 20_000)));
    await Promise.race([answer, sleep(2)]);
  }
  if (!isAnswered) posted.end('"}}');
  return answer;
}

/** Who still sends while the server answers and closes can lose the answer (RFC 9112, 9.6): it then asks again. */
async function statusOnceHeard(path: string, bytes: number): Promise<number | 'cut off' | undefined> {
  for (let left = 5; left > 0; left--) {
    const status = await statusOfPieces(path, bytes);
    if (status !== 'cut off') return status;
  }
  return 'cut off';
}
