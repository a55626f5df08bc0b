/** OFREP by `responseProvider`, asked what is no question, or an odd one: on the built bundle, in the harness. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { flagsOf } from '../e2e/fixtures/caller.ts';
import { BULK } from '../e2e/fixtures/ofrep-description.ts';
import { FLAG, KEYS, PLACE, readerOfMarketplace } from './fixtures/deployed.ts';
import { bearer, createPops, type ServedPop, USER } from './fixtures/pop.ts';

const { served, stop } = createPops();
afterAll(stop);

const reader = readerOfMarketplace(7);

let pop: ServedPop;
beforeAll(async () => {
  pop = await served({ instances: 'mixed' });
  await pop.publish(7);
});

describe('a body that is no request', () => {
  let hostile: ServedPop;
  beforeAll(async () => {
    // The harness keeps a request's body in the sandbox, read or not, and the Basic tier has no more memory than two megabytes.
    hostile = await served({ instances: 'mixed', tier: 'dynamic' });
    await hostile.publish(7);
  });

  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const padded = (bytes: number): string => JSON.stringify({ context: { targetingKey: 'u', note: 'x'.repeat(bytes) } });

  it.each<[string, BodyInit, string]>([
    ['an empty one', '', 'PARSE_ERROR'],
    ['no JSON', 'targetingKey=user-1', 'PARSE_ERROR'],
    ['half of it', '{"context":{"targetingKey":"use', 'PARSE_ERROR'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x00, 0x80]), 'PARSE_ERROR'],
    ['null', 'null', 'INVALID_CONTEXT'],
    ['an empty list', '[]', 'INVALID_CONTEXT'],
    ['a list of requests', '[{"context":{}}]', 'INVALID_CONTEXT'],
    ['no context', '{}', 'INVALID_CONTEXT'],
    ['a context of null', '{"context":null}', 'INVALID_CONTEXT'],
    ['a context that is a list', '{"context":[]}', 'INVALID_CONTEXT'],
    ['an inherited context', '{"__proto__":{"context":{}}}', 'INVALID_CONTEXT'],
    ['lists 20,000 deep', nested(20_000), 'INVALID_CONTEXT'],
    ['a context 20,000 deep', `{"context":{"targetingKey":"user-1","a":${nested(20_000)}}}`, 'INVALID_CONTEXT'],
    ['a byte more than 64 KB', padded(64 * 1_024), 'INVALID_CONTEXT'],
    ['two megabytes', padded(2 * 1_048_576), 'INVALID_CONTEXT'],
  ])('%s gets 400 and says what to send', async (_, body, errorCode) => {
    for (const route of [BULK, `${BULK}/${FLAG}`]) {
      const { status, json } = await hostile.server.post(route, body);
      expect([status, json]).toMatchObject([400, { errorCode, errorDetails: expect.stringMatching(/./) }]);
    }
    for (const { status } of hostile.reports.splice(0)) expect(status).toBe('Success');
  });

  it.each([70_000, 1_000_000])('%i bytes in pieces, of a length that is not said, get 400', async (bytes) => {
    const piece = new TextEncoder().encode('x'.repeat(bytes / 4));
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < 4; at++) controller.enqueue(piece);
        controller.close();
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const { status } = await fetch(`${hostile.url}${BULK}`, { ...init, headers: bearer(KEYS.server) });
    expect([status, hostile.reports.at(-1)]).toMatchObject([400, { status: 'Success' }]);
    for (const { event, status } of hostile.reports.splice(0)) expect([event, status]).toEqual([event, 'Success']);
  });
});

describe('a context that is odd', () => {
  it.each<[string, string]>([
    ['no targeting key', '{}'],
    ['an empty one', '{"targetingKey":""}'],
    ['one of 10 KB', `{"targetingKey":"${'x'.repeat(10_240)}"}`],
    ['half a surrogate pair', '{"targetingKey":"\\ud800"}'],
    ['an object', '{"targetingKey":{"a":1}}'],
    ['an infinite one', '{"targetingKey":1e400}'],
    ['a prototype', '{"targetingKey":"user-1","__proto__":{"country":"US"},"constructor":{"prototype":{}}}'],
    ['names of methods', '{"targetingKey":"user-1","toString":1,"toJSON":3,"length":-1}'],
    ['5,000 attributes', JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`a${at}`, at])))],
    ['30 deep', `{"targetingKey":"user-1","tags":${'['.repeat(30)}${']'.repeat(30)}}`],
  ])('%s is decided for as in this process', async (_, text) => {
    const all = await pop.server.post(BULK, `{"context":${text}}`);
    const context = createContext(JSON.parse(text), PLACE);
    expect(flagsOf(all).map(({ key, variant }) => [key, variant])).toEqual(
      reader.flagKeys().map((key) => [key, evaluate(reader, key, context).variation]),
    );
  });
});

describe('a key of a flag that there cannot be', () => {
  const named = (path: string, key: string): [string, string, string] => [path.slice(0, 40), path, key];
  it.each([
    named('a%2Fb', 'a/b'),
    named('a/b', 'a/b'),
    named('%', '%'),
    named('%zz', '%zz'),
    named('%E4%F6', '%E4%F6'),
    named('%00', '\u0000'),
    named('__proto__', '__proto__'),
    named('constructor', 'constructor'),
    named('%D1%84%D0%BB%D0%B0%D0%B3', 'флаг'),
    named('segment:staff', 'segment:staff'),
    named(`${FLAG}%0A`, `${FLAG}\n`),
    named('%22%5D%7D%3Cscript%3E', '"]}<script>'),
    named('x'.repeat(8_000), 'x'.repeat(8_000)),
  ])('%s is not found, and named in the answer', async (_, path, key) => {
    const { status, json } = await pop.server.post(`${BULK}/${path}`, JSON.stringify({ context: USER }));
    expect([status, json]).toMatchObject([404, { key, errorCode: 'FLAG_NOT_FOUND' }]);
  });
});
