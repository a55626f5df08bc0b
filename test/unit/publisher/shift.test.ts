import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { variationId } from '#ruleset/write/digest';
import { entryLines, parseLines } from '#ruleset/write/line';
import type { Entry, FlagEntry } from '#schema/entry';
import { ok } from '#schema/result';
import { planShift, type ShiftBackground, sinceOf } from '../../../workers/publisher/plan-shift.ts';
import type { Behind, StageWord } from '../../../workers/publisher/plan-stages.ts';
import type { OfferNeeds, StreamOffers } from '../../../workers/publisher/stream-offers.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';
import { flag, ramp } from './fixtures/entries.ts';
import { createPress, errorIn, type TestPress, until, useClock, valueIn } from './fixtures/press.ts';
import { createTarget, createViewTarget } from './fixtures/target.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(useClock);
afterEach(() => void vi.useRealTimers());

const session = (k: string, names: readonly string[], served = 0, more: Partial<FlagEntry> = {}): FlagEntry =>
  flag(k, served, { v: names.map((name) => [name, name, variationId(name)]), c: 1, ...more });

const OLD = [flag('a'), session('s', ['old'])];
const NEW = [flag('a', 1), session('s', ['new', 'old'])];

/** A stream that gives a version out once it is not told any more that somebody is behind. */
function createOffers() {
  const asked: string[] = [];
  const needed: OfferNeeds[] = [];
  const says: { behind: Behind['places']; canary: StageWord['verdict'] } = { behind: [], canary: 'applied' };
  const offers: StreamOffers = {
    async offer({ claims: { version } }, audience, { needs }) {
      if (needs !== undefined) needed.push(needs);
      const behind = { places: needs === undefined ? [] : says.behind, targets: needs?.targets ?? [] };
      const isBehind = behind.places.length + behind.targets.length > 0;
      asked.push(`${version} ${isBehind ? 'behind' : audience}`);
      if (isBehind) return ok({ verdict: 'behind', asked: 0, refusals: [], behind });
      const verdict = audience === 'canary' ? says.canary : 'applied';
      const refusals = verdict === 'refused' ? [{ instance: 'relay-1', code: 'bad-entries', message: 'no' }] : [];
      return ok({ verdict, asked: 1, refusals, canary: 'relay-1' });
    },
  };
  return { asked, needed, says, stream: { offers, soakMs: 5_000 } };
}

const DUB = [{ region: 'northeurope', cloud: 'azure', instances: 2 }];

async function pressWith(first: readonly Entry[], options: Parameters<typeof createPress>[1] = {}) {
  const offers = createOffers();
  const press = createPress(signer, { stream: offers.stream, ...options });
  void press.put(first);
  await until(() => press.store.stage()?.phase === 'soaking');
  await later(press, 5);
  vi.setSystemTime(Date.now() + 1_000);
  offers.asked.length = 0;
  return { ...offers, press };
}

async function later(press: TestPress, seconds: number): Promise<void> {
  vi.setSystemTime(Date.now() + seconds * 1_000);
  await press.tend();
}

async function publish(press: TestPress, entries: readonly Entry[], more: object = {}) {
  const base = press.store.inForce()?.version ?? 0;
  return valueIn(await press.publish({ base, lines: entryLines(entries), confirm: ['size'], ...more }, 'ci'));
}

/** A second later, as stores take one write a second. */
async function giveBack(press: TestPress) {
  vi.setSystemTime(Date.now() + 1_000);
  return valueIn(await press.returnTo({ flags: ['s'], reason: 'no' }, 'ops'));
}

/** What serves to whoever has it, and which variations it knows. */
const sIn = (lines = ''): unknown => {
  const entry = parseLines(lines).find(({ k }) => k === 's') as FlagEntry | undefined;
  return entry && { r: entry.r, names: entry.v?.map(([name]) => name), f: entry.f, e: entry.e };
};
const aIn = (lines = ''): unknown => (parseLines(lines)[0] as FlagEntry).f;

