import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { View } from '#edgekv/akamai/view';
import { viewEnvironment } from '#edgekv/akamai/view-environment';
import { verifyRuleset } from '#ruleset/verify';
import { entryLines } from '#ruleset/write/line';
import type { Entry } from '#schema/entry';
import { EPOCH } from '#schema/limits';
import { createApp } from '../../../workers/publisher/app.ts';
import { problemOf } from '../../../workers/publisher/refusal-problem.ts';
import { cacheOf } from '../fixtures/caches.ts';
import { createSigner, ENVIRONMENT, NOW, type Signer } from '../fixtures/signing.ts';
import { flag, forSegment, segment } from './fixtures/entries.ts';
import { createPress, entriesAt, errorIn, pressPort, type TestPress, useClock, valueIn } from './fixtures/press.ts';
import { createTarget, createViewTarget, type MemoryTarget } from './fixtures/target.ts';

const PRICING: View = { name: 'pricing', namespace: 'pricing' };
const PAGE: View = { name: 'page', flags: ['search.map', 'pricing.fares'] };

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(useClock);
afterEach(() => {
  vi.useRealTimers();
});

interface Views {
  readonly press: TestPress;
  readonly kv: MemoryTarget;
  /** In the order of the views. */
  readonly items: readonly MemoryTarget[];
}

function publisherOf(...views: readonly View[]): Views {
  const kv = createTarget();
  const items = views.map(({ name }) => createViewTarget('production', name));
  return { press: createPress(signer, { targets: [kv, ...items], views }), kv, items };
}

const large = (members: number): Entry[] => [
  forSegment('pricing.fares', 'large'),
  segment(
    'large',
    Array.from({ length: members }, (_, at) => `member-${at}`),
  ),
];

const keysAt = (target: MemoryTarget | undefined): string[] => entriesAt(target as MemoryTarget).map(({ k }) => k);
const second = (): void => void vi.setSystemTime(Date.now() + 1_000);
const request = (base: number, entries: readonly Entry[]) => ({
  base,
  lines: entryLines(entries),
  confirm: ['size' as const],
});

describe('a view', () => {
  it('is written as a ruleset of its own: its flags, signed for itself, of the version and age of the whole', async () => {
    const { press, kv, items } = publisherOf(PRICING, PAGE);
    await press.put([flag('pricing.fares'), flag('pricing.fees'), flag('search.map'), flag('search.sort')]);
    expect(items.map(keysAt)).toEqual([
      ['pricing.fares', 'pricing.fees'],
      ['pricing.fares', 'search.map'],
    ]);
    expect(keysAt(kv)).toHaveLength(4);
    const { version, iat, exp } = press.store.inForce()?.claims ?? {};
    for (const [at, { name }] of [PRICING, PAGE].entries()) {
      const verified = await verifyRuleset(items[at]?.text ?? '', viewEnvironment(ENVIRONMENT, name), signer.crypto);
      expect(valueIn(verified).claims).toMatchObject({ version, iat, exp });
    }
    const strangers = await verifyRuleset(items[0]?.text ?? '', ENVIRONMENT, signer.crypto);
    expect(errorIn(strangers).code).toBe('wrong-environment');
  });

  it('is shown for itself: pending until a look shows it, then written', async () => {
    const { press } = publisherOf(PRICING);
    await press.put([flag('pricing.fares')]);
    const states = async () => (await press.status()).targets.map(({ name, state, version }) => [name, state, version]);
    expect(await states()).toEqual([
      ['kv', 'written', 1],
      ['edgekv-production/pricing', 'pending', null],
    ]);
    vi.setSystemTime(press.dueAt() as number);
    await press.tend();
    expect(await states()).toEqual([
      ['kv', 'written', 1],
      ['edgekv-production/pricing', 'written', 1],
    ]);
  });

  it('whose last flag goes says that it is empty on purpose, so that its readers follow', async () => {
    const { press, items } = publisherOf(PRICING);
    const reader = cacheOf(signer, { environment: viewEnvironment(ENVIRONMENT, 'pricing') });
    await press.put([flag('pricing.fares'), flag('search.map')]);
    expect((await reader.offer(items[0]?.text ?? '')).ok).toBe(true);
    await press.put([flag('search.map')]);
    expect(await reader.offer(items[0]?.text ?? '')).toEqual({ ok: true, value: 'newer' });
    expect(reader.current()?.reader.entryCount).toBe(0);
  });

  it('that lists what the ruleset lacks is written without, and the target says so', async () => {
    const { press, items } = publisherOf(PAGE);
    await press.put([flag('search.map')]);
    expect(keysAt(items[0])).toEqual(['search.map']);
    const [, view] = (await press.status()).targets;
    expect(view).toMatchObject({ state: 'pending', note: 'the ruleset lacks pricing.fares, which the view lists' });
    expect((await press.restarted().status()).targets[1]?.note).toBe(view?.note);
    await press.put([flag('search.map'), flag('pricing.fares')]);
    expect((await press.status()).targets[1]).not.toHaveProperty('note');
  });

  it('is signed again with the whole, and for as long', async () => {
    const { press, items } = publisherOf(PRICING);
    await press.put([flag('pricing.fares')]);
    const before = items[0]?.text ?? '';
    vi.setSystemTime(NOW * 1_000 + 15 * 86_400_000 + 2_000);
    await press.tend();
    second();
    await press.tend();
    const reader = cacheOf(signer, { environment: viewEnvironment(ENVIRONMENT, 'pricing') });
    await reader.offer(before);
    expect(await reader.offer(items[0]?.text ?? '')).toEqual({ ok: true, value: 'same' });
    expect(reader.current()?.claims.exp).toBe(press.store.inForce()?.claims.exp);
  });

  it('is not written again by a press that was started anew', async () => {
    const { press, items } = publisherOf(PRICING);
    await press.put([flag('pricing.fares')]);
    const restarted = press.restarted();
    vi.setSystemTime(restarted.dueAt() as number);
    await restarted.tend();
    expect((await restarted.status()).targets[1]).toMatchObject({ state: 'written', version: 1 });
    expect(items[0]?.writes).toHaveLength(1);
  });

  it('is gone on with by nobody: an empty press adopts the whole, and begins where there is none', async () => {
    const { press, kv, items } = publisherOf(PRICING);
    await press.put([flag('pricing.fares'), flag('search.map')]);
    await press.put([flag('pricing.fares', 1), flag('search.map')]);
    const targets = [createTarget(), ...items];
    const empty = createPress(signer, { targets, views: [PRICING] });
    expect(await empty.status()).toMatchObject({ version: null, targets: [{}, { state: 'pending' }] });
    await empty.put([flag('pricing.fares')]);
    expect((await empty.status()).targets[1]).toMatchObject({
      state: 'conflict',
      error: 'version 2 lies there, newer than 1, which is in force',
    });
    const going = createPress(signer, { targets: [kv, ...items], views: [PRICING] });
    expect(await going.status()).toMatchObject({ version: 2, entries: 2 });
    second();
    await going.tend();
    expect((await going.status()).targets).toMatchObject([{ state: 'written' }, { state: 'written' }]);
  });
});

