/** What webhooks are sent: all of it, in the order of the log, under the same ids however often, and none waits for another. */
import { describe, expect, it } from 'vitest';
import { sortedEntries } from '#control/persistent-map';
import type { Command } from '#schema/control-command';
import type { Operation } from '#schema/control-operation';
import { DISABLE_AFTER_MS, GIVE_UP_MS } from '../../../workers/control/delivering.ts';
import { MAX_KEPT } from '../../../workers/control/delivery-store.ts';
import type { SendOutcome } from '../../../workers/control/webhook-port.ts';
import { ask, changeOf, NOW, onlyRequest, op, put } from '../control/fixtures/organisation.ts';
import * as people from '../control/fixtures/people.ts';
import { rampFlag } from '../fixtures/authored.ts';
import { exportOf, foundedControl, type TestControl, verified } from './fixtures/control.ts';
import { createFaultyStorage } from './fixtures/faulty-storage.ts';
import { delivered, failing } from './fixtures/receivers.ts';

const urlOf = (key: string): string => `https://${key}.example.com/hook`;
const hook = (key: string, fields: object = {}, base = 0): Operation =>
  op({
    ...{ op: 'put', kind: 'webhook', key, base },
    body: { url: urlOf(key), events: ['change.applied'], environments: ['*'], ...fields },
  });
const project = (key: string): Operation => op({ op: 'put', kind: 'project', key, base: 0, body: { name: key } });
const rank = (percent: number, base = 1) =>
  put('flag', 'search.rank', base, rampFlag(percent, { salt: 'search-rank' }));

async function hooked(...hooks: readonly Operation[]): Promise<TestControl> {
  const control = await foundedControl();
  await control.accept(ask(hooks), people.admin);
  return control;
}

const change = (control: TestControl, key: string) => control.accept(ask([project(key)]), people.editor);
const bodies = ({ receivers }: TestControl, key: string) =>
  receivers.sent.flatMap(({ url, body }) => (url === urlOf(key) ? [JSON.parse(body)] : []));
const seqs = (control: TestControl, key: string): number[] => bodies(control, key).map(({ data }) => data.seq);
/** Each id once, as receivers take them. */
const told = ({ receivers }: TestControl, key: string): string[] => {
  const letters = receivers.sent.filter(({ url }) => url === urlOf(key));
  const byId = new Map(letters.map(({ id, body }) => [id, JSON.parse(body)]));
  return [...byId.values()].map(({ type, data }) => `${data.seq} ${type}`);
};
const deliveries = ({ delivering }: TestControl, key: string) => {
  const page = delivering.page(key, Number.MAX_SAFE_INTEGER, 10_000);
  if (!page.ok) throw new Error(page.error.code);
  return page.value;
};

