import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RawEntry } from '../unit/fixtures/lines.ts';
import { launchChromium } from './fixtures/chromium.ts';
import { type PageSite, startPageSite } from './fixtures/page-site.ts';
import { until } from './fixtures/poll.ts';

/** Some chunks of 16 KB. The page Worker's own two flags are not among them: nobody but the page tells of these. */
const FLAGS = 60;
const ENTRIES: readonly RawEntry[] = Array.from({ length: FLAGS }, (_, at) => ({
  k: `page.flag-${String(at).padStart(2, '0')}`,
  ...{ r: 1, n: 1, s: `salt-${at}`, f: [0, [1, 50_000, 0, 100_000]] },
}));

/** Tells of each decision that was put into the page that it was shown, and an outcome of it. */
const SCRIPT = `
  import { createPageEmitter } from '#sdk/browser/create-page-emitter';
  const { flags, metadata } = JSON.parse(document.getElementById('lockstep-decisions').textContent);
  const emitter = createPageEmitter('/lockstep/exposures');
  Object.assign(window, {
    emitter,
    tell(from, to) {
      for (const { key, variant, reason, metadata: { version, revision, token } } of flags.slice(from, to)) {
        const who = { unit: metadata.unit, time: Date.now(), token };
        emitter.exposed({ flag: key, revision, variation: variant, reason, version, ...who });
        emitter.tracked({ name: 'page.shown', id: key, source: 'client', ...who });
      }
    },
  });`;

let browser: Browser;
let site: PageSite;
let context: BrowserContext;
let before: { readonly total: number; readonly outcomes: number };
beforeAll(async () => {
  [browser, site] = await Promise.all([launchChromium(), startPageSite(ENTRIES, SCRIPT)]);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});
beforeEach(async () => {
  site.lead('open');
  context = await browser.newContext();
  const { total, outcomes } = await site.counted();
  before = { total, outcomes: outcomes.accepted };
});
afterEach(() => context.close());

async function openPage(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.url);
  return page;
}

const tell = (page: Page, from: number, to: number): Promise<unknown> => page.evaluate(`tell(${from}, ${to})`);

/** Every one of them, and none twice. */
async function expectCounted(count: number): Promise<void> {
  const found = async () => {
    const { total, outcomes } = await site.counted();
    return [total - before.total, outcomes.accepted - before.outcomes];
  };
  await until(`${count} are counted`, async () => ((await found()).every((one) => one >= count) ? true : undefined));
  expect(await found()).toEqual([count, count]);
  expect(await site.counted()).toMatchObject({ quarantined: 0, outcomes: { quarantined: 0 } });
}

describe('I8, B34: a page of the example Worker’s in Chromium', () => {
  it('is counted with what it tells on its own origin, by the edge’s word', async () => {
    const page = await openPage();
    await tell(page, 0, FLAGS);
    await expectCounted(FLAGS);
    await until('the page knows', async () =>
      (await page.evaluate<{ sent: number }>('emitter.counts()')).sent === 2 * FLAGS ? true : undefined,
    );
    expect(await page.evaluate('emitter.counts()')).toMatchObject({ dropped: 0 });
  });

  it('has the browser take along what it told when it is left', async () => {
    const page = await openPage();
    await tell(page, 0, 5);
    await page.goto('about:blank');
    await expectCounted(5);
  });

  it.each(['hangs', 'forgets', 'fails'] as const)(
    'closed in the middle of a flush to an ingest that %s, loses nothing once the next one opens',
    async (way) => {
      site.lead(way);
      const page = await openPage();
      const sent = site.beacons();
      await tell(page, 0, 50);
      await until('a flush is under way', () => (site.beacons() > sent ? true : undefined));
      await tell(page, 50, FLAGS);
      await page.close();
      site.lead('open');
      await openPage();
      await expectCounted(FLAGS);
    },
  );

  it('of another origin is heard by nobody', async () => {
    const page = await openPage();
    await page.goto(site.url.replace('127.0.0.1', 'localhost'));
    const url = `${site.url}/lockstep/exposures`;
    const answer = page.waitForResponse(url);
    await page.evaluate(async (to) => {
      const body = JSON.stringify({ emitter: 'e', sentAt: Date.now(), events: [] });
      await fetch(to, { method: 'POST', mode: 'no-cors', body });
    }, url);
    expect((await answer).status()).toBe(403);
    await expectCounted(0);
  });
});
