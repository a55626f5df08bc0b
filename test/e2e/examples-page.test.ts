import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawEntry } from '../unit/fixtures/lines.ts';
import { type Example, startExample, type Visit, type Visited, visitorIn } from './fixtures/example.ts';
import { IMAGE, type Origin, PAGE, startOrigin } from './fixtures/origin.ts';
import { until } from './fixtures/poll.ts';

const FLAGS: readonly RawEntry[] = [
  {
    k: 'pricing.fareBundlingV2',
    r: 1,
    n: 1,
    s: 'x7Kq2mPd',
    v: [
      ['control', 'control', 'aaaaaaaa'],
      ['v2', '</script><b>', 'bbbbbbbb'],
    ],
    f: [0, [1, 50_000, 0, 100_000]],
  },
  { k: 'checkout.newAddressForm', r: 1, n: 1, f: 1 },
  { k: 'pricing.secret', r: 1, f: 1 },
];

let origin: Origin;
let site: Example;
beforeAll(async () => {
  origin = await startOrigin();
  site = await startExample('example-page', { ORIGIN: origin.url });
  await site.publish(FLAGS);
});
afterAll(async () => {
  await site.stop();
  await origin.stop();
});

/** A visit, and what the origin was asked for it. */
async function visited(target: string, init?: Visit): Promise<{ visit: Visited; asked: Origin['asked'][number] }> {
  const before = origin.asked.length;
  const visit = await site.visit(target, { ...init, headers: { accept: 'text/html', ...init?.headers } });
  expect(origin.asked.length).toBe(before + 1);
  return { visit, asked: origin.asked[before] as Origin['asked'][number] };
}

const ELEMENT = /<script type="application\/json" id="lockstep-decisions">(.*?)<\/script>/g;

function decisionsIn({ text }: Visited): readonly { key: string; value: unknown; variant: string }[] {
  const found = [...text.matchAll(ELEMENT)];
  expect(found).toHaveLength(1);
  return (JSON.parse(found[0]?.[1] as string) as { flags: { key: string; value: unknown; variant: string }[] }).flags;
}

