/** What the EdgeWorker decides for pages, and how it hands that on: on the built bundle, in the harness. */
import { afterAll, describe, expect, it } from 'vitest';
import { FLAVOURS } from '../../scripts/akamai/bundle.ts';
import type { EventOutcome } from '../../scripts/edgeworkers/event.ts';
import { rawLines } from '../unit/fixtures/lines.ts';
import { FLAG, handedOn, POP, REVALIDATE_MS, readerOfMarketplace, STALE_MS, visitor } from './fixtures/deployed.ts';
import { inputOf } from './fixtures/event-input.ts';
import { createPages, decidedHere, users } from './fixtures/pages.ts';

const { deployed, stop } = createPages();
afterAll(stop);

const ALL = readerOfMarketplace(7).flagKeys();

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

describe('a view past the staleness bound', () => {
  it('is read by each who comes, at once or not, so that nobody is told another price than who came with them', async () => {
    const edge = await deployed({ instances: 'reused' });
    await edge.publish(7);
    await edge.page();
    await edge.publish(8);
    edge.forward(STALE_MS + 1);
    edge.edgeKv.faults.set(POP, { fault: 'delay', ms: 100 });
    const outcomes = await Promise.all(users.slice(0, 10).map((user) => edge.page(visitor(user))));
    expect(outcomes.map((outcome) => handedOn(outcome).version)).toEqual(outcomes.map(() => '8'));
    for (const { report } of outcomes) expect([report.status, report.subRequests.length]).toEqual(['Success', 1]);
  });

  it('is left alone for a second where EdgeKV has failed, and the log says so once', async () => {
    const edge = await deployed({ instances: 'reused' });
    await edge.publish(7);
    await edge.page();
    edge.edgeKv.faults.set(POP, { fault: 'status', status: 500 });
    edge.forward(STALE_MS + 1);
    const [first, second] = [await edge.page(), await edge.page()];
    expect([first.report.subRequests.length, second.report.subRequests.length]).toEqual([1, 0]);
    expect([first.report.log, second.report.log]).toEqual([expect.stringContaining('HTTP 500'), '']);
    expect([handedOn(first), handedOn(second)]).toMatchObject([{ version: '7' }, { version: '7' }]);
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
    'fits into the platform’s variables whatever is asked for (%i flags): decisions are whole, those that pages differ by first',
    async (count) => {
      const flags = Array.from({ length: count }, (_, at) => `pricing.flagWithALongName${at}`);
      const varyBy = flags.slice(-20);
      const edge = await deployed({ settings: { FLAGS: JSON.stringify(flags), VARY_BY: JSON.stringify(varyBy) } });
      await edge.publish(7, rawLines(flags.map((k) => ({ k, r: 7, o: 0, f: 1 }))));
      const outcome = await edge.page(visitor('user-1'));
      expect([outcome.report.status, outcome.report.excesses]).toEqual(['Success', []]);
      const variables = outcome.effects?.variables ?? {};
      expect(Object.entries(variables).flat().join('').length).toBeLessThanOrEqual(1_024);
      const decided = [...varyBy, ...flags.slice(0, -20)].map((flag) => `${flag}=on;7;STATIC`);
      const [, ...kept] = variables['PMUSER_LOCKSTEP']?.split(',') ?? [];
      expect(kept.length).toBeGreaterThan(5);
      expect(kept).toEqual(decided.slice(0, kept.length));
      const { decisions } = handedOn(outcome);
      expect(decisions.slice(0, 20)).toEqual(decided.slice(0, 20));
      expect(decisions.filter((one) => !decided.includes(one))).toEqual([]);
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

it('an instance’s later event knows nothing of an earlier one’s visitor', async () => {
  const edge = await deployed({ instances: 'reused' });
  await edge.publish(7);
  const alone = async (key: string): Promise<EventOutcome> =>
    edge.worker.handle('onClientRequest', inputOf(visitor(key)));
  const first = await alone('user-1');
  await alone('user-2');
  expect((await alone('user-1')).effects).toEqual(first.effects);
});