describe('I4: a session flag that gives a variation which not everybody has', () => {
  it('goes out beside what it gave, and nothing else with it; once everybody has that, it is given', async () => {
    const { press, asked, needed, says } = await pressWith(OLD);
    says.behind = DUB;
    const published = await publish(press, NEW);
    expect(published).toMatchObject({
      ...{ version: 3, changes: { a: 'move', s: 'content' } },
      stage: { version: 3, phase: 'waiting', needs: { s: 2 }, first: { version: 2, phase: 'soaking' }, everybodys: 1 },
    });
    await later(press, 5);
    expect(asked).toEqual(['2 canary', '2 region', '2 region', '2 all', '3 behind']);
    const released = press.store.released();
    expect([sIn(released?.lines), aIn(released?.lines)]).toEqual([
      { r: 2, names: ['old', 'new'], f: 0, e: undefined },
      0,
    ]);
    const { stage, targets } = await press.status();
    expect(stage).toMatchObject({
      version: 3,
      phase: 'waiting',
      why: expect.stringContaining('2 in northeurope azure'),
    });
    expect(targets.at(-1)).toMatchObject({
      name: 'stream',
      state: 'pending',
      error: expect.stringContaining('northeurope'),
    });
    for (let minute = 0; minute < 30; minute++) await later(press, 60);
    expect(press.store.released()?.version).toBe(2);
    says.behind = [];
    await later(press, 10);
    await later(press, 5);
    expect(asked.slice(-4)).toEqual(['3 canary', '3 region', '3 region', '3 all']);
    expect(sIn(press.store.released()?.lines)).toEqual({ r: 3, names: ['new', 'old'], f: 0, e: undefined });
    expect(needed.at(-1)).toEqual({ version: 2, flags: ['s'], targets: [] });
    expect(press.journal(0, 9).entries.map(({ kind, version, base }) => [kind, version, base])).toEqual([
      ['publish', 1, 0],
      ['expand', 2, 1],
      // As the caller counts: what it published on top of 1 is 3.
      ['publish', 3, 1],
    ]);
  });

  it('waits for stores that serve somebody, and for no rehearsal', async () => {
    const kv = createTarget();
    const view = { name: 'all', namespace: '*' } as const;
    const rehearsal = { ...createViewTarget('staging', 'all'), isRehearsal: true, writeFault: 'rejects' as const };
    const { press, needed } = await pressWith(OLD, { targets: [kv, rehearsal], views: [view] });
    kv.writeFault = 'rejects';
    await publish(press, NEW);
    await later(press, 5);
    await later(press, 60);
    expect(needed.at(-1)).toEqual({ version: 2, flags: ['s'], targets: ['kv'] });
    expect((await press.status()).stage?.why).toContain('the target kv');
    kv.writeFault = 'none';
    await later(press, 60);
    await later(press, 10);
    await later(press, 5);
    expect(press.store.released()?.version).toBe(3);
  });

  it('goes on behind a restart at each step of it', async () => {
    const { press, says } = await pressWith(OLD);
    says.behind = DUB;
    await publish(press, NEW);
    const second = press.restarted();
    expect(second.store.expansion()?.version).toBe(2);
    await later(second, 5);
    const third = second.restarted();
    expect([third.store.released()?.version, third.store.expansion()]).toEqual([2, undefined]);
    expect(third.store.stage()).toMatchObject({ phase: 'waiting', needs: { s: 2 } });
    says.behind = [];
    await later(third, 10);
    const fourth = third.restarted();
    await later(fourth, 5);
    expect(fourth.restarted().store.released()?.version).toBe(3);
  });

  it('R9: I10: is returned at once while it waits: what waited is dropped, and that is said', async () => {
    for (const seconds of [0, 5]) {
      const { press, says, asked } = await pressWith(OLD);
      says.behind = DUB;
      await publish(press, NEW);
      await later(press, seconds);
      const back = await giveBack(press);
      expect(back).toMatchObject({ version: 4, dropped: { version: 3, flags: ['s'] }, stage: { phase: 'released' } });
      expect(asked.at(-1)).toBe('4 all');
      expect(press.store.released()?.version).toBe(4);
      expect([sIn(press.store.released()?.lines), aIn(press.store.released()?.lines)]).toMatchObject([{ f: 0 }, 0]);
      says.behind = [];
      await later(press.restarted(), 60);
      expect(asked.slice(asked.indexOf('4 all')).every((one) => one.startsWith('4 '))).toBe(true);
      vi.setSystemTime(Date.now() + 60_000);
    }
  });

  it('goes back to what it was before it was expanded, once it was given', async () => {
    const { press } = await pressWith(OLD);
    await publish(press, NEW);
    for (const seconds of [5, 10, 5]) await later(press, seconds);
    expect(press.store.released()?.version).toBe(3);
    const back = await giveBack(press);
    expect(back).toMatchObject({ version: 4, changes: { s: 'return' } });
    expect([back.dropped, sIn(press.store.released()?.lines)]).toMatchObject([undefined, { names: ['old'] }]);
  });

  it('waits for nobody where it is named in override, which the journal tells', async () => {
    const { press, asked, says } = await pressWith(OLD);
    says.behind = DUB;
    expect(await publish(press, NEW, { override: ['s'] })).toMatchObject({ version: 2, stage: { phase: 'soaking' } });
    expect(asked).toEqual(['2 canary', '2 region']);
    expect(press.journal(1, 9).entries).toMatchObject([{ kind: 'publish', version: 2, override: ['s'] }]);
  });

  it('waits no more where the same lines are published with override, even before it is expanded', async () => {
    for (const seconds of [0, 5]) {
      const { press, asked, says } = await pressWith(OLD);
      says.behind = DUB;
      await publish(press, NEW);
      await later(press, seconds);
      const idle = await publish(press, NEW, { override: ['a', 'other'] });
      expect(idle).toMatchObject({ version: 3, published: false, stage: { phase: 'waiting' } });
      vi.setSystemTime(Date.now() + 1_000);
      const ordered = await publish(press, NEW, { override: ['s'], reason: 'dub is gone' });
      expect(ordered).toMatchObject({ version: 3, published: false, stage: { phase: 'soaking' } });
      expect(asked.slice(-2)).toEqual(['3 canary', '3 region']);
      const entry = { kind: 'override', version: 3, override: ['s'], reason: 'dub is gone', actor: 'ci' };
      expect(press.journal(3, 9).entries).toMatchObject([entry]);
      const again = press.restarted();
      expect([again.store.expansion(), again.store.stage()?.needs]).toEqual([undefined, undefined]);
      await later(again, 5);
      expect(again.store.released()?.version).toBe(3);
    }
  });

  it('is waited for by a later publish, whose own it waits for too; one that needs more is refused', async () => {
    const { press, asked, says } = await pressWith(OLD);
    says.behind = DUB;
    await publish(press, NEW);
    vi.setSystemTime(Date.now() + 1_000);
    const next = [flag('a'), NEW[1] as FlagEntry, ramp('b', 5)];
    const later4 = await publish(press, next);
    expect(later4).toMatchObject({ version: 4, stage: { phase: 'waiting', needs: { s: 2 }, first: { version: 2 } } });
    const more = [...next, session('t', ['x'])];
    const refusal = errorIn(await press.publish({ base: 4, lines: entryLines(more), confirm: ['size'] }, 'ci'));
    expect(refusal).toEqual({ code: 'shift-pending', version: 4, flags: ['t'] });
    for (const seconds of [5, 60]) await later(press, seconds);
    expect(asked.filter((one) => one.startsWith('3'))).toEqual([]);
    expect([press.store.released()?.version, asked.at(-1)]).toEqual([2, '4 behind']);
    says.behind = [];
    for (const seconds of [10, 5]) await later(press, seconds);
    expect(press.store.released()?.version).toBe(4);
    expect(sIn(press.store.released()?.lines)).toMatchObject({ r: 3, names: ['new', 'old'] });
    vi.setSystemTime(Date.now() + 1_000);
    expect(await publish(press, more)).toMatchObject({ version: 6, stage: { first: { version: 5 } } });
  });

  it('R6: stays where what goes first is refused; what is published then has that tried again', async () => {
    const { press, asked, says } = await pressWith(OLD);
    says.canary = 'refused';
    await publish(press, NEW);
    expect((await press.status()).targets.at(-1)).toMatchObject({
      error: expect.stringContaining('relay-1 refused it'),
    });
    await later(press, 60);
    expect(press.store.stage()).toMatchObject({ phase: 'waiting', first: { phase: 'held' } });
    says.canary = 'applied';
    await publish(press, [...NEW, ramp('b', 5)]);
    expect(asked.slice(-2)).toEqual(['2 canary', '2 region']);
    for (const seconds of [5, 10, 5]) await later(press, seconds);
    expect(press.store.released()?.version).toBe(4);
  });

  it('is signed again with what goes first kept', async () => {
    const { press, says } = await pressWith(OLD);
    says.behind = DUB;
    says.canary = 'refused';
    await publish(press, NEW);
    await later(press, 16 * 86_400);
    const again = press.restarted();
    expect([again.store.stage()?.first?.version, again.store.expansion()?.version]).toEqual([2, 2]);
    expect(again.store.inForce()?.claims.iat).toBeGreaterThan(press.store.expansion()?.claims.iat ?? 0);
  });

  it('has the first version of all wait for nobody, and keeps it from everybody over a restart while it is held', async () => {
    const { stream, says } = createOffers();
    says.canary = 'refused';
    const press = createPress(signer, { stream });
    expect(await publish(press, NEW)).toMatchObject({ version: 1, stage: { phase: 'held', everybodys: null } });
    expect(press.restarted().store.released()).toBeUndefined();
  });

  it('goes out once without a stream', async () => {
    const press = createPress(signer);
    await publish(press, OLD);
    vi.setSystemTime(Date.now() + 1_000);
    expect(await publish(press, NEW)).toMatchObject({ version: 2 });
  });
});

