import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import chromium from '@sparticuz/chromium';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Beacon } from '#exposure/exposure';
import { until } from './fixtures/poll.ts';

/** `hangs`: it reads a beacon, and never answers; nothing of it is kept. */
type Mood = 'takes' | 'hangs' | 'fails';

/** A browser of one process ends with its first page. */
const ARGS = chromium.args.filter((arg) => arg !== '--single-process');

let browser: Browser;
let server: Server;
let origin: string;
let script: string;
let context: BrowserContext;
let mood: Mood;
const units = new Set<string>();
const sizes: number[] = [];

beforeAll(async () => {
  script = await bundle();
  server = createServer(async (request, response) => {
    if (request.method !== 'POST') {
      const isScript = request.url === '/page.js';
      response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
      return response.end(isScript ? script : '<!doctype html><title>fares</title><script src="/page.js"></script>');
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    sizes.push(body.length);
    if (mood === 'hangs') return undefined;
    if (mood === 'fails') return response.writeHead(503).end();
    for (const { unit } of (JSON.parse(body.toString()) as Beacon).events) units.add(unit);
    return response.writeHead(202, { 'content-type': 'application/json' }).end('{"rejected":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...ARGS, '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  mood = 'takes';
  units.clear();
  sizes.length = 0;
});
afterEach(() => context.close());

async function bundle(): Promise<string> {
  const contents = `
    import { createPageEmitter } from '#sdk/browser/create-page-emitter';
    window.emitter = createPageEmitter('/exposures');`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: '.', loader: 'ts' },
    ...{ bundle: true, write: false, format: 'iife', target: 'es2022' },
  });
  return outputFiles[0]?.text ?? '';
}

async function openPage(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}

/** In one turn of the page's event loop: nothing of it has been written anywhere by then. */
const EXPOSE = `(names) => {
  for (const unit of names) {
    emitter.exposed({
      flag: 'pricing.fareBundlingV2', revision: 7, variation: 'v2', unit, reason: 'SPLIT', version: 9,
      region: 'us-east-1', cloud: 'cloudflare', pop: 'iad', time: Date.now(), token: 'x'.repeat(43),
    });
  }
}`;

const expose = (page: Page, names: readonly string[]): Promise<unknown> =>
  page.evaluate(`(${EXPOSE})(${JSON.stringify(names)})`);

const named = (count: number, prefix = 'unit'): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}-${at}`.padEnd(22, '-'));

const arrived = (wanted: readonly string[]): Promise<true> =>
  until(`all ${wanted.length} arrive`, async () => (wanted.every((unit) => units.has(unit)) ? true : undefined));

const counts = (page: Page): Promise<{ told: number; sent: number; dropped: number }> =>
  page.evaluate('emitter.counts()');

describe('a page in Chromium', () => {
  it('tells what its user saw, in beacons of at most 16 KB', async () => {
    const page = await openPage();
    await expose(page, named(400));
    await arrived(named(400));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16 * 1024);
    await until('all is acknowledged', async () => ((await counts(page)).sent === 400 ? true : undefined));
    expect(await counts(page)).toEqual({ told: 400, sent: 400, dropped: 0 });
  });

  it('has the browser take along what it just saw when it is left', async () => {
    const page = await openPage();
    await expose(page, named(20));
    await page.goto('about:blank');
    await arrived(named(20));
  });

  it('I8: closed in the middle of a flush, loses nothing once the next one opens', async () => {
    mood = 'hangs';
    const page = await openPage();
    await expose(page, named(500));
    await until('a flush is under way', async () => (sizes.length > 0 ? true : undefined));
    await expose(page, named(30, 'late'));
    await page.close();
    expect(units.size).toBe(0);
    mood = 'takes';
    await openPage();
    await arrived([...named(500), ...named(30, 'late')]);
  });

  it('I8: offline, loses nothing once the next one opens', async () => {
    const page = await openPage();
    await context.setOffline(true);
    await expose(page, named(300));
    await page.close();
    expect(units.size).toBe(0);
    await context.setOffline(false);
    await openPage();
    await arrived(named(300));
  });

  it('I8: with its quota full, and ingest down, loses nothing once the next one opens', async () => {
    mood = 'fails';
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    // Before anything asks: browsers go by what they found out a moment ago.
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    await page.goto(origin);
    await expose(page, named(200));
    await until('a flush has failed', async () => (sizes.length > 0 ? true : undefined));
    expect(await storedItems(page)).toBe(0);
    await page.close();
    mood = 'takes';
    await openPage();
    await arrived(named(200));
  });

  it('that may keep nothing at all still tells what it can', async () => {
    await context.addInitScript(() => {
      Object.defineProperty(window, 'indexedDB', { get: () => ({ open: () => Promise.reject(new Error('no')) }) });
      Object.defineProperty(window, 'localStorage', {
        get() {
          throw new DOMException('denied', 'SecurityError');
        },
      });
    });
    const page = await openPage();
    await expose(page, named(50));
    await page.goto('about:blank');
    await arrived(named(50));
  });
});

/** What lies in IndexedDB. */
const storedItems = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('lockstep-exposures', 1);
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const counting = opening.result.transaction('items').objectStore('items').count();
          counting.onsuccess = () => resolve(counting.result);
        };
      }),
  );