describe('the page Worker', () => {
  it('hands out the origin’s page with the visitor’s decisions in it', async () => {
    const { visit, asked } = await visited('/fares?from=DUB');
    const decisions = decisionsIn(visit);
    expect(decisions.map(({ key }) => key)).toEqual(['checkout.newAddressForm', 'pricing.fareBundlingV2']);
    expect(visit.text.replace(ELEMENT, '')).toBe(PAGE);
    expect([asked.method, asked.target]).toEqual(['GET', '/fares?from=DUB']);
    const told = JSON.parse(asked.headers['lockstep-variations'] as string) as object;
    expect(told).toEqual(Object.fromEntries(decisions.map(({ key, variant }) => [key, variant])));
  });

  it('has every visitor keep what he was served, in the page and at the origin', async () => {
    const variants = new Set<string>();
    for (let visitor = 0; visitor < 24; visitor++) {
      const first = await visited('/');
      const cookie = visitorIn(first.visit) as string;
      for (let visit = 0; visit < 2; visit++) {
        const again = await visited('/', { headers: { cookie } });
        expect(decisionsIn(again.visit)).toEqual(decisionsIn(first.visit));
        expect(again.asked.headers['lockstep-variations']).toBe(first.asked.headers['lockstep-variations']);
        expect(visitorIn(again.visit)).toBeUndefined();
      }
      variants.add(first.asked.headers['lockstep-variations'] as string);
    }
    expect(variants.size).toBe(2);
  });

  it('B23: tells the origin its own decisions, whatever a visitor sends under that name', async () => {
    const { visit, asked } = await visited('/', {
      headers: {
        'lockstep-variations': '{"pricing.fareBundlingV2":"forged"}',
        'Lockstep-Variations': 'forged',
        'x-other': '1',
      },
    });
    expect(asked.headers['lockstep-variations']).not.toContain('forged');
    expect(JSON.stringify(asked.headers)).not.toContain('forged');
    expect(asked.headers['x-other']).toBe('1');
    expect(visit.text).not.toContain('forged');
  });

  it('keeps pages out of shared caches, without what spoke of their bodies before, and every cookie', async () => {
    for (const method of ['GET', 'HEAD']) {
      const { visit } = await visited('/', { method });
      expect(visit.headers.get('cache-control')).toBe('private, no-cache');
      expect(['etag', 'last-modified'].filter((name) => visit.headers.has(name))).toEqual([]);
      expect(visit.headers.get('content-length')).not.toBe(String(Buffer.byteLength(PAGE)));
      const cookies = visit.headers.getSetCookie();
      expect(cookies).toHaveLength(3);
      expect(cookies).toEqual(
        expect.arrayContaining([
          'session=1',
          'theme=dark',
          expect.stringMatching(/^visitor=.*HttpOnly; Secure; SameSite=Lax$/),
        ]),
      );
    }
  });

  it('unpacks a page that comes gzipped', async () => {
    const { visit } = await visited('/zipped', { headers: { 'accept-encoding': 'gzip' } });
    expect(decisionsIn(visit)).toHaveLength(2);
    expect(visit.text.replace(ELEMENT, '')).toBe(PAGE);
  });

  it('hands on what is no page as it is, for every cache, and takes nobody for exposed by it', async () => {
    const accept = 'image/avif,image/*';
    const forged = { accept, 'lockstep-variations': 'forged' };
    const { visit, asked } = await visited('/logo.png', { headers: forged });
    expect([visit.status, visit.text, visitorIn(visit)]).toEqual([200, IMAGE.toString(), undefined]);
    expect([visit.headers.get('etag'), visit.headers.get('cache-control')]).toEqual(['"v1"', 'public, max-age=600']);
    expect(asked.headers).not.toHaveProperty('lockstep-variations');
    const again = await visited('/logo.png', { headers: { accept, 'if-none-match': '"v1"' } });
    expect([again.visit.status, again.visit.text]).toEqual([304, '']);
  });

  it('hands on methods, bodies and redirects', async () => {
    const { asked } = await visited('/book', {
      method: 'POST',
      body: 'fare=1',
      headers: { 'content-type': 'text/plain' },
    });
    expect([asked.method, asked.target, asked.body]).toEqual(['POST', '/book', 'fare=1']);
    const { visit } = await visited('/moved');
    expect([visit.status, visit.headers.get('location')]).toEqual([302, 'https://elsewhere.example/']);
  });

  it.each([
    ['//elsewhere.example/x', '//elsewhere.example/x'],
    ['///elsewhere.example/x', '///elsewhere.example/x'],
    ['/\\elsewhere.example/x', '//elsewhere.example/x'],
    ['/@elsewhere.example/x', '/@elsewhere.example/x'],
    ['/:80/x', '/:80/x'],
    ['/%2f%2felsewhere.example/x', '/%2f%2felsewhere.example/x'],
    ['/x?url=//elsewhere.example/', '/x?url=//elsewhere.example/'],
    ['/../../x', '/x'],
  ])('asks nobody but its origin for %s', async (target, wanted) => {
    const { visit, asked } = await visited(target, { headers: { host: 'elsewhere.example' } });
    expect([visit.status, asked.target]).toEqual([200, wanted]);
  });

  it('I8: counts its visitors as exposed to what the page depends on, and to nothing else', async () => {
    const before = site.exposures().length;
    await visited('/');
    await until('both are counted', () => site.exposures().length >= before + 2);
    const flags = new Set(site.exposures().map(({ flag }) => flag));
    expect([...flags].sort()).toEqual(['checkout.newAddressForm', 'pricing.fareBundlingV2']);
  });
});

describe('without its origin', () => {
  it('answers 502 with a problem, that nobody keeps', async () => {
    const gone = await startOrigin();
    await gone.stop();
    const lonely = await startExample('example-page', { ORIGIN: gone.url });
    try {
      const { status, headers, json } = await lonely.visit('/');
      expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
        502,
        'application/problem+json',
        'no-store',
      ]);
      expect(json()).toMatchObject({ status: 502, title: 'Bad Gateway' });
      expect(JSON.stringify(json())).not.toContain(gone.url);
    } finally {
      await lonely.stop();
    }
  });
});
