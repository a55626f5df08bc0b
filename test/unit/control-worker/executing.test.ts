/** Commands, one after another: an entry and all that goes with it, or nothing. */
import { describe, expect, it } from 'vitest';
import { KEY_TIME_MS, MAX_KEYS } from '../../../workers/control/answer-store.ts';
import { nothingKnown } from '../../../workers/control/order.ts';
import {
  ask,
  changeOf,
  environmentPut,
  facts,
  onlyRequest,
  put,
  requestsOf,
} from '../control/fixtures/organisation.ts';
import { admin, editor, everybody, manager, otherPricing, pricing, uiOnly } from '../control/fixtures/people.ts';
import { rampFlag, segment } from '../fixtures/authored.ts';
import {
  createTestControl,
  exportOf,
  foldedElsewhere,
  forceLines,
  found,
  foundedControl,
  plain,
  verified,
} from './fixtures/control.ts';

const rank = (percent: number, base: number) =>
  ask([put('flag', 'search.rank', base, rampFlag(percent, { salt: 'search-rank' }))]);
const net = (percent: number, base = 1) =>
  ask([put('flag', 'pricing.net', base, rampFlag(percent, { salt: 'pricing-net' }))]);

describe('an organisation', () => {
  it('answers with the entry and the events, and is the same after a restart', async () => {
    const control = await foundedControl();
    const answer = await control.accept(rank(60, 1), editor);
    expect(answer).toMatchObject({ seq: 2, frozen: [] });
    expect(answer.events.map(({ type }) => type)).toContain('publish-requested');
    // The organisation, its publish, the change, its publish.
    expect(control.status()).toMatchObject({
      entries: 4,
      environments: [{ environment: 'production', version: 2 }, {}],
    });
    const again = control.restarted();
    expect(plain(again.state())).toBe(plain(control.state()));
    expect(again.executing.held()).toEqual(control.executing.held());
    expect((await again.accept(rank(70, 2), editor)).seq).toBe(4);
  });

  it('refuses, and nothing is another than before', async () => {
    const control = await foundedControl();
    const before = [plain(control.state()), exportOf(control)];
    expect(await control.ask(rank(60, 7), editor)).toMatchObject({ ok: false, error: { code: 'stale' } });
    expect(await control.ask(rank(60, 1), uiOnly)).toMatchObject({ ok: false, error: { code: 'not-allowed' } });
    const half = ask([put('segment', 'odd', 0, segment({ description: '\ud800' }))]);
    expect(await control.ask(half, editor)).toMatchObject({ ok: false, error: { code: 'no-json' } });
    expect([plain(control.state()), exportOf(control)]).toEqual(before);
  });

  it('asks for what a command needs to be known, and again where that is another by then', async () => {
    const control = await foundedControl();
    await control.accept(net(6), pricing);
    const { id, hash } = onlyRequest(control.state());
    const order = { command: { type: 'approve', request: id, hash }, actor: otherPricing, via: 'test' } as const;
    expect(await control.execute({ ...order, known: nothingKnown })).toEqual({
      ok: false,
      error: {
        code: 'facts-missing',
        needed: { tickets: [], persons: ['paula', 'piet'], principals: [pricing.id, otherPricing.id] },
      },
    });
    const { now: _now, newId: _newId, ...known } = facts();
    const asked = { tickets: [], persons: ['paula', 'piet'], principals: [pricing.id, otherPricing.id] };
    expect(await control.execute({ ...order, known: { ...known, asked } })).toMatchObject({ ok: true });
    expect(requestsOf(control.state())).toEqual([]);
  });

  it('keeps what is larger than a row of its store', async () => {
    const control = createTestControl();
    await control.accept(found);
    const included = Array.from({ length: 40_000 }, (_, at) => `é€😀-${at}-${'x'.repeat(40)}`);
    await control.accept(ask([put('segment', 'large', 0, segment({ included }))], { confirm: ['size'] }), editor);
    const again = control.reread();
    expect(plain(again.state())).toBe(plain(control.state()));
    expect(plain(foldedElsewhere(exportOf(again)))).toBe(plain(control.state()));
    // And smaller again: nothing of it is left behind.
    await control.accept(ask([put('segment', 'large', 1, segment())], { confirm: ['size'] }), editor);
    expect(plain(control.reread().state())).toBe(plain(control.state()));
    await control.alarm();
    expect(await verified(exportOf(control))).toMatchObject({ ok: true, faults: [] });
  });
});

