import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { entryLines } from '#ruleset/write/line';
import { ok, refused } from '#schema/result';
import type { StageAudience, StageWord } from '../../../workers/publisher/plan-stages.ts';
import type { StreamOffers } from '../../../workers/publisher/stream-offers.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';
import { flag, ramp } from './fixtures/entries.ts';
import { createPress, entriesAt, errorIn, type TestPress, until, useClock, valueIn } from './fixtures/press.ts';
import { createTarget, createViewTarget } from './fixtures/target.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(useClock);
afterEach(() => void vi.useRealTimers());

type Verdict = StageWord['verdict'] | 'dark' | 'hangs';

/** A stream whose audiences say what the test orders. */
function createOffers() {
  const says: Record<StageAudience, Verdict> = { canary: 'applied', region: 'applied', all: 'applied' };
  const asked: string[] = [];
  const offers: StreamOffers = {
    async offer({ claims: { version } }, audience) {
      asked.push(`${version} ${audience}`);
      const verdict = says[audience];
      if (verdict === 'hangs') return new Promise(() => {});
      if (verdict === 'dark') return refused({ kind: 'failing', message: 'no answer' });
      const refusals = verdict === 'refused' ? [{ instance: 'relay-1', code: 'bad-entries', message: 'no' }] : [];
      return ok({ verdict, asked: 1, refusals, canary: 'relay-1' });
    },
  };
  return { says, asked, stream: { offers, soakMs: 5_000 } };
}

const FIRST = [flag('a'), ramp('b.ramp', 1_000)];
const MOVED = [flag('a'), ramp('b.ramp', 5_000)];
const CONTENT = [flag('a'), ramp('b.ramp', 1_000), flag('c.new')];

/** A press with version 1 at everybody's. */
async function pressWithFirst(options: Parameters<typeof createPress>[1] = {}) {
  const offers = createOffers();
  const press = createPress(signer, { stream: offers.stream, ...options });
  offers.says.canary = 'applied';
  void press.put(FIRST);
  await until(() => press.store.stage()?.phase === 'soaking');
  await soak(press);
  offers.asked.length = 0;
  return { ...offers, press };
}

async function soak(press: TestPress): Promise<void> {
  vi.setSystemTime(Date.now() + 5_000);
  await press.tend();
}

const stages = (press: TestPress) => {
  const { version, audience, phase } = press.store.stage()!;
  return [version, audience, phase];
};