describe('a webhook', () => {
  it('is told behind the command, without contents, in words that lead to the rest', async () => {
    const control = await hooked(hook('deploys'));
    const { seq } = await control.accept(ask([rank(60)], { justification: 'More of it.' }), people.editor);
    expect(bodies(control, 'deploys')).toEqual([
      {
        type: 'change.applied',
        timestamp: '2026-11-23T08:00:00.000Z',
        data: {
          ...{ organisation: 'marketplace', webhook: 'deploys', seq, action: 'change.submit+applied' },
          actor: { id: 'sso:erin', kind: 'person', via: 'test' },
          justification: 'More of it.',
          environments: ['production'],
          items: [{ kind: 'flag', environment: 'production', key: 'search.rank', revision: 2 }],
          request: expect.any(String),
          hash: expect.any(String),
        },
      },
    ]);
    expect(deliveries(control, 'deploys')).toMatchObject([
      { seq, status: 'delivered', attempts: 1, code: 204, error: null },
    ]);
    expect(control.receivers.sent[0]?.id).toMatch(/^msg_[\w-]{43}$/);
  });

  it('B56: is not sent two things under one id, where a restored log gave the place of one to the other', async () => {
    const [one, other] = [await hooked(hook('deploys')), await hooked(hook('deploys'))];
    await change(one, 'lost');
    await change(other, 'later');
    expect(seqs(other, 'deploys')).toEqual(seqs(one, 'deploys'));
    expect(other.receivers.sent.map(({ id }) => id)).not.toEqual(one.receivers.sent.map(({ id }) => id));
  });

  it('hears what it asked for, and nothing of how it came to be', async () => {
    const control = await hooked(
      ...[hook('all', { events: ['*'] }), hook('force', { events: ['publish.acknowledged', 'return.imported'] })],
      hook('staging', { events: ['*'], environments: ['staging'] }),
    );
    expect(control.receivers.sent).toEqual([]);
    await control.accept(ask([rank(60)]), people.editor);
    control.publisher.returnTo({ flags: ['search.rank'], reason: 'Errors.' });
    await control.accept(ask([rank(61, 2)]), people.editor);
    await control.accept(
      ask([put('flag', 'billing.pay', 1, rampFlag(9, { salt: 'billing-pay' }))], { ticket: 'CHG1' }),
      people.billing,
    );
    await control.calm();
    const typesAt = (key: string): string[] => bodies(control, key).map(({ type }) => type);
    expect(typesAt('all')).toEqual(
      expect.arrayContaining(['publish.requested', 'change.applied', 'publish.acknowledged', 'change.opened']),
    );
    expect(new Set(typesAt('force'))).toEqual(new Set(['publish.acknowledged', 'return.imported']));
    expect(typesAt('staging')).toEqual([]);
    expect(JSON.stringify(bodies(control, 'all'))).not.toMatch(/salt|percent|variations/);
  });

  it('of one environment is told of what was done there, and not of what was done elsewhere by the same change', async () => {
    const control = await hooked(hook('staging', { environments: ['staging'] }));
    const there = op({
      ...{ op: 'put', kind: 'flag', environment: 'staging', key: 'search.rank', base: 0 },
      body: rampFlag(5, { salt: 'staging-rank' }),
    });
    await control.accept(ask([rank(60), there, project('elsewhere')]), people.everybody);
    expect(bodies(control, 'staging')).toMatchObject([
      { data: { environments: ['staging'], items: [{ environment: 'staging', key: 'search.rank', revision: 1 }] } },
    ]);
  });

  it('is told of 100 items of a change, and how many more there are', async () => {
    const control = await hooked(hook('deploys'));
    await control.accept(ask(Array.from({ length: 130 }, (_, at) => project(`p-${at}`))), people.editor);
    const [{ data }] = bodies(control, 'deploys');
    expect([data.items.length, data.moreItems]).toEqual([100, 30]);
  });

  it('B55: is not sent what looks like a secret, though the publisher has it in its journal', async () => {
    const control = await hooked(hook('force', { events: ['return.imported'] }));
    await control.accept(ask([rank(60)]), people.editor);
    control.publisher.returnTo({
      flags: ['search.rank'],
      reason: 'With ls_marketplace.token.AAAAAAAAAAAAAAAAAAAAAAAAAA.',
    });
    await control.accept(ask([rank(61, 2)]), people.editor);
    await control.calm();
    expect(bodies(control, 'force')).toHaveLength(1);
    expect(JSON.stringify(bodies(control, 'force'))).toMatch(/\[redacted\]/);
    expect(JSON.stringify(bodies(control, 'force'))).not.toMatch(/ls_marketplace/);
  });
});

