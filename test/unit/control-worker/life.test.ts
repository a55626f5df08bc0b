/** Any life of an organisation, with a publisher that fails in every way, and restarts at any point. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rootAt } from '#control/audit/merkle-tree';
import { verifyConsistency, verifyInclusion } from '#control/audit/verify-proof';
import { createLogStore } from '../../../workers/control/log-store.ts';
import { ask, put } from '../control/fixtures/organisation.ts';
import { randomOrder } from '../control/fixtures/random-order.ts';
import { rampFlag } from '../fixtures/authored.ts';
import {
  exportOf,
  foldedElsewhere,
  forceLines,
  foundedControl,
  plain,
  type TestControl,
  verified,
} from './fixtures/control.ts';
import type { Fault } from './fixtures/publisher.ts';

const life = fc.array(fc.nat(1_000_000), { minLength: 200, maxLength: 200 });
const FAULTS: readonly Fault[] = ['none', 'none', 'down', 'lost', 'refuses'];

async function live(numbers: readonly number[], seen: Set<string>): Promise<TestControl> {
  let at = 0;
  const pick = (below: number): number => (numbers[at++ % numbers.length] as number) % below;
  let control = await foundedControl({ random: () => pick(1_000) / 1_000 });
  for (let round = 0; round < 12; round++) {
    control.publisher.fault = FAULTS[pick(FAULTS.length)] as Fault;
    control.clock.now += pick(20_000);
    if (pick(3) === 0) await control.alarm();
    if (pick(6) === 0) breakGlass(control);
    const { command, actor } = randomOrder(control.state(), pick);
    const outcome = await control.ask(command, actor);
    if (outcome.ok) for (const { type } of outcome.value.events) seen.add(type);
    // Sometimes the object is gone before what goes on behind its answer is done.
    if (pick(2) === 0) await control.settled();
    if (pick(3) === 0) control = restarted(control);
  }
  await control.settled();
  control.publisher.fault = 'none';
  await control.calm();
  for (const [, type] of exportOf(control).matchAll(/"type":"(published|journal-imported)"/g)) seen.add(type as string);
  return control;
}

function restarted(control: TestControl): TestControl {
  const again = control.restarted();
  expect(plain(again.state())).toBe(plain(control.state()));
  expect(again.executing.held().parcels).toEqual(control.executing.held().parcels);
  expect(plain(foldedElsewhere(exportOf(again)))).toBe(plain(again.state()));
  return again;
}

function breakGlass({ publisher }: TestControl): void {
  try {
    publisher.returnTo({ flags: ['search.rank'], reason: 'Errors.' });
  } catch {
    // It was never changed, or is returned already.
  }
}

describe('an organisation', () => {
  it('has a log from which anybody makes the same state and the same lines in force, and which is proven', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(life, async (numbers) => {
        const control = await live(numbers, seen);
        const text = exportOf(control);
        const elsewhere = foldedElsewhere(text);
        expect(plain(elsewhere)).toBe(plain(control.state()));
        expect(forceLines(elsewhere)).toBe(control.publisher.lines());
        expect(plain(control.reread().state())).toBe(plain(elsewhere));
        const { entries } = control.status();
        expect(await verified(text)).toMatchObject({ ok: true, entries, proven: entries, faults: [], backwards: [] });
      }),
      { numRuns: 60, seed: 5 },
    );
    expect([...seen].sort()).toEqual(
      expect.arrayContaining(['item-put', 'journal-imported', 'publish-requested', 'published', 'request-opened']),
    );
  });
});

describe('proofs', () => {
  it('are those of the tree that the checkpoints sign', async () => {
    const control = await live(
      Array.from({ length: 200 }, (_, at) => at * 7_919),
      new Set(),
    );
    const { entries } = control.status();
    const lines = exportOf(control).split('\n');
    const hashes = lines.flatMap((line) => /^\{"hash":"([^"]+)"/.exec(line)?.[1] ?? []);
    const { nodes } = createLogStore(control.storage.sql);
    const rootOf = (size: number): string => rootAt(nodes, size);
    for (let seq = 0; seq < entries; seq++) {
      const proof = control.inclusion(seq, entries);
      if (!proof.ok) throw new Error('no proof');
      const leaf = hashes[seq] as string;
      expect(verifyInclusion({ index: seq, size: entries, leaf, root: rootOf(entries), proof: proof.value })).toBe(
        true,
      );
    }
    for (let from = 0; from <= entries; from++) {
      const proof = control.consistency(from, entries);
      if (!proof.ok) throw new Error('no proof');
      const roots = { fromRoot: rootOf(from), root: rootOf(entries) };
      expect(verifyConsistency({ from, size: entries, ...roots, proof: proof.value })).toBe(true);
    }
  });

  it('are refused of what there is not, and so are pages', async () => {
    const control = await foundedControl();
    const refusal = { ok: false, error: { code: 'out-of-range', entries: 2 } };
    for (const [seq, size] of [
      [2, 2],
      [0, 3],
      [-1, 2],
      [0.5, 2],
      [Number.NaN, 2],
    ] as const) {
      expect(control.inclusion(seq, size)).toEqual(refusal);
    }
    for (const [from, size] of [
      [3, 2],
      [0, 3],
      [-1, 2],
    ] as const)
      expect(control.consistency(from, size)).toEqual(refusal);
    for (const [after, limit] of [
      [3, 1],
      [-1, 1],
      [0, 0],
      [0, 1_001],
      [0, 1.5],
    ] as const) {
      expect(control.page(after, limit)).toEqual(refusal);
    }
    expect(control.page(2, 1)).toMatchObject({ ok: true, value: { next: 2, hasMore: false } });
  });
});

describe('checkpoints', () => {
  it('reach whoever had all entries before they were signed', async () => {
    const control = await foundedControl();
    const before = control.page(0, 10);
    await control.calm();
    const behind = control.page(2, 10);
    const text = [before, behind].map((page) => (page.ok ? page.value.lines : '')).join('');
    expect(await verified(text)).toMatchObject({ ok: true, entries: 2, proven: 2, checkpoints: 1 });
  });

  it('are signed within a minute of an entry, and not without one', async () => {
    const control = await foundedControl();
    await control.alarm();
    expect(control.status()).toMatchObject({ entries: 2, signed: 2 });
    expect([control.dueAt(), control.wake()]).toEqual([undefined, undefined]);
    const rank = (percent: number, base: number) =>
      ask([put('flag', 'search.rank', base, rampFlag(percent, { salt: 'search-rank' }))]);
    expect(await control.ask(rank(6, 1))).toMatchObject({ ok: true });
    await control.settled();
    const grown = control.clock.now;
    expect(control.wake()).toBe(grown + 20_000);
    control.clock.now += 10_000;
    await control.tend();
    expect(control.status().signed).toBe(2);
    await control.alarm();
    expect(control.clock.now).toBeLessThanOrEqual(grown + 60_000);
    expect(control.status().signed).toBe(control.status().entries);
    expect([control.dueAt(), control.wake()]).toEqual([undefined, undefined]);
    // What a life left unsigned is signed by the next one at once.
    await control.ask(rank(7, 2));
    await control.settled();
    expect(control.reread().dueAt()).toBe(control.clock.now);
  });
});
