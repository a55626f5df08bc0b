import chromium from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { heal, hurt, statusOf } from './fixtures/faults.ts';
import { endPlanets, type Planet, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';

const POPS = ['iad', 'dub', 'sin', 'ams', 'nrt'];

let planet: Planet;
let browser: Browser;
let page: Page;
/** What the browser complained about: refused by the policy, missing, thrown. */
const complaints: string[] = [];
/** Where else the page wanted to go. */
const foreign: string[] = [];

/** Sooner than as it is set up, and later than a busy machine lets any POP wait for a look at its store. */
const STALE_AFTER_MS = 10_000;

beforeAll(async () => {
  planet = await startPlanet({ services: true, env: { LOCKSTEP_STALE_AFTER_MS: String(STALE_AFTER_MS) } });
  browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args, '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  page = await browser.newPage({ viewport: { width: 1_280, height: 900 } });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(planet.file.urls['planet'] as string)) foreign.push(request.url());
  });
  await page.goto(planet.file.urls['planet'] as string);
});
afterAll(async () => {
  await browser?.close();
  await endPlanets();
});

const text = async (selector: string): Promise<string> => (await page.locator(selector).textContent()) ?? '';

const shows = (selector: string, wanted: RegExp): Promise<true> =>
  until(`${selector} shows ${wanted}`, async () => (wanted.test(await text(selector)) ? true : undefined));

/** The name of what has the focus, as a screen reader would say it. */
const focused = (): Promise<string> =>
  page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');

/** Goes on with the Tab key until that has the focus. */
async function tabTo(name: string): Promise<void> {
  for (let presses = 0; presses < 100; presses++) {
    await page.keyboard.press('Tab');
    if ((await focused()) === name) return;
  }
  throw new Error(`no Tab leads to ${name}`);
}

const faultsOn = async (link: string): Promise<readonly string[]> =>
  (await statusOf(planet)).links.find(({ name }) => name === link)?.faults.map(({ fault }) => fault) ?? [];

describe("the planet's page", () => {
  afterEach(() => heal(planet));

  it('shows each POP with its version and its age, on the map and on a card', async () => {
    for (const pop of POPS) {
      await shows(`#card-edge-${pop}`, /fresh\s+version 1, \d+\.\d s old/);
      await shows(`#marker-${pop}`, /version 1\s*\d+\.\d s old/);
    }
    await shows('#card-control', /running\s+2 entries in the log/);
    await shows('#card-publisher', /version 1, 41 entries/);
    await shows('#card-publisher', /target edgekv-production\/marketplace/);
    await shows('#card-ingest', /0 exposures counted/);
    await shows('#card-edgekv', /running\s+Akamai EdgeKV/);
    for (const cloud of ['aws', 'azure', 'gcp']) {
      await shows(`#card-relay-${cloud}`, /fresh\s+version 1, \d+\.\d s old/);
      await shows(`#card-booking-${cloud}`, /fresh\s+version 1, \d+\.\d s old/);
    }
    await shows('#card-stream', /everywhere\s+version 1, \d+ instances/);
    await shows('#board-summary', /version 1 is in force everywhere/);
    await shows('#board', /northeurope\s*azure\s*1\s*\d+\.\d s\s*2 of 2\s*in step/);
    expect(await page.locator('#map').getAttribute('aria-label')).toMatch(/Dublin: version 1, fresh\./);
  });

  it('is live: a POP that is cut off goes stale before the eyes, and what happened is said', async () => {
    await hurt(planet, 'edge-dub', 'cut');
    await shows('#card-edge-dub', /STALE\s+version 1, \d+\.\d s old/);
    await shows('#card-edge-dub', /edge-dub\/kv: cut/);
    await shows('#news', /dub: STALE/);
    expect(await page.locator('#news').getAttribute('aria-live')).toBe('polite');
    await heal(planet);
    await shows('#news', /edge-dub\/kv is whole again/);
    await shows('#card-edge-dub', /fresh/);
  });

  it('is worked by the keyboard alone, with a focus that is seen and that stays', async () => {
    await page.locator('body').focus();
    await tabTo('Cut edge-sin');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    await shows('#card-edge-sin', /edge-sin\/kv: cut/);
    expect(await faultsOn('edge-sin/kv')).toEqual(['cut']);
    expect(await focused()).toBe('Cut edge-sin');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Heal edge-sin');
    await page.keyboard.press('Space');
    await until('it is healed', async () => (await faultsOn('edge-sin/kv')).length === 0);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await shows('#card-edge-sin', /restarts\s*1/);
    await shows('#card-edge-sin', /fresh\s+version 1/);
  });

  it('heals everything by one button', async () => {
    await hurt(planet, 'kv', 'cut');
    await page.getByRole('button', { name: 'Heal everything' }).press('Enter');
    await until('all is healed', async () => (await statusOf(planet)).links.every(({ faults }) => faults.length === 0));
  });

  it.each(['light', 'dark'] as const)('fits 360 pixels, and can be read: %s', async (colorScheme) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const markers = await Promise.all(POPS.map((pop) => page.locator(`#marker-${pop} p`).boundingBox()));
    const boxes = markers.map((box) => box ?? { x: 0, y: 0, width: 0, height: 0 });
    for (const [at, one] of boxes.entries()) {
      expect([one.x >= 0, one.x + one.width <= 360]).toEqual([true, true]);
      for (const other of boxes.slice(at + 1)) expect(overlap(one, other)).toBe(false);
    }
    expect(await lowestContrast()).toBeGreaterThan(4.5);
  });
});

describe("the planet's page, at the end", () => {
  it('says so where the planet is gone', async () => {
    await planet.stop();
    await shows('#connection', /does not answer: npm start/);
  });

  it('asked nobody else for anything, and broke no rule of its own policy', () => {
    expect(foreign).toEqual([]);
    // What the browser says of a server that is gone.
    expect(complaints.filter((one) => !one.includes('net::ERR'))).toEqual([]);
  });
});

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Of all texts (WCAG 2.2, 1.4.3), each against the nearest ground behind it that is not see-through. */
const lowestContrast = (): Promise<number> =>
  page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const channels = (color: string): number[] => {
      if (canvas === null) return [];
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (color: string): number => {
      const [r = 0, g = 0, b = 0] = channels(color).map((one) => {
        const share = one / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element: Element | null): string => {
      if (element === null) return 'white';
      const color = getComputedStyle(element).backgroundColor;
      return (channels(color)[3] ?? 0) > 200 ? color : ground(element.parentElement);
    };
    const texts = [...document.querySelectorAll('body *')].filter((one) =>
      [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== ''),
    );
    return Math.min(
      ...texts.map((one) => {
        const [a, b] = [luminance(getComputedStyle(one).color), luminance(ground(one))].sort((x, y) => y - x);
        return ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
      }),
    );
  });