describe('a receiver that fails', () => {
  it('is sent the same again, less and less often, in order; all that waited follows at once', async () => {
    const control = await hooked(hook('deploys'));
    control.receivers.answers.set(urlOf('deploys'), () => failing);
    for (const key of ['one', 'two', 'three']) await change(control, key);
    const gaps: number[] = [];
    for (let turn = 0; turn < 12; turn++) {
      const [waits] = deliveries(control, 'deploys').slice(-1);
      gaps.push((waits?.nextAt ?? 0) - (waits?.triedAt ?? 0));
      control.clock.now = waits?.nextAt ?? 0;
      await control.tend();
      await control.settled();
    }
    // Half of 1 s, 2 s, 4 s … 10 min.
    expect(gaps).toEqual([501, 1_001, 2_001, 4_001, 8_001, 16_001, 32_001, 64_001, 128_001, 256_001, 300_001, 300_001]);
    expect(new Set(control.receivers.idsAt(urlOf('deploys'))).size).toBe(1);
    expect(deliveries(control, 'deploys').map(({ status, attempts }) => [status, attempts])).toEqual([
      ['waiting', 0],
      ['waiting', 0],
      ['waiting', 13],
    ]);
    control.receivers.answers.clear();
    control.receivers.sent.length = 0;
    control.clock.now += 600_000;
    await control.tend();
    await control.settled();
    expect(bodies(control, 'deploys').map(({ data }) => data.items[0].key)).toEqual(['one', 'two', 'three']);
    await control.calm();
    expect(control.wake()).toBeUndefined();
  });

  it('for 8 hours has that given up, is shown why, and is sent the rest; what was given up can be sent again', async () => {
    const control = await hooked(hook('deploys'));
    control.receivers.answers.set(urlOf('deploys'), () => failing);
    for (const key of ['one', 'two']) await change(control, key);
    control.clock.now = NOW + GIVE_UP_MS - 1_000;
    await change(control, 'three');
    control.clock.now = NOW + GIVE_UP_MS + 600_000;
    await control.tend();
    await control.settled();
    expect(deliveries(control, 'deploys')).toMatchObject([
      { status: 'waiting' },
      { status: 'failed', attempts: 0, error: 'the receiver answered 503' },
      { status: 'failed', code: 503, error: 'the receiver answered 503' },
    ]);
    control.receivers.answers.clear();
    await control.calm();
    const [third, second] = deliveries(control, 'deploys');
    expect(third).toMatchObject({ status: 'delivered' });
    const id = second?.id as string;
    expect(await control.delivering.again('deploys', id)).toMatchObject({
      ok: true,
      value: { status: 'delivered', code: 204 },
    });
    expect(control.receivers.sent.at(-1)).toMatchObject({ id, body: second?.body });
    expect(deliveries(control, 'deploys')[1]).toMatchObject({ status: 'delivered', error: null });
  });

  it('with 410 has its webhook disabled, which the log says, and is sent nothing more', async () => {
    const control = await hooked(hook('deploys'), hook('others', { events: ['*'] }));
    control.receivers.answers.set(urlOf('deploys'), () => ({ kind: 'gone', code: 410 }));
    await Promise.all([change(control, 'one'), change(control, 'two')]);
    await change(control, 'three');
    await control.calm();
    expect(control.receivers.idsAt(urlOf('deploys'))).toHaveLength(1);
    const entries = exportOf(control)
      .split('\n')
      .filter((line) => line.includes('"action":"webhook.disable"'));
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatch(/"kind":"system".*answered 410/);
    expect(deliveries(control, 'deploys')).toMatchObject([
      { status: 'failed', error: 'the webhook was disabled' },
      { status: 'failed', code: 410, error: 'the receiver is gone' },
    ]);
    expect(await verified(exportOf(control))).toMatchObject({ ok: true });
    // Enabled again, it hears what happens from then on.
    control.receivers.answers.clear();
    await control.accept(ask([hook('deploys', {}, 2)]), people.admin);
    const { seq } = await change(control, 'four');
    expect(seqs(control, 'deploys').at(-1)).toBe(seq);
    expect(control.receivers.idsAt(urlOf('deploys'))).toHaveLength(2);
  });

  it('for 5 days has its webhook disabled with what is given up then, and not for having failed once before', async () => {
    const control = await hooked(hook('deploys'), hook('flaky'));
    const fail = (key: string): void => void control.receivers.answers.set(urlOf(key), () => failing);
    const givenUp = async (key: string): Promise<void> => {
      await change(control, key);
      control.clock.now += GIVE_UP_MS + 600_000;
      await control.tend();
      await control.settled();
    };
    const enabled = () => sortedEntries(control.state().webhooks).map(([, { body }]) => body.enabled);
    for (const key of ['deploys', 'flaky']) fail(key);
    await givenUp('first');
    control.receivers.answers.delete(urlOf('flaky'));
    await change(control, 'taken');
    fail('flaky');
    control.clock.now = NOW + DISABLE_AFTER_MS - 1;
    await change(control, 'tried');
    expect(enabled()).toEqual([true, true]);
    await givenUp('last');
    expect(enabled()).toEqual([false, true]);
    expect(exportOf(control)).toMatch(/"action":"webhook\.disable".*taken nothing for 5 days/);
    // Enabled again, it is given as long as before.
    await control.accept(ask([hook('deploys', {}, 2)]), people.admin);
    await givenUp('anew');
    expect(enabled()).toEqual([true, true]);
  });

  it('does not hold up another, a publish, or the answer to a command', async () => {
    let answer = (_outcome: SendOutcome): void => undefined;
    const hanging = new Promise<SendOutcome>((resolve) => {
      answer = resolve;
    });
    const control = await hooked(hook('slow', { events: ['*'] }), hook('deploys'));
    control.receivers.answers.set(urlOf('slow'), () => hanging);
    await control.calm();
    expect(await control.ask(ask([rank(60)]), people.editor)).toMatchObject({ ok: true });
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    expect(control.publisher.version()).toBe(2);
    expect(control.receivers.idsAt(urlOf('deploys'))).toHaveLength(1);
    expect(control.receivers.idsAt(urlOf('slow'))).toHaveLength(1);
    // Nobody is called for it before it may have lost its life; then it is sent again.
    expect(control.dueAt()).toBe(NOW + 15_000);
    await control.ask(ask([project('more')]), people.editor);
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    expect(control.receivers.idsAt(urlOf('deploys'))).toHaveLength(2);
    expect(control.receivers.idsAt(urlOf('slow'))).toHaveLength(1);
    answer(delivered);
    await control.settled();
    expect(seqs(control, 'slow')).toEqual([...seqs(control, 'slow')].sort((a, b) => a - b));
    expect(new Set(control.receivers.idsAt(urlOf('slow'))).size).toBe(4);
  });

  it('is one of many: at most four are called at a time, and all come to their turns', async () => {
    const names = Array.from({ length: 12 }, (_, at) => `hook-${at}`);
    const control = await hooked(...names.map((key) => hook(key)));
    const waiting: (() => void)[] = [];
    let most = 0;
    for (const key of names) {
      control.receivers.answers.set(urlOf(key), async () => {
        most = Math.max(
          most,
          waiting.push(() => undefined),
        );
        await new Promise<void>((resolve) => setTimeout(resolve, 2));
        waiting.pop();
        return delivered;
      });
    }
    for (const key of ['one', 'two']) await control.ask(ask([project(key)]), people.editor);
    await control.settled();
    expect(most).toBe(4);
    const firsts = control.receivers.sent.slice(0, 12).map(({ url }) => url);
    expect(new Set(firsts).size).toBe(12);
    for (const key of names) expect(control.receivers.idsAt(urlOf(key))).toHaveLength(2);
  });

  it('that was given another address is tried there at once', async () => {
    const control = await hooked(hook('deploys'));
    control.receivers.answers.set(urlOf('deploys'), () => failing);
    await change(control, 'one');
    await control.accept(ask([hook('deploys', { url: urlOf('moved') }, 1)]), people.admin);
    expect(bodies(control, 'moved').map(({ data }) => data.items[0].key)).toEqual(['one', 'deploys']);
  });
});

