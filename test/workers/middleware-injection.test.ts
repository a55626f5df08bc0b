import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '#core/base64url';
import { createExposureTokens } from '#exposure/exposure-token';
import { createPseudonymiser } from '#exposure/pseudonym';
import { readSettings } from '#http/settings';
import { DECISIONS_ID, scriptSafeJson } from '#sdk/edge/inject';
import { pageSettings } from '#sdk/edge/page-settings';
import type { RawEntry } from '../unit/fixtures/lines.ts';
import { createSite, ENTRIES, type Site, type SiteContext, VERSION } from './fixtures/site.ts';

const html = (body: BodyInit | null, init: ResponseInit = {}): Response =>
  new Response(body, { ...init, headers: { 'content-type': 'text/html; charset=utf-8', ...init.headers } });

const siteOf = (page: (c: SiteContext) => Response, entries: readonly RawEntry[] = ENTRIES): Promise<Site> =>
  createSite({ entries, inject: true, handler: page });

const OPENING = `<script type="application/json" id="${DECISIONS_ID}">`;

/** Finds the elements of decisions as a browser would: they end at the first end tag of a script. */
function elementsIn(page: string): { readonly json: string; readonly around: string }[] {
  const [first, ...rest] = page.split(OPENING);
  return rest.map((text) => {
    const end = text.search(/<\/script/i);
    return { json: text.slice(0, end), around: (first as string) + text.slice(end + '</script>'.length) };
  });
}

async function pageOf(page: string | ReadableStream, entries?: readonly RawEntry[]): Promise<string> {
  const site = await siteOf(() => html(page), entries);
  return (await site.visit()).text();
}

function decisionsIn(page: string): { flags: Record<string, unknown>[]; metadata: object } {
  const elements = elementsIn(page);
  expect(elements).toHaveLength(1);
  return JSON.parse(elements[0]?.json as string) as { flags: Record<string, unknown>[]; metadata: object };
}

describe('a page', () => {
  it.each<[string, string, RegExp]>([
    [
      'with a head',
      '<!doctype html><html><head><title>x</title></head><body>y</body></html>',
      /<title>x<\/title><script[^>]*>.*<\/script><\/head><body>y/,
    ],
    ['with a head in capitals', '<HTML><HEAD></HEAD><BODY>y</BODY></HTML>', /<HEAD><script[^>]*>.*<\/script><\/HEAD>/],
    [
      'with a head that is never closed',
      '<!doctype html><head><title>x</title><body>y</body></html>',
      /y<\/body><\/html><script/,
    ],
    ['with a head that is all there is', '<head><title>x</title>', /<title>x<\/title><script/],
    ['without a head', '<!doctype html><p>y', /<p>y<script/],
    ['with a header only', '<header>y</header>', /<header>y<\/header><script/],
    ['that is empty', '', /^<script/],
    ['with a head in a comment', '<!-- <head></head> --><p>y', /^<!-- <head><\/head> --><p>y<script/],
    [
      'with a head in a script',
      '<script>"<head></head>"</script><p>y',
      /^<script>"<head><\/head>"<\/script><p>y<script/,
    ],
    ['with a head in a drawing', '<svg><head/></svg><p>y', /<script/],
    [
      'with a head that only its parent closes',
      '<html><head><title>x</title><body>y</body></html>',
      /y<\/body><script[^>]*>.*<\/script><\/html>$/,
    ],
    ['with two heads', '<head></head><head></head>', /^<head><script[^>]*>.*<\/script><\/head><head><\/head>$/],
  ])('%s has the decisions in it, once, and nothing else is changed', async (_, before, wanted) => {
    const page = await pageOf(before);
    expect(page).toMatch(wanted);
    expect(decisionsIn(page).flags.length).toBeGreaterThan(0);
    expect(elementsIn(page)[0]?.around).toBe(before);
  });

  it('that comes in pieces has them too, in its head', async () => {
    const pieces = ['<html><he', 'ad><meta charset="utf-8"></h', 'ead><body>Zoë</body></html>'];
    const bytes = new TextEncoder().encode(pieces.join(''));
    const stream = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
        controller.close();
      },
    });
    const page = await pageOf(stream);
    expect(page).toMatch(
      /^<html><head><meta charset="utf-8"><script[^>]*>.*<\/script><\/head><body>Zoë<\/body><\/html>$/,
    );
  });

  it('of an error, and one with another status, has them too', async () => {
    for (const status of [201, 404, 500]) {
      const site = await siteOf(() => html('<p>y', { status }));
      const response = await site.visit();
      expect([response.status, decisionsIn(await response.text()).flags.length > 0]).toEqual([status, true]);
    }
  });

  it.each(['text/html', 'TEXT/HTML; charset=iso-8859-1', 'text/html;charset=UTF-8'])(
    'of type %s is one',
    async (type) => {
      const site = await siteOf(() => html('<p>y', { headers: { 'content-type': type } }));
      const response = await site.visit();
      expect(response.headers.get('content-type')).toBe(type);
      expect(elementsIn(await response.text())).toHaveLength(1);
    },
  );
});

