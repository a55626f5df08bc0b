import { createHash } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { entryLines } from '#ruleset/write/line';
import { createApp } from '../../../workers/publisher/app.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';
import { flag, many, ramp } from './fixtures/entries.ts';
import { createPress, pressPort, type TestPress, useClock } from './fixtures/press.ts';

const KEYS = { publisher: 'ls_publisher_test', breakGlass: 'ls_break_glass_test', nameless: 'ls_nameless_test' };
const hash = (key: string): string => createHash('sha256').update(key).digest('base64url');

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(useClock);
afterEach(() => {
  vi.useRealTimers();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the test expects of it is what it is checked for
  readonly json: any;
}

type Ask = (method: string, path: string, body?: unknown, key?: string | null, headers?: object) => Promise<Answer>;

function serve(press: TestPress): Ask {
  const app = createApp(() => pressPort(press), {
    keys: [
      { sha256: hash(KEYS.publisher), kind: 'publisher', name: 'ci' },
      { sha256: hash(KEYS.breakGlass), kind: 'break-glass', name: 'on call' },
      { sha256: hash(KEYS.nameless), kind: 'publisher' },
    ],
  });
  return async (method, path, body, key = KEYS.publisher, headers = {}) => {
    const response = await app.request(path, {
      method,
      headers: { ...(key !== null && { authorization: `Bearer ${key}` }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
}

/** A publisher that has `entries` in force. */
async function serving(...sets: readonly (readonly ReturnType<typeof flag>[])[]): Promise<Ask> {
  const press = createPress(signer);
  for (const entries of sets) await press.put(entries, { confirm: ['size'] });
  return serve(press);
}

const second = (): void => void vi.setSystemTime(Date.now() + 1_000);
const PATHS = [
  '/v1/ruleset',
  '/v1/ruleset/lines',
  '/v1/ruleset/return',
  '/v1/journal',
  '/v1/keys',
  '/v1/keys/journal',
  '/v1/nothing',
];

describe('who may ask', () => {
  it('B49: nobody without a key, and no key in the query counts', async () => {
    const ask = await serving();
    for (const path of PATHS) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
        for (const key of [null, 'ls_made_up', hash(KEYS.publisher)]) {
          const { status, headers, json } = await ask(method, `${path}?key=${KEYS.publisher}`, undefined, key);
          expect([status, headers.get('www-authenticate'), json.status], `${method} ${path}`).toEqual([
            401,
            'Bearer',
            401,
          ]);
        }
      }
    }
  });

  it('whoever has a break-glass key may read and return, and not publish', async () => {
    const ask = await serving([flag('a')], [flag('a', 1)]);
    second();
    const key = KEYS.breakGlass;
    for (const path of ['/v1/ruleset', '/v1/ruleset/lines', '/v1/journal']) {
      expect((await ask('GET', path, undefined, key)).status, path).toBe(200);
    }
    const refused = await ask('POST', '/v1/ruleset', { base: 2, lines: entryLines([flag('a')]) }, key);
    expect([refused.status, refused.json.title]).toEqual([403, 'Forbidden']);
    const returned = await ask('POST', '/v1/ruleset/return', { flags: ['a'], reason: 'prices' }, key);
    expect(returned.json).toMatchObject({ version: 3, published: true, journalId: 3, changes: { a: 'return' } });
    expect((await ask('GET', '/v1/journal?after=2')).json.entries).toMatchObject([
      { kind: 'return', actor: 'on call' },
    ]);
  });

  it('is in the journal by name, or by the kind of the key', async () => {
    const ask = await serving();
    await ask('POST', '/v1/ruleset', { base: 0, lines: entryLines([flag('a')]) });
    second();
    await ask('POST', '/v1/ruleset', { base: 1, lines: entryLines([flag('a', 1)]) }, KEYS.nameless);
    const { entries } = (await ask('GET', '/v1/journal')).json;
    expect(entries.map(({ actor }: { actor: string }) => actor)).toEqual(['ci', 'publisher']);
  });
});

describe('what is in force', () => {
  it('is told', async () => {
    const ask = await serving([flag('a'), ramp('b', 5)]);
    const { status, headers, json } = await ask('GET', '/v1/ruleset');
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(json).toEqual({
      environment: 'production',
      version: 1,
      digest: expect.any(String),
      issuedAt: '2026-11-23T08:00:01.000Z',
      expiresAt: '2026-12-23T08:00:01.000Z',
      entries: 2,
      targets: [{ name: 'kv', version: 1, state: 'written', attempts: 0 }],
      unacknowledged: 0,
    });
  });

  it('is given as lines, with a tag', async () => {
    const ask = await serving([flag('a')]);
    const { status, headers, text } = await ask('GET', '/v1/ruleset/lines');
    expect([status, headers.get('content-type'), headers.get('lockstep-version')]).toEqual([
      200,
      'text/plain; charset=UTF-8',
      '1',
    ]);
    expect(text).toBe('{"k":"a","r":1,"o":0,"f":0}\n');
    const etag = headers.get('etag') ?? '';
    const again = await ask('GET', '/v1/ruleset/lines', undefined, KEYS.publisher, { 'if-none-match': etag });
    expect([again.status, again.text, again.headers.get('lockstep-version')]).toEqual([304, '', '1']);
  });

  it('is nothing before anything was published', async () => {
    const ask = await serving();
    const { status, headers, text } = await ask('GET', '/v1/ruleset/lines');
    expect([status, headers.get('lockstep-version'), text]).toEqual([200, '0', '']);
    expect((await ask('GET', '/v1/ruleset')).json).toMatchObject({
      version: null,
      digest: null,
      issuedAt: null,
      expiresAt: null,
    });
  });
});

describe('a refusal tells what to do', () => {
  it('409: both versions', async () => {
    const ask = await serving([flag('a')]);
    const { status, headers, json } = await ask('POST', '/v1/ruleset', { base: 7, lines: entryLines([flag('a', 1)]) });
    expect([status, headers.get('content-type')]).toEqual([409, 'application/problem+json']);
    expect(json).toMatchObject({ base: 7, inForce: 1, detail: expect.stringMatching(/version 7, but 1 is in force/) });
  });

  it('409: the returns that are not acknowledged', async () => {
    const ask = await serving([flag('a')], [flag('a', 1)]);
    second();
    await ask('POST', '/v1/ruleset/return', { version: 1, reason: 'prices' });
    const { status, json } = await ask('POST', '/v1/ruleset', { base: 3, lines: entryLines([ramp('a', 5)]) });
    expect([status, json.unacknowledged]).toEqual([409, [3]]);
    expect(json.detail).toContain('"acknowledge": 3');
  });

  it('422: what is wrong with which entry', async () => {
    const ask = await serving();
    const { status, json } = await ask('POST', '/v1/ruleset', { base: 0, lines: '{"k":"a","r":0,"f":9}\n' });
    expect([status, json.detail, json.issues]).toEqual([422, 'a: f is 9', [{ key: 'a', message: 'f is 9' }]]);
  });

  it('R5, R14: 422: what to confirm', async () => {
    const ask = await serving(many(20) as ReturnType<typeof flag>[]);
    const size = await ask('POST', '/v1/ruleset', { base: 1, lines: entryLines(many(10)) });
    expect([size.status, size.json.confirm]).toEqual([422, 'size']);
    expect(size.json.detail).toContain('"confirm": ["size"]');
    const emptied = await ask('POST', '/v1/ruleset', { base: 1, lines: '' });
    expect([emptied.status, emptied.json.confirm]).toEqual([422, 'emptied']);
  });

  it('422: why it is no return, and of what', async () => {
    const ask = await serving([flag('a')], [flag('a', 1)]);
    const asked = { flags: ['b'], reason: 'r' };
    expect((await ask('POST', '/v1/ruleset/return', asked)).json.detail).toBe('never published: b');
    const whole = await ask('POST', '/v1/ruleset/return', { version: 9, reason: 'r' });
    expect([whole.status, whole.json.detail]).toEqual([
      422,
      'version 9 was not in force before the present one; there are 1 to 1',
    ]);
  });

  it('503 and 409: that the store keeps it from beginning', async () => {
    const press = createPress(signer);
    const ask = serve(press);
    press.target.readFault = 'rejects';
    expect((await ask('GET', '/v1/ruleset/lines')).status).toBe(503);
    press.target.readFault = 'none';
    press.target.text = 'garbage';
    expect((await ask('POST', '/v1/ruleset', { base: 0, lines: '' })).status).toBe(409);
    expect((await ask('GET', '/v1/ruleset')).json.targets).toMatchObject([{ state: 'conflict' }]);
  });

  it('404 and 405: which routes and methods there are', async () => {
    const ask = await serving();
    const unknown = await ask('GET', '/v1/nothing');
    expect([unknown.status, unknown.json.title]).toEqual([404, 'Not Found']);
    for (const [method, path, allow] of [
      ['PUT', '/v1/ruleset', 'GET, POST'],
      ['POST', '/v1/ruleset/lines', 'GET'],
      ['GET', '/v1/ruleset/return', 'POST'],
      ['DELETE', '/v1/journal', 'GET'],
    ] as const) {
      const { status, headers } = await ask(method, path);
      expect([status, headers.get('allow')], `${method} ${path}`).toEqual([405, allow]);
    }
  });

  it('500: nothing of what went wrong inside', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const ask = serve({ ...createPress(signer), status: () => Promise.reject(new Error('secret of the inside')) });
    const { status, text } = await ask('GET', '/v1/ruleset');
    expect(status).toBe(500);
    expect(text).not.toContain('secret');
    expect(logged).toHaveBeenCalledOnce();
  });
});

describe('a body', () => {
  const LINES = entryLines([flag('a')]);
  const DIGEST = 'x'.repeat(43);

  it.each<[string, unknown, number]>([
    ['no JSON', '{"base":', 400],
    ['nothing', '', 400],
    ['a list', [], 422],
    ['null', 'null', 422],
    ['a text', '"x"', 422],
    ['no base', { lines: LINES }, 422],
    ['a base below zero', { base: -1, lines: LINES }, 422],
    ['a base that is a text', { base: '0', lines: LINES }, 422],
    ['a base that is a fraction', { base: 0.5, lines: LINES }, 422],
    ['a base that is infinite', `{"base":1e999,"lines":""}`, 422],
    ['no lines', { base: 0 }, 422],
    ['lines that are a list', { base: 0, lines: [LINES] }, 422],
    ['lines and changes', { base: 0, lines: LINES, changes: '', digest: DIGEST }, 422],
    ['changes without a digest', { base: 0, changes: LINES }, 422],
    ['a digest without changes', { base: 0, digest: DIGEST }, 422],
    ['lines with a digest', { base: 0, lines: LINES, digest: DIGEST }, 422],
    ['changes that are a list', { base: 0, changes: [LINES], digest: DIGEST }, 422],
    ['a digest that is none', { base: 0, changes: LINES, digest: `${DIGEST}=` }, 422],
    ['B03: changes that are not ASCII', { base: 0, changes: '{"k":"é"}\n', digest: DIGEST }, 422],
    ['changes of what is not in force', { base: 0, changes: LINES, digest: DIGEST }, 409],
    ['a confirmation that there is not', { base: 0, lines: LINES, confirm: ['all'] }, 422],
    ['a confirmation that is a text', { base: 0, lines: LINES, confirm: 'size' }, 422],
    ['an acknowledgement of nothing', { base: 0, lines: LINES, acknowledge: 0 }, 422],
    ['an acknowledgement of what is yet to come', { base: 0, lines: LINES, acknowledge: 1 }, 422],
    ['a reason that is empty', { base: 0, lines: LINES, reason: ' ' }, 422],
    ['B55: a reason that is very long', { base: 0, lines: LINES, reason: 'x'.repeat(1_001) }, 422],
    ['a field that there is not', { base: 0, lines: LINES, force: true }, 422],
    ['B04: a field __proto__', '{"base":0,"lines":"","__proto__":{"confirm":["emptied"]}}', 422],
    ['B05: a nest', `{"base":0,"lines":"","reason":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 422],
  ])('of a publish: %s is refused', async (_, body, status) => {
    const ask = await serving();
    const answer = await ask('POST', '/v1/ruleset', body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(answer.json.detail.length).toBeLessThan(300);
    expect((await ask('GET', '/v1/journal')).json.entries).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['no reason', { version: 1 }],
    ['neither flags nor a version', { reason: 'r' }],
    ['no flag', { flags: [], reason: 'r' }],
    ['more flags than a hundred', { flags: Array.from({ length: 101 }, (_, at) => `f.n${at}`), reason: 'r' }],
    ['a flag that is no key', { flags: ['a b'], reason: 'r' }],
    ['a segment', { flags: ['segment:s'], reason: 'r' }],
    ['flags that are a text', { flags: 'a', reason: 'r' }],
    ['a version that is a text', { version: '1', reason: 'r' }],
    ['version 0', { version: 0, reason: 'r' }],
    ['lines', { version: 1, reason: 'r', lines: LINES }],
  ])('of a return: %s is refused', async (_, body) => {
    const ask = await serving([flag('a')], [flag('a', 1)]);
    expect((await ask('POST', '/v1/ruleset/return', body)).status).toBe(422);
    expect((await ask('GET', '/v1/journal')).json.entries).toHaveLength(2);
  });

  it('R4, B05: that is too large is refused unread', async () => {
    const ask = await serving();
    const declared = await ask('POST', '/v1/ruleset', '{}', KEYS.publisher, { 'content-length': '999999999' });
    expect([declared.status, declared.json.title]).toEqual([413, 'Content Too Large']);
    const returned = await ask('POST', '/v1/ruleset/return', { version: 1, reason: 'x'.repeat(70_000) });
    expect(returned.status).toBe(413);
  });

  it.each<[string, string, number]>([
    ['longer than any reader takes', 'x'.repeat(21 * 1024 * 1024), 413],
    ['of characters that take more room than one byte', `${'x'.repeat(17 * 1024 * 1024)}\u20ac`, 422],
  ])('R4: with lines %s is refused before the press is asked, whose calls hold 32 MiB', async (_, lines, status) => {
    const press = createPress(signer);
    const publish = vi.fn(press.publish);
    const answer = await serve({ ...press, publish })('POST', '/v1/ruleset', { base: 0, lines });
    expect([answer.status, answer.json.status]).toEqual([status, status]);
    expect(publish).not.toHaveBeenCalled();
  });

  it.each(['after=-1', 'after=x', 'limit=0', 'limit=1001', 'limit=1e9', 'after=99999999999999999999'])(
    'a query of the journal: %s is refused',
    async (query) => {
      const ask = await serving();
      expect((await ask('GET', `/v1/journal?${query}`)).status).toBe(422);
    },
  );
});
