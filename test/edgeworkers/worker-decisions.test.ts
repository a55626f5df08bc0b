/** What the EdgeWorker decides for pages, and how it hands that on: on the built bundle, in the harness. */
import { afterAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import type { RulesetReader } from '#ruleset/reader';
import { FLAVOURS } from '../../scripts/akamai/bundle.ts';
import type { EventOutcome, EventReport } from '../../scripts/edgeworkers/event.ts';
import type { HttpRequest } from '../../scripts/edgeworkers/http-message.ts';
import { type ServePropertyOptions, serveProperty } from '../../scripts/edgeworkers/property/serve-property.ts';
import { callProperty } from './fixtures/call-property.ts';
import {
  type Deployed,
  type DeployOptions,
  deploy,
  FLAG,
  handedOn,
  marketplace,
  POP,
  REVALIDATE_MS,
  readerOfMarketplace,
  STALE_MS,
  visitor,
} from './fixtures/deployed.ts';
import { inputOf } from './fixtures/event-input.ts';

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function deployed(options: Omit<DeployOptions, 'part'> = {}): Promise<Deployed> {
  const made = await deploy({ ...options, part: 'pages' });
  stops.push(made.worker.stop);
  return made;
}

const ALL = readerOfMarketplace(7).flagKeys();
const PLACE = { region: 'europe-west4', cloud: 'akamai', pop: POP };

/** What the evaluator in this process decides of a visitor, as it is handed on; nothing of a flag that serves nothing. */
const decidedHere = (reader: RulesetReader, flags: readonly string[], key: string, country = 'NL'): string[] =>
  flags.flatMap((flag) => {
    const context = createContext({ targetingKey: key, country }, PLACE);
    const { variation, revision, reason } = evaluate(reader, flag, context);
    return variation === undefined ? [] : [`${flag}=${variation};${revision};${reason}`];
  });

const users = Array.from({ length: 60 }, (_, at) => `user-${at}`);

describe.each(FLAVOURS)('the EdgeWorker, flavour %s', (flavour) => {
  it.each(['fresh', 'reused', 'mixed'] as const)(
    'decides all flags of its view as the evaluator in this process does, in %s instances',
    async (instances) => {
      const edge = await deployed({ flavour, instances, settings: { FLAGS: JSON.stringify(ALL), VARY_BY: '[]' } });
      await edge.publish(7);
      const reader = readerOfMarketplace(7);
      for (const user of users.slice(0, instances === 'fresh' ? 15 : 60)) {
        const outcome = await edge.page(visitor(user));
        expect([user, outcome.report.status, outcome.report.excesses]).toEqual([user, 'Success', []]);
        expect([user, handedOn(outcome).decisions]).toEqual([user, decidedHere(reader, ALL, user)]);
        expect(outcome.report.subRequests.length).toBeLessThanOrEqual(1);
      }
    },
  );

  it('decides for visitors who come at once, in one instance, each with one read at most, and none of them undecided', async () => {
    const edge = await deployed({ flavour, instances: 'reused' });
    await edge.publish(7);
    edge.edgeKv.faults.set(POP, { fault: 'delay', ms: 100 });
    const reader = readerOfMarketplace(7);
    const outcomes = await Promise.all(users.slice(0, 20).map((user) => edge.page(visitor(user))));
    expect(new Set(outcomes.map(({ report }) => report.instance)).size).toBe(1);
    for (const [at, outcome] of outcomes.entries()) {
      expect([handedOn(outcome).version, handedOn(outcome).decisions]).toEqual([
        '7',
        decidedHere(reader, [FLAG], users[at] as string),
      ]);
      expect([outcome.report.status, outcome.report.subRequests.length]).toEqual(['Success', 1]);
    }
  });

  it('asks EdgeKV once for all who come while its view is old, and never goes back', async () => {
    const edge = await deployed({ flavour, instances: 'reused' });
    await edge.publish(7);
    await edge.page();
    await edge.publish(8);
    edge.forward(REVALIDATE_MS + 1);
    edge.edgeKv.faults.set(POP, { fault: 'delay', ms: 100 });
    const outcomes = await Promise.all(users.slice(0, 20).map((user) => edge.page(visitor(user))));
    const reads = outcomes.reduce((sum, { report }) => sum + report.subRequests.length, 0);
    expect(reads).toBe(1);
    expect(new Set(outcomes.map((outcome) => handedOn(outcome).version))).toEqual(new Set(['7', '8']));
    await edge.publish(7);
    edge.forward(REVALIDATE_MS + 1);
    expect(handedOn(await edge.page()).version).toBe('8');
  });
});

describe('what is handed on', () => {
  it('says STALE, and goes on serving, where EdgeKV was not heard for too long', async () => {
    const edge = await deployed({ instances: 'reused' });
    await edge.publish(7);
    const fresh = handedOn(await edge.page(visitor('user-1')));
    edge.edgeKv.faults.set(POP, { fault: 'status', status: 500 });
    edge.forward(STALE_MS + 1);
    const stale = handedOn(await edge.page(visitor('user-1')));
    expect(stale).toMatchObject({ version: '7', age: String(STALE_MS + 1) });
    expect(stale.decisions).toEqual(fresh.decisions.map((one) => one.replace(/[A-Z_]+$/, 'STALE')));
  });

  it.each([35, 70, 200])(
    'fits into the platform’s variables whatever is asked for (%i flags): decisions are whole, the first ones first',
    async (count) => {
      const flags = Array.from({ length: count }, (_, at) => ALL[at % ALL.length] as string);
      const edge = await deployed({ settings: { FLAGS: JSON.stringify(flags), VARY_BY: JSON.stringify(flags) } });
      await edge.publish(7);
      const outcome = await edge.page(visitor('user-1'));
      expect([outcome.report.status, outcome.report.excesses]).toEqual(['Success', []]);
      const variables = outcome.effects?.variables ?? {};
      expect(Object.entries(variables).flat().join('').length).toBeLessThanOrEqual(1_024);
      const decided = decidedHere(readerOfMarketplace(7), flags, 'user-1');
      const [, ...kept] = variables['PMUSER_LOCKSTEP']?.split(',') ?? [];
      expect(kept[0]).toBe(decided[0]);
      expect(kept.filter((one) => !decided.includes(one))).toEqual([]);
      expect(kept.length).toBeLessThan(decided.length);
      const { decisions } = handedOn(outcome);
      expect(decisions.filter((one) => !decided.includes(one))).toEqual([]);
      expect(decisions.length).toBeGreaterThan(kept.length);
      expect(
        (outcome.effects?.requestHeaders.find(([name]) => name === 'Lockstep-Decisions')?.[1] ?? '').length,
      ).toBeLessThanOrEqual(4_000);
    },
  );

  it('is nothing at the paths of a POP: what it answers must not differ by a page’s decisions', async () => {
    const edge = await deployed();
    await edge.publish(7);
    for (const path of ['/ofrep/v1/evaluate/flags', `/ofrep/v1/evaluate/flags/${FLAG}`, '/v1/status', '/livez']) {
      const outcome = await edge.page({
        path,
        headers: [
          ['Cookie', 'visitor=user-1'],
          ['Lockstep-Decisions', '9;0'],
        ],
      });
      expect(outcome.report).toMatchObject({ status: 'Success', subRequests: [] });
      expect(outcome.effects).toMatchObject({
        variables: {},
        cacheKey: [],
        requestHeaders: [['Cookie', 'visitor=user-1']],
      });
    }
  });

  it('is nothing, and EdgeKV is not asked, where no flags are decided for pages', async () => {
    const edge = await deployed({ settings: { FLAGS: '[]', VARY_BY: '[]' } });
    const outcome = await edge.page(visitor('user-1'));
    expect(outcome.report).toMatchObject({ status: 'Success', subRequests: [] });
    expect(outcome.effects).toMatchObject({ variables: {}, cacheKey: [] });
  });
});

describe('a page behind a property', () => {
  interface Site {
    readonly asked: HttpRequest[];
    readonly reports: EventReport[];
    get(key: string): ReturnType<typeof callProperty>;
  }

  /** An origin whose pages may be cached, and say by which decisions they were made. */
  async function serve(edge: Deployed, more: Partial<ServePropertyOptions> = {}): Promise<Site> {
    const asked: HttpRequest[] = [];
    const reports: EventReport[] = [];
    const property = await serveProperty({
      edgeWorker: edge.worker,
      port: 0,
      clock: edge.now,
      places: () => ({ country: 'NL' }),
      clientIp: '203.0.113.7',
      observe: (report) => reports.push(report),
      async origin(request) {
        asked.push(request);
        const decisions = request.headers.find(([name]) => name === 'Lockstep-Decisions')?.[1] ?? 'undecided';
        return { status: 200, headers: [['Cache-Control', 'max-age=600']], body: new TextEncoder().encode(decisions) };
      },
      ...more,
    });
    stops.push(property.stop);
    const get: Site['get'] = (key) => callProperty(property.url, '/flights', { headers: { Cookie: `visitor=${key}` } });
    return { asked, reports, get };
  }

  it('is cached by variation: once for each, and everybody gets the one of theirs', async () => {
    const edge = await deployed({ instances: 'mixed' });
    await edge.publish(7);
    const { asked, get } = await serve(edge);
    const reader = readerOfMarketplace(7);
    const names = new Set<string>();
    for (const user of users) {
      const [decision = ''] = decidedHere(reader, [FLAG], user);
      names.add(decision.split(';')[0] as string);
      const page = await get(user);
      expect([user, page.text.split(',')[1]?.split(';')[0]]).toEqual([user, decision.split(';')[0]]);
    }
    expect(names.size).toBeGreaterThan(1);
    expect(asked).toHaveLength(names.size);
  });

  it('is not served the page of a variation whose value is another now', async () => {
    const edge = await deployed({ instances: 'fresh' });
    await edge.publish(7);
    const { asked, get } = await serve(edge);
    await get('user-1');
    const entry = marketplace.entries.find(({ k }) => k === FLAG) as { readonly v: readonly (readonly unknown[])[] };
    let lines = marketplace.lines;
    for (const [at, [, , id]] of entry.v.entries()) lines = lines.replaceAll(id as string, `AAAAAAA${at}`);
    await edge.publish(8, lines);
    await get('user-1');
    expect(asked).toHaveLength(2);
  });

  it.each(['fresh', 'reused', 'mixed'] as const)(
    'tells by which version it was decided, and how old that is, whichever instances its events are in (%s)',
    async (instances) => {
      const edge = await deployed({ instances });
      await edge.publish(7);
      const { get, reports } = await serve(edge);
      for (const user of users.slice(0, 6)) {
        const page = await get(user);
        expect([page.status, page.all('Lockstep-Version'), page.all('Server-Timing')]).toEqual([
          200,
          ['7'],
          ['age;dur=0'],
        ]);
      }
      const used = new Set(reports.map(({ instance }) => instance));
      if (instances === 'reused') expect(used.size).toBe(1);
      else expect(used.size).toBeGreaterThan(1);
    },
  );

  it('tells that no view was ever received', async () => {
    const { get } = await serve(await deployed());
    const page = await get('user-1');
    expect([page.text, page.all('Lockstep-Version'), page.all('Server-Timing')]).toEqual([
      `0;,${FLAG}=control;0;DEFAULT`,
      ['0'],
      ['ruleset;desc=offline'],
    ]);
  });

  it('that could not be decided comes all the same, and is nobody’s who was decided for', async () => {
    const edge = await deployed({ settings: { PUBLIC_KEYS: '[]' } });
    const { get, asked } = await serve(edge);
    const page = await get('user-1');
    expect([page.status, page.text, page.all('Lockstep-Version')]).toEqual([200, 'undecided', []]);
    expect(asked).toHaveLength(1);
  });

  it('whose origin is down is told so by the property, not by the EdgeWorker', async () => {
    const edge = await deployed();
    await edge.publish(7);
    const { get } = await serve(edge, { origin: async () => Promise.reject(new Error('down')) });
    expect((await get('user-1')).status).toBe(503);
  });
});

it('an instance’s later event knows nothing of an earlier one’s visitor', async () => {
  const edge = await deployed({ instances: 'reused' });
  await edge.publish(7);
  const alone = async (key: string): Promise<EventOutcome> =>
    edge.worker.handle('onClientRequest', inputOf(visitor(key)));
  const first = await alone('user-1');
  await alone('user-2');
  expect((await alone('user-1')).effects).toEqual(first.effects);
});
