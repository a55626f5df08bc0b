import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { variationId } from '#ruleset/write/digest';
import { entryLines, parseLines } from '#ruleset/write/line';
import { contentOf } from '#ruleset/write/revisions';
import type { Entry, FlagEntry } from '#schema/entry';
import { ok, refused } from '#schema/result';
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
  const says: { behind: Behind['places']; canary: StageWord['verdict'] | 'nothing' } = {
    behind: [],
    canary: 'applied',
  };
  const offers: StreamOffers = {
    async offer({ claims: { version } }, audience, { needs }) {
      if (needs !== undefined) needed.push(needs);
      const behind = { places: needs === undefined ? [] : says.behind, targets: needs?.targets ?? [] };
      const isBehind = behind.places.length + behind.targets.length > 0;
      asked.push(`${version} ${isBehind ? 'behind' : audience}`);
      if (isBehind) return ok({ verdict: 'behind', asked: 0, refusals: [], behind });
      const verdict = audience === 'canary' ? says.canary : 'applied';
      if (verdict === 'nothing') return refused({ kind: 'failing', message: 'the answer is lost' });
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
const entryIn = (lines: string | undefined, key: string): FlagEntry | undefined =>
  parseLines(lines ?? '').find(({ k }) => k === key) as FlagEntry | undefined;

const aIn = (lines: string | undefined): unknown => entryIn(lines, 'a')?.f;

describe('I4: a session flag that gives a variation which not everybody has', () => {
  it('goes out beside what it gave, with all else that was published; once everybody has that, it is given', async () => {
    const { press, asked, needed, says } = await pressWith(OLD);
    says.behind = DUB;
    const published = await publish(press, NEW);
    expect(published).toMatchObject({
      ...{ version: 3, changes: { a: 'move', s: 'content' } },
      stage: {
        ...{
          version: 3,
          phase: 'waiting',
          needs: { s: 2 },
          everybodys: 1,
          why: expect.stringContaining('version 2'),
        },
        first: { version: 2, phase: 'soaking' },
      },
    });
    await later(press, 5);
    expect(asked).toEqual(['2 canary', '2 region', '2 region', '2 all', '3 behind']);
    const released = press.store.released();
    expect([sIn(released?.lines), aIn(released?.lines)]).toEqual([
      { r: 2, names: ['old', 'new'], f: 0, e: undefined },
      1,
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
      // As the caller counts: what it published on top of 1 is this.
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
      expect(back).toMatchObject({
        version: 4,
        dropped: { version: 3, flags: seconds === 0 ? ['a', 's'] : ['s'] },
        stage: { phase: 'released' },
      });
      expect(asked.at(-1)).toBe('4 all');
      expect(press.store.released()?.version).toBe(4);
      expect([sIn(press.store.released()?.lines), aIn(press.store.released()?.lines)]).toMatchObject([
        { f: 0 },
        seconds === 0 ? 0 : 1,
      ]);
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

  it('I10: R9: keeps no other change of a flag waiting, in the same publish or a later one, nor another new variation', async () => {
    const { press, asked, says } = await pressWith([...OLD, ramp('b', 5), session('t', ['x'])]);
    says.behind = DUB;
    const others = [ramp('b', 5), session('t', ['x'])];
    await publish(press, [...NEW, ...others]);
    await later(press, 5);
    expect([press.store.released()?.version, aIn(press.store.released()?.lines)]).toEqual([2, 1]);
    vi.setSystemTime(Date.now() + 1_000);
    // A kill switch, while it waits: at once, behind a canary.
    const killed = [flag('a', 1), NEW[1] as FlagEntry, { ...ramp('b', 5), e: 0 as const }, session('t', ['x'])];
    expect(await publish(press, killed)).toMatchObject({ version: 5, stage: { everybodys: 4, needs: { s: 2 } } });
    expect(entryIn(press.store.released()?.lines, 'b')).toMatchObject({ e: 0, r: 4 });
    expect(sIn(press.store.released()?.lines)).toMatchObject({ names: ['old', 'new'], f: 0 });
    vi.setSystemTime(Date.now() + 1_000);
    // And what serves for the first time of another.
    const more = [...killed.slice(0, 3), session('t', ['x', 'y'], 1)];
    expect(await publish(press, more)).toMatchObject({
      version: 7,
      stage: { needs: { s: 2, t: 6 }, first: { version: 6 } },
    });
    vi.setSystemTime(Date.now() + 1_000);
    // It is given back while the others wait: as everybody had it before.
    const back = valueIn(await press.returnTo({ flags: ['b'], reason: 'no' }, 'ops'));
    expect(back).toMatchObject({ version: 8, stage: { phase: 'released' }, dropped: { flags: ['b', 's', 't'] } });
    expect(entryIn(press.store.released()?.lines, 'b')).toMatchObject({ f: [0, [1, 5, 0, 100_000]] });
    expect(asked.filter((one) => /^[357] (canary|region|all)/.test(one))).toEqual([]);
    says.behind = [];
    const acknowledge = back.journalId;
    await publish(press, [...NEW, ...more.slice(2)], { acknowledge });
    for (const seconds of [5, 10, 5, 10]) await later(press, seconds);
    expect(sIn(press.store.released()?.lines)).toMatchObject({ names: ['new', 'old'] });
    expect(entryIn(press.store.released()?.lines, 't')).toMatchObject({ f: 1 });
  });

  it('I10: content that is on its way goes on before a new variation', async () => {
    const { press, asked, says } = await pressWith(OLD);
    says.behind = DUB;
    const content = [flag('a'), flag('c'), session('s', ['old'])];
    expect(await publish(press, content)).toMatchObject({ version: 2, stage: { phase: 'soaking' } });
    vi.setSystemTime(Date.now() + 1_000);
    const shifted = [flag('a'), flag('c'), session('s', ['old', 'new'], 1)];
    expect(await publish(press, shifted)).toMatchObject({ stage: { needs: { s: 3 }, first: { version: 3 } } });
    await later(press, 5);
    expect(press.store.released()?.version).toBe(3);
    expect(entryIn(press.store.released()?.lines, 'c')).toBeDefined();
    expect(asked.at(-1)).toBe('4 behind');
  });

  it('I10: I12: goes out under a name that was another value’s until now, and keeps no other flag waiting', async () => {
    const valued = (served: number, ...pairs: (readonly [string, string])[]): FlagEntry =>
      session('s', [], served, { v: pairs.map(([name, value]) => [name, value, variationId(value)]) });
    const { press, says } = await pressWith([flag('a'), valued(0, ['x', 'one'], ['y', 'two'])]);
    says.behind = DUB;
    await publish(press, [flag('a'), valued(0, ['z', 'three'], ['x', 'one'])]);
    await later(press, 5);
    vi.setSystemTime(Date.now() + 1_000);
    const last = valued(0, ['y', 'four'], ['x', 'one'], ['z', 'three']);
    await publish(press, [flag('a', 1), last]);
    await later(press, 5);
    const released = press.store.released()?.lines;
    expect([aIn(released), sIn(released)]).toMatchObject([1, { f: 0 }]);
    const ids = ['one', 'two', 'three', 'four'].map(variationId);
    expect(new Set(entryIn(released, 's')?.v?.map(([, , id]) => id))).toEqual(new Set(ids));
    says.behind = [];
    for (const seconds of [10, 5, 10, 5]) await later(press, seconds);
    expect(entryIn(press.store.released()?.lines, 's')).toMatchObject({ v: last.v, f: 0 });
  });

  it.each<[string, readonly Entry[], readonly Entry[], readonly string[]]>([
    [
      'of flags that are on',
      [session('s', ['old'], 0, { p: [['x', ['on']]] }), flag('x', 1), flag('y', 1, { p: [['s', ['old']]] })],
      [session('s', ['new', 'old']), flag('x', 1, { p: [['y', ['on']]] }), flag('y', 1, { p: [['s', ['old']]] })],
      [],
    ],
    [
      'of one that is switched off',
      [session('s', ['old'], 0, { p: [['x', ['on']]] }), flag('x', 1)],
      [session('s', ['new', 'old']), flag('x', 1, { e: 0, p: [['s', ['old']]] })],
      ['x'],
    ],
  ])('I10: I12: is no circle %s, whatever it was that it referred to', async (_what, before, next, off) => {
    const { press, says } = await pressWith([flag('a'), ...before]);
    says.behind = DUB;
    expect(await publish(press, [flag('a', 1), ...next])).toMatchObject({ version: 3, stage: { phase: 'waiting' } });
    await later(press, 5);
    const lines = press.store.released()?.lines ?? '';
    expect([aIn(lines), sIn(lines)]).toMatchObject([1, { names: ['old', 'new'], f: 0 }]);
    for (const key of off) expect(entryIn(lines, key)).toMatchObject({ e: 0 });
    says.behind = [];
    for (const seconds of [10, 5]) await later(press, seconds);
    const everybodys = parseLines(press.store.released()?.lines ?? '').map(contentOf);
    expect(everybodys).toEqual([flag('a', 1), ...next].map(contentOf));
  });

  it('keeps, of what it requires and still has to, the variations', async () => {
    const plain = (names: readonly string[]): FlagEntry => session('g', names, 0, { c: undefined } as never);
    const first = [plain(['x', 'z']), session('s', ['old'], 0, { p: [['g', ['x']]] })].map(withoutUndefined);
    const { press, says } = await pressWith(first as Entry[]);
    says.behind = DUB;
    const next = [plain(['y', 'z']), session('s', ['new', 'old'], 0, { p: [['g', ['y']]] })].map(withoutUndefined);
    await publish(press, next as Entry[]);
    await later(press, 5);
    const lines = press.store.released()?.lines;
    expect(entryIn(lines, 'g')?.v?.map(([name]) => name)).toEqual(['x', 'z']);
    vi.setSystemTime(Date.now() + 1_000);
    // Switched off, it is off at once, whatever requires it.
    await publish(press, [{ ...(next[0] as FlagEntry), e: 0 }, next[1] as Entry]);
    await later(press, 5);
    expect(entryIn(press.store.released()?.lines, 'g')).toMatchObject({ e: 0 });
  });

  it('waits with what comes to require it, and with nothing that required it before', async () => {
    const required = (name: string, f: number): FlagEntry => flag('d', f, { p: [['s', [name]]] });
    const { press, says } = await pressWith([...OLD, required('old', 0)]);
    says.behind = DUB;
    await publish(press, [...NEW, required('old', 1)]);
    await later(press, 5);
    expect(entryIn(press.store.released()?.lines, 'd')).toMatchObject({ f: 1 });
    vi.setSystemTime(Date.now() + 1_000);
    await publish(press, [...NEW, required('new', 0)]);
    await later(press, 5);
    expect(entryIn(press.store.released()?.lines, 'd')).toMatchObject({ f: 1, p: [['s', ['old']]] });
    vi.setSystemTime(Date.now() + 1_000);
    await publish(press, [...NEW, { ...required('new', 0), e: 0 }]);
    await later(press, 5);
    expect(entryIn(press.store.released()?.lines, 'd')).toMatchObject({ e: 0 });
  });

  it('comes anew behind what somebody may have been given, where the answer to that was lost', async () => {
    const { press, asked, says } = await pressWith(OLD);
    says.behind = DUB;
    await publish(press, NEW);
    await later(press, 5);
    [says.behind, says.canary] = [[], 'nothing'];
    await later(press, 10);
    expect(asked.at(-1)).toBe('3 canary');
    const again = press.restarted();
    [says.behind, says.canary] = [DUB, 'applied'];
    vi.setSystemTime(Date.now() + 1_000);
    expect(await publish(again, [flag('a'), NEW[1] as FlagEntry])).toMatchObject({
      ...{ version: 5, changes: { a: 'return', s: 'content' }, stage: { everybodys: 4, needs: { s: 2 } } },
    });
    expect(sIn(again.store.released()?.lines)).toMatchObject({ r: 4, names: ['old', 'new'], f: 0 });
    // Readers of version 4 take its tokens for the newer.
    expect(sIn(again.store.inForce()?.lines)).toMatchObject({ r: 5, names: ['new', 'old'], f: 0 });
  });

  it('R9: I10: goes back to what everybody had, and not to what waited in between', async () => {
    const { press, says } = await pressWith(OLD);
    says.behind = DUB;
    await publish(press, NEW);
    await later(press, 5);
    vi.setSystemTime(Date.now() + 1_000);
    // The same flag once more, which needs nothing else first.
    await publish(press, [flag('a', 1), session('s', ['new', 'old'], 0, { n: 1 })]);
    expect(press.store.stage()).toMatchObject({ version: 4, needs: { s: 2 } });
    says.behind = [];
    for (const seconds of [10, 5]) await later(press, seconds);
    expect(press.store.released()?.version).toBe(4);
    expect(await giveBack(press)).toMatchObject({ version: 5, changes: { s: 'return' } });
    expect(sIn(press.store.released()?.lines)).toMatchObject({ names: ['old', 'new'], f: 0 });
  });

  it('stands on what went on while it was signed', async () => {
    const { press, says, asked } = await pressWith(OLD);
    says.behind = DUB;
    await publish(press, NEW);
    await later(press, 5);
    const { version = 0 } = press.store.inForce() ?? {};
    const sign = crypto.subtle.sign.bind(crypto.subtle);
    // Everybody has it just then, and the canary is given what waited.
    const signs = vi.spyOn(crypto.subtle, 'sign').mockImplementation((async (...of: Parameters<typeof sign>) => {
      signs.mockRestore();
      const given = { audience: 'region', phase: 'soaking', since: Date.now() } as const;
      press.store.putStage({ version, kind: 'content', ...given });
      return sign(...of);
    }) as typeof sign);
    vi.setSystemTime(Date.now() + 1_000);
    await publish(press, [flag('a'), NEW[1] as FlagEntry]);
    expect(asked.slice(-2)).toEqual(['4 canary', '4 region']);
    expect(press.store.stage()).not.toHaveProperty('needs');
  });

  it('waits for nobody by an order to an earlier publish, for as long as it gives nothing more', async () => {
    const { press, says } = await pressWith([...OLD, session('t', ['x'])]);
    says.behind = DUB;
    await publish(press, [...NEW, session('t', ['x'])], { override: ['s'] });
    vi.setSystemTime(Date.now() + 1_000);
    const again = await publish(press, [flag('a'), NEW[1] as FlagEntry, session('t', ['x'])]);
    expect(again.stage).not.toHaveProperty('needs');
    vi.setSystemTime(Date.now() + 1_000);
    const more = session('s', ['new', 'old', 'newer'], 2);
    expect(await publish(press, [flag('a'), more, session('t', ['x'])])).toMatchObject({ stage: { needs: { s: 4 } } });
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
    expect(asked.slice(-2)).toEqual(['4 canary', '4 region']);
    for (const seconds of [5, 10, 5]) await later(press, seconds);
    expect(press.store.released()?.version).toBe(5);
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
    everybodys: (key) => before.find(({ k }) => k === key),
    given: { version: 7, isHeld: false, byKey: new Map(before.map((entry) => [entry.k, entry])) },
    since: (key, variations) => sinceOf(linesOf(before, key), variations),
    exempt: () => false,
    isReadable: () => true,
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
      // Whoever has no key to be split by.
      { s: 'salt', f: [1, [0, 100_000]] },
    ];
    for (const way of ways) {
      expect(planned([{ ...all, ...way }], [session('s', ['x'])]).fresh).toEqual(['s']);
      expect(planned([{ ...all, ...way }], [all]).needs).toEqual({ s: 5 });
    }
  });

  it('makes of a flag that was not there one that says nothing', () => {
    const fresh = session('n', ['x', 'y'], 1, { o: 0, u: [['r', [['segment', ['s']]], 1]], n: 1, s: 'salt' });
    const { first } = planned([flag('a', 1), fresh], [flag('a')]);
    expect(first).toEqual(
      [flag('a', 1), { ...session('n', ['x', 'y']), e: 0, n: 1, s: 'salt', f: 0, o: undefined }].map(withoutUndefined),
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