describe('a webhook that is changed', () => {
  it('is sent nothing of what happens while it is disabled, not even later', async () => {
    const control = await hooked(hook('deploys', { enabled: false }));
    await change(control, 'one');
    await control.accept(ask([hook('deploys', {}, 1)]), people.admin);
    const { seq } = await change(control, 'two');
    expect(seqs(control, 'deploys')).toEqual([seq]);
  });

  it('by being deleted leaves no delivery', async () => {
    const control = await hooked(hook('deploys'));
    control.receivers.answers.set(urlOf('deploys'), () => failing);
    await change(control, 'one');
    await control.accept(ask([op({ op: 'delete', kind: 'webhook', key: 'deploys', base: 1 })]), people.admin);
    expect(control.delivering.page('deploys', 1_000, 10)).toMatchObject({ ok: false, error: { code: 'not-found' } });
    await control.calm();
    expect([...control.storage.sql.exec('SELECT * FROM deliveries')]).toEqual([]);
  });

  it('B52: may have no address that may not be, by whatever command it comes', async () => {
    const control = await hooked(hook('deploys'));
    const inside = hook('inside', { url: 'https://169.254.169.254/' });
    const refusal = { ok: false, error: { code: 'webhook-address', key: 'inside' } };
    expect(await control.ask(ask([inside]), people.admin)).toMatchObject(refusal);
    expect(await control.ask(ask([project('one'), inside]), people.admin)).toMatchObject(refusal);
    const waits = ask([op({ op: 'put', kind: 'environment', key: 'test', base: 0, body: { name: 'Test' } })]);
    await control.accept(waits, people.admin);
    const { id, hash } = onlyRequest(control.state());
    const amended: Command = { type: 'amend', request: id, hash, change: changeOf([inside]) };
    expect(await control.ask(amended, people.admin)).toMatchObject(refusal);
  });
});