describe('a press with a stream', () => {
  it('R2: gives a move to a canary, then to all; stores are written with the last', async () => {
    const { press, asked } = await pressWithFirst();
    await press.put(MOVED);
    expect(asked).toEqual(['2 canary', '2 all']);
    const status = await press.status();
    expect(status.stage).toMatchObject({ version: 2, kind: 'move', audience: 'all', phase: 'released', everybodys: 2 });
    expect(status.targets).toMatchObject([
      { name: 'kv', state: 'written', version: 2 },
      { name: 'stream', state: 'written', version: 2 },
    ]);
  });

  it('R2: keeps content from stores until it has soaked, over a restart in the midst of the soak', async () => {
    const { press, asked } = await pressWithFirst();
    const answer = press.publish({ base: 1, lines: entryLines(CONTENT), confirm: ['size'] }, 'ci');
    const published = valueIn(await answer);
    expect(published.stage).toMatchObject({
      version: 2,
      kind: 'content',
      audience: 'region',
      phase: 'soaking',
      everybodys: 1,
    });
    expect([asked, entriesAt(press.target).length]).toEqual([['2 canary', '2 region'], 2]);
    const again = press.restarted();
    expect(again.dueAt()).toBeLessThanOrEqual(Date.now() + 5_000);
    await again.tend();
    expect(stages(again)).toEqual([2, 'region', 'soaking']);
    await soak(again);
    expect(stages(again)).toEqual([2, 'all', 'released']);
    // Whoever it was is told anew what everybody has, before anything newer.
    expect(asked).toEqual(['2 canary', '2 region', '1 all', '2 region', '2 all']);
    await until(() => entriesAt(press.target).length === 3);
  });

  it('R6: holds what a canary refuses: no store gets it, and it says why', async () => {
    const { press, says, asked } = await pressWithFirst();
    says.canary = 'refused';
    await press.put(MOVED);
    expect((await press.status()).stage).toMatchObject({
      version: 2,
      phase: 'held',
      why: expect.stringContaining('relay-1'),
    });
    expect((await press.status()).targets).toMatchObject([
      { name: 'kv', state: 'pending' },
      { name: 'stream', state: 'pending', version: 1, error: expect.stringContaining('bad-entries') },
    ]);
    for (let minute = 0; minute < 3; minute++) {
      vi.setSystemTime(Date.now() + 60_000);
      await press.tend();
    }
    expect(asked).not.toContain('2 all');
    expect(press.restarted().store.released()?.version).toBe(1);
    // A store that was wiped is given what everybody has.
    press.target.text = undefined;
    vi.setSystemTime(Date.now() + 60_000);
    await press.tend();
    expect(entriesAt(press.target)).toMatchObject([{ k: 'a' }, { k: 'b.ramp', f: [0, [1, 1_000, 0, 100_000]] }]);
  });

  it('lets a canary answer late: it is asked again, restarts or not, and then everybody has it', async () => {
    const { press, says, asked } = await pressWithFirst();
    says.canary = 'unanswered';
    await press.put(MOVED);
    expect((await press.status()).stage).toMatchObject({ version: 2, phase: 'unanswered', everybodys: 1 });
    expect((await press.status()).targets[1]).toMatchObject({
      state: 'pending',
      error: expect.stringContaining('relay-1'),
    });
    const again = press.restarted();
    expect(again.dueAt()).toBeLessThanOrEqual(Date.now() + 1_000);
    vi.setSystemTime(Date.now() + 1_000);
    await again.tend();
    expect(asked).not.toContain('2 all');
    says.canary = 'applied';
    expect(again.dueAt()).toBeLessThanOrEqual(Date.now() + 1_000);
    vi.setSystemTime(Date.now() + 1_000);
    await again.tend();
    expect(stages(again)).toEqual([2, 'all', 'released']);
    expect(asked.at(-1)).toBe('2 all');
  });

  it('R2: stages what is published on top of what is held as gravely as that', async () => {
    const { press, says, asked } = await pressWithFirst();
    says.canary = 'refused';
    await press.put(CONTENT, { confirm: ['size'] });
    says.canary = 'applied';
    await press.put([flag('a', 1), ...CONTENT.slice(1)]);
    expect(stages(press)).toEqual([3, 'region', 'soaking']);
    expect(asked.at(-1)).toBe('3 region');
  });

  it('R9: I10: returns to all at once while a canary is waited for, without what is not everybody’s yet', async () => {
    const { press, says, asked } = await pressWithFirst();
    await press.put(MOVED);
    says.canary = 'hangs';
    const waiting = press.put([...MOVED, flag('c.new')], { confirm: ['size'] });
    await until(() => asked.at(-1) === '3 canary');
    vi.setSystemTime(Date.now() + 1_000);
    const returned = valueIn(await press.returnTo({ flags: ['b.ramp'], reason: 'errors' }, 'ci'));
    expect(returned).toMatchObject({ version: 4, stage: { phase: 'released', everybodys: 4 } });
    expect(Object.values(returned.changes)).toEqual(['return', 'return']);
    expect(asked.at(-1)).toBe('4 all');
    expect(entriesAt(press.target)).toMatchObject([{ k: 'a' }, { k: 'b.ramp', f: [0, [1, 1_000, 0, 100_000]] }]);
    await vi.advanceTimersByTimeAsync(2_000);
    await waiting;
    expect(press.store.released()?.version).toBe(4);
  });

  it('R9: does not take for served what only a canary had: there is no way around the canary for it', async () => {
    const { press, says } = await pressWithFirst();
    says.canary = 'refused';
    await press.put(CONTENT, { confirm: ['size'] });
    const back = valueIn(await press.returnTo({ flags: ['c.new'], reason: 'refused' }, 'ci'));
    expect(back.changes).toEqual({ 'c.new': 'return' });
    expect(errorIn(await press.returnTo({ version: 2, reason: 'again' }, 'ci')).code).toBe('not-a-return');
    says.canary = 'applied';
    await press.put(CONTENT, { confirm: ['size'], acknowledge: back.journalId });
    expect(stages(press)).toEqual([4, 'region', 'soaking']);
  });

  it('goes on, and returns, where the stream is dark; what is new waits for it', async () => {
    const { press, says } = await pressWithFirst();
    Object.assign(says, { canary: 'dark', all: 'dark' });
    await press.put(MOVED);
    expect(stages(press)).toEqual([2, 'canary', 'offered']);
    expect((await press.status()).targets[1]).toMatchObject({ name: 'stream', state: 'failing', attempts: 1 });
    vi.setSystemTime(Date.now() + 1_000);
    const back = valueIn(await press.returnTo({ version: 1, reason: 'errors' }, 'ci'));
    expect(back.targets).toMatchObject([{ state: 'written', version: 3 }, { state: 'failing' }]);
    // A look before its time does nothing, and is the end of none.
    await press.tend();
    Object.assign(says, { canary: 'applied', all: 'applied' });
    vi.setSystemTime(Date.now() + 60_000);
    await press.tend();
    expect((await press.status()).targets[1]).toMatchObject({ state: 'written', version: 3 });
  });

  it('gives to EdgeKV’s staging network at once what its production network waits for', async () => {
    const view = { name: 'all', namespace: '*' } as const;
    const rehearsal = { ...createViewTarget('staging', 'all'), isRehearsal: true };
    const production = createViewTarget('production', 'all');
    const { press, says } = await pressWithFirst({ targets: [createTarget(), rehearsal, production], views: [view] });
    vi.setSystemTime(Date.now() + 20_000);
    await press.tend();
    says.canary = 'refused';
    await press.put(CONTENT, { confirm: ['size'] });
    await until(() => entriesAt(press.targets[1] as typeof rehearsal).length === 3);
    expect(entriesAt(press.targets[2] as typeof production)).toHaveLength(2);
  });

  it('signs again what is staged, and what is released, where it is', async () => {
    const { press, says, asked } = await pressWithFirst();
    says.canary = 'refused';
    await press.put(MOVED);
    vi.setSystemTime(Date.now() + 16 * 86_400_000);
    await press.tend();
    expect([stages(press), press.store.released()?.version]).toEqual([[2, 'canary', 'held'], 1]);
    says.canary = 'applied';
    await press.put(FIRST);
    const released = press.store.released();
    vi.setSystemTime(Date.now() + 16 * 86_400_000);
    await press.tend();
    expect(press.store.released()?.version).toBe(released?.version);
    expect(press.store.released()?.claims.iat).toBeGreaterThan(released?.claims.iat ?? 0);
    expect(asked.at(-1)).toBe(`${released?.version} all`);
  });
});