describe('a view of a takeover', () => {
  it('claims it as the whole does: no reader takes another epoch without', async () => {
    const { press, kv, items } = publisherOf(PRICING);
    const version = EPOCH + 7;
    kv.text = await signer.sign(entryLines([flag('pricing.fares', 0, { r: version })]), { version, takeover: 1 });
    await press.status();
    await press.tend();
    const reader = cacheOf(signer, { environment: viewEnvironment(ENVIRONMENT, 'pricing') });
    const before = await signer.sign('', { version: 9, env: viewEnvironment(ENVIRONMENT, 'pricing') });
    await reader.offer(before);
    expect(await reader.offer(items[0]?.text ?? '')).toEqual({ ok: true, value: 'newer' });
  });
});

describe('a view that outgrows its item', () => {
  it('keeps a publish from happening, before anything is signed or written down, and says what to split', async () => {
    const { press, kv, items } = publisherOf(PRICING, PAGE);
    await press.put([flag('pricing.fares')]);
    const before = [press.journal(0, 9), kv.text, items.map(({ text }) => text)];
    second();
    const refusal = errorIn(await press.publish(request(1, large(20_000)), 'ci'));
    expect(refusal.code).toBe('view-too-large');
    const problem = problemOf(refusal);
    expect(problem.status).toBe(422);
    expect(problem.detail).toMatch(
      /^view pricing is \d+ bytes, at most 128000: split it .*segment:large .*; view page is /,
    );
    expect([press.journal(0, 9), kv.text, items.map(({ text }) => text)]).toEqual(before);
  });

  it('is told over HTTP', async () => {
    const { press } = publisherOf(PRICING);
    const key = 'ls_publisher_test';
    const sha256 = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(key))).toString('base64url');
    const app = createApp(() => pressPort(press), { keys: [{ sha256, kind: 'publisher', name: 'ci' }] });
    const response = await app.request('/v1/ruleset', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(request(0, large(20_000))),
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(((await response.json()) as { detail: string }).detail).toContain('split it into views of fewer flags');
  });

  it('I10: keeps no return from happening: its target shows why it cannot follow, and follows as soon as it can', async () => {
    const kv = createTarget();
    const before = createPress(signer, { targets: [kv] });
    await before.put(large(20_000));
    await before.put([flag('pricing.fares')], { confirm: ['size'] });
    const item = createViewTarget('production', 'pricing');
    const press = createPress(signer, { storage: before.storage, targets: [kv, item], views: [PRICING] });
    await press.tend();
    expect(keysAt(item)).toEqual(['pricing.fares']);
    const held = item.text;
    second();
    const returned = valueIn(await press.returnTo({ version: 1, reason: 'bad prices' }, 'on call'));
    expect(returned).toMatchObject({ version: 3, published: true });
    expect(returned.targets).toMatchObject([
      { name: 'kv', version: 3, state: 'written' },
      { state: 'failing', error: expect.stringMatching(/^view pricing is \d+ bytes, at most 128000: split it/) },
    ]);
    expect(item.text).toBe(held);
    await press.put(large(10), { acknowledge: 3, confirm: ['size'] });
    expect([keysAt(item), (await press.status()).targets[1]?.state]).toEqual([
      ['pricing.fares', 'segment:large'],
      'pending',
    ]);
  });
});

describe('the canary', () => {
  it('reads each view, and what it refuses is not put in force', async () => {
    const kv = createTarget();
    // A name that no header holds: settings would not have let it pass.
    const view: View = { name: 'v'.repeat(60), namespace: 'pricing' };
    const press = createPress(signer, { targets: [kv, createViewTarget('production', view.name)], views: [view] });
    const refusal = errorIn(await press.publish(request(0, [flag('pricing.fares')]), 'ci'));
    expect(refusal).toEqual({
      code: 'refused-by-canary',
      message: expect.stringMatching(/^view v+: malformed: /),
    });
    expect([press.journal(0, 9).entries, kv.text]).toEqual([[], undefined]);
  });
});