describe('what is no page', () => {
  const BYTES = new Uint8Array([0, 255, 60, 104, 101, 97, 100, 62, 200]);

  it.each<[string, ResponseInit['headers']]>([
    ['JSON', { 'content-type': 'application/json' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['an image', { 'content-type': 'image/png' }],
    ['XHTML', { 'content-type': 'application/xhtml+xml' }],
    ['a type that only begins so', { 'content-type': 'text/html-x' }],
    ['of no type', {}],
  ])('%s goes through as it is', async (_, headers) => {
    const site = await siteOf(() => new Response(BYTES, { ...(headers && { headers }) }));
    expect(new Uint8Array(await (await site.visit()).arrayBuffer())).toEqual(BYTES);
  });

  it('a part of a page is not changed: its range would be wrong', async () => {
    const headers = { 'content-range': 'bytes 0-5/100' };
    const site = await siteOf(() => html('<head>', { status: 206, headers }));
    const response = await site.visit();
    expect([response.status, await response.text()]).toEqual([206, '<head>']);
  });

  it.each([200, 204, 205, 304])('%i without a body has none after, and nothing is evaluated for it', async (status) => {
    const site = await siteOf((c) => {
      c.get('flags').value('a.text', '');
      return html(null, { status });
    });
    const response = await site.visit();
    expect([response.status, response.body]).toEqual([status, null]);
    await site.exposures();
    expect(site.beacons[0]?.ledger).toMatchObject({ evaluated: 1 });
  });

  it('a page is left alone where nothing is to be injected', async () => {
    const site = await createSite({ entries: ENTRIES, handler: () => html('<head></head>') });
    expect(await (await site.visit()).text()).toBe('<head></head>');
  });

  it('HEAD has no body', async () => {
    const site = await siteOf(() => html('<head></head>'));
    const response = await site.visit('/', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('B24: the decisions in a page', () => {
  it('are OFREP’s bulk answer for a client: no server’s flag, rule, segment or offending entry', async () => {
    const page = await pageOf('<p>y');
    const { flags, metadata } = decisionsIn(page);
    expect(metadata).toEqual({ version: 7 });
    expect(flags.map(({ key }) => key)).toEqual(['a.boolean', 'a.list', 'a.number', 'a.object', 'a.text']);
    const facts = { version: 7, revision: 4 };
    expect(flags[3]).toEqual({
      key: 'a.object',
      value: { columns: 3 },
      variant: 'wide',
      reason: 'STATIC',
      metadata: facts,
    });
    expect(page).not.toMatch(/secret|broken|segment|insider|salt-1|user-1/);
  });

  it('are of the visitor’s own', async () => {
    const site = await siteOf(() => html('<p>y'));
    const textOf = async (user: string): Promise<unknown> => {
      const page = await (await site.visit(`/?user=${user}`)).text();
      expect(page).not.toMatch(/secret|insider/);
      return decisionsIn(page).flags.find(({ key }) => key === 'a.text')?.['value'];
    };
    expect([await textOf('insider'), await textOf('user-1')]).toEqual(['v2', 'control']);
  });

  it.each([
    ['the end of a script', '</script><script>alert(1)</script>'],
    ['the end of a script in capitals', '</SCRIPT ><b>'],
    ['a comment that swallows the page', '<!-- <script>'],
    ['lines of JavaScript', 'a\u2028b\u2029c'],
    ['quotes', `"'\`&quot;\\"\\u003c`],
    ['ampersands', '&lt;/script&gt; & &amp;'],
    ['other alphabets', 'Zoë 東京 😀 \ud800'],
    ['control characters', '\0\n\r\t\u007f\u0080\ufeff'],
    ['a section', ']]>'],
  ])('keep a value with %s in its place', async (_, value) => {
    const entries = [
      {
        k: 'a.text',
        r: 1,
        n: 1,
        v: [
          ['on', value, 'aaaaaaaa'],
          ['off', { [value]: [value] }, 'bbbbbbbb'],
        ].slice(0, 1),
        f: 0,
      },
    ];
    const objects = [{ k: 'a.object', r: 1, n: 1, v: [['on', { [value]: [value] }, 'aaaaaaaa']], f: 0 }];
    const page = await pageOf('<html><head></head><body>y</body></html>', [...entries, ...objects]);
    const [element] = elementsIn(page);
    expect(element?.around).toBe('<html><head></head><body>y</body></html>');
    expect(element?.json).toMatch(/^[ -~]*$/);
    expect(element?.json).not.toMatch(/[<>&']/);
    const { flags } = decisionsIn(page);
    expect(flags.map((flag) => flag['value'])).toEqual([{ [value]: [value] }, value]);
  });

  it('are there before any ruleset as well', async () => {
    const OFFLINE_DEFAULTS = JSON.stringify({
      'a.text': { variation: 'v2', value: 'v2', visibility: 'client' },
      'b.secret': { variation: 'v2', value: 'v2', visibility: 'server' },
    });
    const site = await createSite({ inject: true, handler: () => html('<p>y'), vars: { OFFLINE_DEFAULTS } });
    const { flags } = decisionsIn(await (await site.visit()).text());
    expect(flags).toMatchObject([{ key: 'a.text', value: 'v2', reason: 'DEFAULT' }]);
  });

  it('count as evaluated, and expose nobody', async () => {
    const site = await siteOf((c) => {
      if (c.req.query('ask') !== undefined) c.get('flags').value('a.text', '');
      return html('<p>y');
    });
    await (await site.visit()).text();
    expect(await site.exposures()).toEqual([]);
    await (await site.visit('/?ask')).text();
    expect(await site.exposures()).toHaveLength(1);
    expect(site.beacons[0]?.ledger).toMatchObject({ evaluated: 11, exposed: 1, sent: 0, dropped: 0 });
    expect(site.beacons[0]?.ledger?.flags).toMatchObject({ 'a.text': [3, 1], 'a.list': [2, 0] });
  });
});

it('scriptSafeJson changes nothing that JSON means', () => {
  const value = { '<a href=">': ["'", '&', '\u2028', 'é', '\ud83d\ude00', '\udc00', 1.5, null, true, {}] };
  expect(JSON.parse(scriptSafeJson(value))).toEqual(value);
});

describe('B34: what a page is vouched for', () => {
  const KEY = new Uint8Array(32).fill(9);
  const UNIT_KEY = new Uint8Array(32);
  const USER = 'anna@marketplace.example';

  async function vouchedPage(vars: Readonly<Record<string, string>>, context: object = { targetingKey: USER }) {
    const handler = () => html('<p>y');
    const site = await createSite({ entries: ENTRIES, inject: true, handler, vars, context: () => context });
    const text = await (await site.visit()).text();
    const { flags, metadata } = decisionsIn(text);
    const metadataOf = (flag: Record<string, unknown>) => (flag['metadata'] ?? {}) as { token?: string };
    return { text, flags, metadata, tokens: flags.map((flag) => metadataOf(flag).token) };
  }

  it('is each decision, of the unit under its pseudonym, and no key is in it', async () => {
    const before = Math.floor(Date.now() / 60_000);
    const page = await vouchedPage({ EXPOSURE_TOKEN_KEY: encodeBase64url(KEY) });
    const unit = createPseudonymiser(UNIT_KEY)('user', USER);
    expect(page.metadata).toEqual({ version: VERSION, unit });
    const tokens = createExposureTokens(KEY);
    for (const [at, flag] of page.flags.entries()) {
      const vouched = tokens.verify(page.tokens[at] ?? '', Date.now());
      const { revision } = flag['metadata'] as { revision: number };
      expect(vouched).toMatchObject({ unit, flag: flag['key'], revision, variation: flag['variant'] });
      expect(vouched?.minute).toBeGreaterThanOrEqual(before);
    }
    expect(page.tokens.length).toBeGreaterThan(3);
    for (const secret of [USER, encodeBase64url(KEY), encodeBase64url(UNIT_KEY), 'ls_server_site', 'secret'])
      expect(page.text).not.toContain(secret);
  });

  it.each<[string, Readonly<Record<string, string>>, object?]>([
    ['without a key', {}],
    ['for nobody', { EXPOSURE_TOKEN_KEY: encodeBase64url(KEY) }, { plan: 'gold' }],
  ])('is nothing %s', async (_, vars, context) => {
    const { metadata, tokens } = await vouchedPage(vars, context);
    expect([metadata, tokens.filter((token) => token !== undefined)]).toEqual([{ version: VERSION }, []]);
  });

  it.each<[Readonly<Record<string, string>>, string]>([
    [{ EXPOSURE_TOKEN_KEY: 'AAAA' }, 'EXPOSURE_TOKEN_KEY must be the base64url of 32 bytes'],
    [{ EXPOSURE_TOKEN_KEY: encodeBase64url(KEY), INGEST_KEY: '', UNIT_KEY: '' }, 'EXPOSURE_TOKEN_KEY must have'],
  ])('a key that is no use is a fault: %j', (vars, fault) => {
    const sound = { ENVIRONMENT: 'test', INGEST_KEY: 'k', UNIT_KEY: encodeBase64url(UNIT_KEY) };
    expect(() => readSettings({ ...sound, ...vars }, pageSettings)).toThrow(fault);
  });
});
