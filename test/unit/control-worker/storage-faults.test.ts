/** B54: a store that fails at any statement, before or behind it: all of a command is kept, or nothing, and memory is what is kept. */
import { describe, expect, it } from 'vitest';
import { nothingKnown } from '../../../workers/control/order.ts';
import { ask, op, PRODUCTION, put } from '../control/fixtures/organisation.ts';
import { admin, editor } from '../control/fixtures/people.ts';
import { rampFlag } from '../fixtures/authored.ts';
import { createStorage } from '../publisher/fixtures/storage.ts';
import { exportOf, foldedElsewhere, foundedControl, plain, type TestControl, verified } from './fixtures/control.ts';
import { createFaultyStorage } from './fixtures/faulty-storage.ts';

const rank = ask([put('flag', 'search.rank', 1, rampFlag(60, { salt: 'search-rank' }))]);
const order = { command: rank, actor: editor };
const shopKey = ask([
  op({
    ...{ op: 'create', kind: 'sdk-key', key: 'shop', base: 0 },
    body: { kind: 'server', service: 'shop', environment: PRODUCTION, namespaces: ['*'], sha256: 'x'.repeat(43) },
  }),
]);

const snapshot = (control: TestControl): readonly unknown[] => [
  plain(control.state()),
  control.executing.held().parcels,
  exportOf(control),
];

async function fresh() {
  const storage = createFaultyStorage();
  const control = await foundedControl({ storage });
  control.publisher.fault = 'down';
  return { storage, control };
}

/** How many statements the command takes. */
async function statements(): Promise<number> {
  const { storage, control } = await fresh();
  storage.failAt(0, 'before');
  control.executing.execute({ ...order, ...READY });
  return storage.statements();
}

const READY = {
  via: 'test',
  known: { ...nothingKnown, asked: { tickets: [], persons: ['erin'], principals: [editor.id] } },
  key: 'k-1',
};

describe('a store that fails', () => {
  it('at any statement of a command, leaves nothing of it, in the store or in memory', async () => {
    const count = await statements();
    expect(count).toBeGreaterThan(10);
    for (let at = 1; at <= count; at++) {
      for (const when of ['before', 'behind'] as const) {
        const { storage, control } = await fresh();
        const before = snapshot(control);
        storage.failAt(at, when);
        // Synchronous: a refusal would be a value.
        expect(() => control.executing.execute({ ...order, ...READY })).toThrow('the store fails');
        expect(snapshot(control)).toEqual(before);
        expect(snapshot(control.reread())).toEqual(before);
        expect(control.executing.execute({ ...order, ...READY })).toMatchObject({ ok: true, value: { seq: 2 } });
        expect(snapshot(control.reread())).toEqual(snapshot(control));
        expect(plain(foldedElsewhere(exportOf(control)))).toBe(plain(control.state()));
      }
    }
  });

  it('when all is written, keeps nothing; and when it is kept, all: the key tells which', async () => {
    for (const [when, entries] of [
      ['before', 2],
      ['behind', 3],
    ] as const) {
      const { storage, control } = await fresh();
      storage.failAt('commit', when);
      expect(() => control.executing.execute({ ...order, ...READY })).toThrow('the store fails');
      expect(control.status().entries).toBe(entries);
      expect(snapshot(control.reread())).toEqual(snapshot(control));
      expect(control.executing.execute({ ...order, ...READY })).toMatchObject({ ok: true, value: { seq: 2 } });
      expect(control.status().entries).toBe(3);
    }
  });

  it('while it publishes, publishes again what it tried, and the log has it once', async () => {
    const counted = await fresh();
    await counted.control.accept(rank, editor);
    counted.control.publisher.fault = 'none';
    counted.storage.failAt(0, 'before');
    await counted.control.calm();
    const count = counted.storage.statements();
    expect(counted.control.status().environments[0]).toMatchObject({ version: 2, frozen: false });
    for (let at = 1; at <= count; at++) {
      const { storage, control } = await fresh();
      await control.accept(rank, editor);
      control.publisher.fault = 'none';
      storage.failAt(at, 'behind');
      await control.calm().catch(() => undefined);
      storage.failAt(0, 'before');
      const after = control.restarted();
      await after.calm();
      expect(after.status()).toMatchObject({
        ...{ entries: 4, signed: 4 },
        environments: [{ environment: 'production', version: 2, frozen: false }, {}],
      });
      expect(control.publisher.published()).toBe(2);
      expect(await verified(exportOf(after))).toMatchObject({ ok: true, proven: 4 });
    }
  });

  it('for checkpoints alone, is left alone by them alone: keys are tried again in their own time', async () => {
    const { sql, transactionSync } = createStorage();
    const asked: number[] = [];
    let fails = true;
    const exec: typeof sql.exec = (query, ...bindings) => {
      if (!/^\s*INSERT.*INTO checkpoints/i.test(query)) return sql.exec(query, ...bindings);
      asked.push(control.clock.now);
      if (fails) throw new Error('the store fails');
      return sql.exec(query, ...bindings);
    };
    const control = await foundedControl({ storage: { sql: { exec }, transactionSync }, random: () => 0.999 });
    control.publisher.fault = 'down';
    await control.accept(shopKey, admin);
    const keys = () => control.status().environments[0]!.keys;
    const end = control.clock.now + 60_000;
    while (control.clock.now < end) {
      control.clock.now = control.dueAt() as number;
      await control.tend().catch(() => undefined);
      expect(control.dueAt()).toBeLessThanOrEqual(control.clock.now + 3_000);
      expect(keys().waiting!.nextAt).toBeGreaterThan(control.clock.now);
    }
    const gaps = asked.slice(1).map((time, at) => time - (asked[at] as number));
    expect(gaps.length).toBeGreaterThan(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10_000);
    fails = false;
    control.publisher.fault = 'none';
    await control.calm();
    expect(keys()).toEqual({ version: 1 });
    expect(control.status().signed).toBe(control.status().entries);
  });
});