describe('what a ruleset gives newly', () => {
  const background = (before: readonly Entry[], more: Partial<ShiftBackground> = {}): ShiftBackground => ({
    force: { version: 7, entries: before },
    everybodys: (key) => before.find(({ k }) => k === key),
    reach: 7,
    isReleased: true,
    since: (key, variations) => sinceOf(linesOf(before, key), variations),
    exempt: new Set(),
    ...more,
  });
  const linesOf = (entries: readonly Entry[], key: string): [number, string][] => {
    const line = entryLines(entries.filter(({ k }) => k === key));
    return line === '' ? [] : [[5, line]];
  };
  const planned = (next: readonly Entry[], before: readonly Entry[], more: Partial<ShiftBackground> = {}) =>
    valueIn(planShift(next, background(before, more)));

  it.each<[string, Entry, Entry, object]>([
    ['is none where it is given already', session('s', ['x']), session('s', ['x']), {}],
    [
      'is none of a flag that is not session',
      session('s', ['x'], 0, { c: undefined } as never),
      session('s', ['y'], 0, { c: undefined } as never),
      {},
    ],
    ['is none where it is there and nobody is given it', session('s', ['x']), session('s', ['x', 'y']), {}],
    ['is what the flag has had for a while', session('s', ['x', 'y']), session('s', ['x', 'y'], 1), { s: 5 }],
    [
      'is what a flag gave that was not session',
      session('s', ['x'], 0, { c: undefined } as never),
      session('s', ['x']),
      { s: 5 },
    ],
    ['is what a flag gives that was off', session('s', ['x', 'y'], 1, { e: 0 }), session('s', ['x', 'y'], 1), { s: 5 }],
  ])('%s', (_title, before, next, needs) => {
    expect(planned([next], [before])).toEqual({ needs, fresh: [] });
  });

  it('counts targets, rules, splits and the off variation', () => {
    const all = session('s', ['x', 'y'], 0);
    const clause = ['in', 'plan', ['gold']] as const;
    const ways: Partial<FlagEntry>[] = [
      { o: 1 },
      { i: [[1, ['user-1']]] },
      { u: [['r', [[...clause, 0]], 1]] as unknown as NonNullable<FlagEntry['u']> },
      { s: 'salt', f: [0, [0, 99_999, 1, 100_000]] },
    ];
    for (const way of ways) {
      expect(planned([{ ...all, ...way }], [session('s', ['x'])]).fresh).toEqual(['s']);
      expect(planned([{ ...all, ...way }], [all]).needs).toEqual({ s: 5 });
    }
  });

  it('makes of a flag that was not there one that says nothing', () => {
    const fresh = session('n', ['x', 'y'], 1, { o: 0, u: [['r', [['segment', ['s']]], 1]], n: 1, s: 'salt' });
    const { expanded } = planned([flag('a', 1), fresh], [flag('a')]);
    expect(expanded).toEqual(
      [flag('a'), { ...session('n', ['x', 'y']), e: 0, n: 1, s: 'salt', f: 0, o: undefined }].map(withoutUndefined),
    );
  });

  it('has no more variations than a flag may have', () => {
    const names = (prefix: string): string[] => Array.from({ length: 40 }, (_, at) => `${prefix}${at}`);
    const refusal = errorIn(planShift([session('s', names('new'))], background([session('s', names('old'))])));
    expect(refusal).toMatchObject({ code: 'invalid-entries', issues: [{ key: 's' }] });
  });

  it('needs the first version since which all have had it, without a gap', () => {
    const line = (...names: string[]): string => entryLines([session('s', names)]);
    const ids = [variationId('x')];
    expect(sinceOf([], ids)).toBeUndefined();
    expect(
      sinceOf(
        [
          [9, undefined],
          [3, line('x')],
        ],
        ids,
      ),
    ).toBeUndefined();
    expect(
      sinceOf(
        [
          [9, line('x')],
          [8, line('x', 'y')],
          [7, line('y')],
          [2, line('x')],
        ],
        ids,
      ),
    ).toBe(8);
    expect(
      sinceOf(
        [
          [9, line('x')],
          [8, undefined],
          [2, line('x')],
        ],
        ids,
      ),
    ).toBe(9);
  });
});

const withoutUndefined = (entry: object): object => JSON.parse(JSON.stringify(entry)) as object;