describe('what is kept of deliveries', () => {
  it('is the last thousand that are done, of all that were sent', async () => {
    const control = await hooked(hook('deploys'));
    for (let at = 1; at <= MAX_KEPT + 20; at++) {
      const renamed = op({ op: 'put', kind: 'project', key: 'shop', base: at, body: { name: `Shop ${at}` } });
      await control.ask(ask([renamed]), people.editor);
    }
    await control.settled();
    expect(control.receivers.sent).toHaveLength(MAX_KEPT + 20);
    expect(deliveries(control, 'deploys')).toHaveLength(MAX_KEPT);
  });
});

describe('B54: a life that ends while webhooks are sent', () => {
  it('leaves what was not answered to the next; receivers get all, in order, repeated at most with the same id', async () => {
    const control = await hooked(hook('deploys'));
    control.receivers.answers.set(urlOf('deploys'), () => new Promise(() => undefined));
    for (const key of ['one', 'two']) await control.ask(ask([project(key)]), people.editor);
    control.receivers.answers.clear();
    const after = control.restarted();
    await after.calm();
    const ids = after.receivers.idsAt(urlOf('deploys'));
    expect(ids).toHaveLength(3);
    expect(ids[0]).toBe(ids[1]);
    expect(seqs(after, 'deploys')).toEqual([...seqs(after, 'deploys')].sort((a, b) => a - b));
  });

  it('at any statement, loses none and makes up none', async () => {
    const ready = async () => {
      const storage = createFaultyStorage();
      const control = await foundedControl({ storage });
      await control.accept(ask([hook('deploys', { events: ['*'] })]), people.admin);
      return { storage, control };
    };
    const counted = await ready();
    counted.storage.failAt(0, 'before');
    await change(counted.control, 'one');
    const whole = told(counted.control, 'deploys');
    expect(whole.length).toBeGreaterThan(0);
    const count = counted.storage.statements();
    expect(count).toBeGreaterThan(15);
    for (let at = 1; at <= count; at++) {
      const { storage, control } = await ready();
      storage.failAt(at, at % 2 === 0 ? 'before' : 'behind');
      await change(control, 'one').catch(() => undefined);
      storage.failAt(0, 'before');
      const after = control.restarted();
      await after.calm();
      const isThere = exportOf(after).includes('"key":"one"');
      expect(told(after, 'deploys')).toEqual(isThere ? whole : []);
      expect(deliveries(after, 'deploys').every(({ status }) => status === 'delivered')).toBe(true);
    }
  });
});