describe('an idempotency key', () => {
  it('gives the same answer to the same command, and does it once', async () => {
    const control = await foundedControl();
    const first = await control.ask(rank(60, 1), editor, 'k-1');
    await control.settled();
    expect(first).toMatchObject({ ok: true, value: { seq: 2 } });
    const { entries } = control.status();
    expect(await control.ask(rank(60, 1), editor, 'k-1')).toEqual(first);
    expect(await control.reread().ask(rank(60, 1), editor, 'k-1')).toEqual(first);
    expect(control.status().entries).toBe(entries);
  });

  it('is of one command, and of whoever chose it', async () => {
    const control = await foundedControl();
    await control.ask(rank(60, 1), editor, 'k-1');
    expect(await control.ask(rank(61, 1), editor, 'k-1')).toEqual({ ok: false, error: { code: 'key-used-before' } });
    expect(await control.ask(rank(61, 2), everybody, 'k-1')).toMatchObject({ ok: true });
  });

  it('keeps that there was nothing to do', async () => {
    const control = await foundedControl();
    const same = rank(60, 2);
    await control.ask(rank(60, 1), editor);
    expect(await control.ask(same, editor, 'k-1')).toMatchObject({ ok: true, value: { seq: null, events: [] } });
    expect(await control.ask(same, editor)).toEqual({ ok: false, error: { code: 'nothing-changes' } });
    await control.ask(rank(61, 2), editor);
    await control.settled();
    const { entries } = control.status();
    expect(await control.reread().ask(same, editor, 'k-1')).toMatchObject({ ok: true, value: { seq: null } });
    expect(control.status().entries).toBe(entries);
  });

  it('of a command that was refused may come again', async () => {
    const control = await foundedControl();
    expect(await control.ask(rank(60, 2), editor, 'k-1')).toMatchObject({ ok: false });
    expect(await control.ask(rank(60, 1), editor, 'k-1')).toMatchObject({ ok: true });
  });

  it('is forgotten after a day, and where there are very many', async () => {
    const control = await foundedControl();
    const rows = (): number => [...control.storage.sql.exec<{ n: number }>('SELECT COUNT(*) AS n FROM answered')][0]!.n;
    await control.ask(rank(60, 1), editor, 'k-1');
    control.clock.now += KEY_TIME_MS;
    expect(await control.ask(rank(60, 1), editor, 'k-1')).toMatchObject({ ok: false, error: { code: 'stale' } });
    await control.ask(rank(61, 2), editor, 'k-2');
    expect(rows()).toBe(1);
    const fill = `INSERT INTO answered (principal, key, command, seq, time)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT 'somebody', 'x' || i, '', NULL, ? FROM n`;
    control.storage.sql.exec(fill, 2 * MAX_KEYS, control.clock.now);
    await control.ask(rank(62, 3), editor, 'k-3');
    expect(rows()).toBe(MAX_KEYS);
    expect(await control.ask(rank(62, 3), editor, 'k-3')).toMatchObject({ ok: true });
  });
});

describe('B45: 1,000 approvals, amendments and applications at once', () => {
  it.each([1, 2, 3, 4, 5])('publish exactly once, and what was approved (order %i)', async (seed) => {
    const control = await foundedControl();
    await control.accept(net(6), pricing);
    const { id, hash: first } = onlyRequest(control.state());
    const approvers = [otherPricing, manager, everybody];
    const before = control.publisher.published();
    const seen: string[] = [];
    const one = async (at: number) => {
      const pick = (at * 7_919 + seed * 104_729) % 1_000;
      const request = requestsOf(control.state())[0];
      // Some have looked just now, some go by what they saw at first.
      const about = { request: id, hash: (pick % 2 === 0 && request?.hash) || first };
      // A while of amendments alone, so that it is not over at once.
      const amends = pick % 3 === 0 || at < 20 * seed;
      const change = changeOf([put('flag', 'pricing.net', 1, rampFlag(7 + (pick % 50), { salt: 'pricing-net' }))]);
      if (amends) return control.ask({ type: 'amend', ...about, change }, pricing);
      const outcome = control.ask({ type: pick % 5 === 0 ? 'apply' : 'approve', ...about }, approvers[pick % 3]);
      if (request !== undefined && requestsOf(control.state()).length === 0) seen.push(request.hash);
      return outcome;
    };
    const outcomes = await Promise.all(Array.from({ length: 1_000 }, (_, at) => one(at)));
    await control.settled();
    const events = outcomes.flatMap((outcome) => (outcome.ok ? outcome.value.events : []));
    expect(events.filter(({ type }) => type === 'request-amended').length).toBeGreaterThan(5);
    expect(events.filter(({ type }) => type === 'publish-requested')).toHaveLength(1);
    const applied = events.flatMap((event) => (event.type === 'request-applied' ? [event] : []));
    expect(applied.map(({ hash }) => hash)).toEqual(seen);
    expect(applied[0]?.approvals.map(({ hash }) => hash)).toEqual(seen);
    expect(control.publisher.published()).toBe(before + 1);
    expect(forceLines(control.state())).toBe(control.publisher.lines());
  });
});

it('founds organisations that know nothing of one another', async () => {
  const [one, other] = [await foundedControl(), createTestControl()];
  await one.accept(ask([environmentPut('third')]), admin);
  expect(other.status()).toEqual({ entries: 0, signed: 0, environments: [] });
});
