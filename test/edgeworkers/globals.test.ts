import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { type Cases, startCases } from './fixtures/cases.ts';
import { inputOf } from './fixtures/event-input.ts';

/** None of them is of the language, or they are of later editions than ES2022. */
const ABSENT = [
  ...['WebAssembly', 'SharedArrayBuffer', 'Atomics'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'queueMicrotask', 'structuredClone', 'performance'],
  ...['fetch', 'Request', 'Response', 'Headers', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'AbortController'],
  ...['URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'crypto', 'Blob', 'FormData'],
  ...[
    'ReadableStream',
    'TransformStream',
    'CompressionStream',
    'Event',
    'EventTarget',
    'DOMException',
    'MessageChannel',
  ],
  ...['process', 'Buffer', 'global', 'require', 'module', '__dirname', 'console', 'navigator', 'window', 'self', 'gc'],
  ...['Iterator', 'Float16Array', 'DisposableStack', 'SuppressedError', '__enter'],
];

/** What code for edges uses. */
const PRESENT = [
  'BigInt',
  'Map',
  'Proxy',
  'Reflect',
  'WeakRef',
  'Intl',
  'JSON',
  'Promise',
  'BigUint64Array',
  'globalThis',
];

const answer = (expression: string): string =>
  `(request) => request.respondWith(200, {}, JSON.stringify(${expression}))`;

describe('the globals of an EdgeWorker', () => {
  let cases: Cases<string>;
  beforeAll(async () => {
    cases = await startCases({
      clock: () => Date.UTC(2026, 10, 23, 8),
      prelude: `
        const attempt = (act) => { try { return String(act()); } catch (error) { return error.name + (error instanceof Error); } };
        const listed = ${JSON.stringify([...ABSENT, ...PRESENT])};
      `,
      cases: {
        types: answer('listed.map((name) => typeof globalThis[name])'),
        names: answer('Object.getOwnPropertyNames(globalThis).filter((name) => /^[a-z_]/.test(name)).sort()'),
        code: answer(`[
          attempt(() => eval('1')),
          attempt(() => new Function('return 1')()),
          attempt(() => (async () => {}).constructor('return 1')()),
          attempt(() => request.getHeader.constructor('return process')()),
        ]`),
        strict: answer('[typeof (function () { return this; })(), attempt(() => { undeclared = 1; })]'),
        writable: answer('(globalThis.self = globalThis, globalThis.mine = 1, [typeof self, mine])'),
        modern: answer(
          `[2n ** 64n === 18446744073709551616n, [1, 2].at(-1), Object.hasOwn({ a: 1 }, 'a'), /(?<=a)b/.test('ab')]`,
        ),
        clock: answer(`[
          Date.now(), new Date().toISOString(), Date().slice(0, 15), new Date(0).getTime(), new Date(2020, 1).getFullYear(),
          new Date() instanceof Date, new Date().constructor === Date, Date.name, Date.length, Date.UTC(2020, 0),
          Date.parse('2020-01-01T00:00:00Z'), typeof Date(),
        ]`),
        random: answer('[Math.random() !== Math.random()]'),
        realm: answer(`[
          request.getHeader('a') instanceof Array, Object.getPrototypeOf(request.getHeaders()) === Object.prototype,
          attempt(() => request.setHeader('bad name', '1')), request.userLocation instanceof Object,
        ]`),
      },
    });
  });
  afterAll(() => cases.stop());

  it('are the language alone: nothing of browsers, of Node, of threads, of WebAssembly', async () => {
    const types = (await cases.answer('types')) as string[];
    const found = ABSENT.filter((_, index) => types[index] !== 'undefined');
    expect(found).toEqual([]);
    expect(types.slice(ABSENT.length)).not.toContain('undefined');
  });

  it('hold nothing else that is spelled like a function', async () => {
    expect(await cases.answer('names')).toEqual(
      [
        ...['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape', 'eval', 'globalThis'],
        ...['isFinite', 'isNaN', 'parseFloat', 'parseInt', 'undefined', 'unescape'],
      ].sort(),
    );
  });

  it('make no code of texts', async () => {
    expect(await cases.answer('code')).toEqual(Array.from({ length: 4 }, () => 'EvalErrortrue'));
  });

  it('are strict', async () => {
    expect(await cases.answer('strict')).toEqual(['undefined', 'ReferenceErrortrue']);
  });

  it('can be added to', async () => {
    expect(await cases.answer('writable')).toEqual(['object', 1]);
  });

  it('have the language of ES2022', async () => {
    expect(await cases.answer('modern')).toEqual([true, 2, true, true]);
  });

  it('have objects of their own realm', async () => {
    expect(await cases.answer('realm', inputOf({ headers: [['A', 'b']] }))).toEqual([
      true,
      true,
      'TypeErrortrue',
      true,
    ]);
  });

  it('have random numbers', async () => {
    expect(await cases.answer('random')).toEqual([true]);
  });

  it('have a clock that says when the event began', async () => {
    const now = Date.UTC(2026, 10, 23, 8);
    const [at, iso, text, ...rest] = (await cases.answer('clock')) as unknown[];
    expect([at, iso]).toEqual([now, '2026-11-23T08:00:00.000Z']);
    expect(text).toMatch(/^Mon Nov 23 2026/);
    expect(rest).toEqual([0, 2020, true, true, 'Date', 7, Date.UTC(2020, 0), Date.UTC(2020, 0), 'string']);
  });
});

describe('the clock of an instance', () => {
  it('stands still where each of its events began, also where they interleave', async () => {
    let now = 1_000;
    const release: (() => void)[] = [];
    const worker = await startEdgeWorker({
      tier: 'basic',
      instances: 'reused',
      clock: () => now,
      hosts: {
        'wait.example.com': () => new Promise((resolve) => release.push(() => resolve(new Response('')))),
      },
      tgz: bundleOf(`
        import { httpRequest } from 'http-request';
        export async function onClientRequest(request) {
          class Late extends Date {}
          const before = Date.now();
          await httpRequest('https://wait.example.com/');
          request.setVariable('PMUSER_TIMES', [before, Date.now(), +new Date(), +new Late()].join(' '));
        }
      `),
    });
    try {
      const first = worker.handle('onClientRequest', inputOf());
      now = 2_000;
      const second = worker.handle('onClientRequest', inputOf());
      await expect.poll(() => release.length).toBe(2);
      for (const go of release) go();
      const times = (await Promise.all([first, second])).map(({ effects }) => effects?.variables['PMUSER_TIMES']);
      expect(times).toEqual(['1000 1000 1000 1000', '2000 2000 2000 2000']);
    } finally {
      await worker.stop();
    }
  });
});
