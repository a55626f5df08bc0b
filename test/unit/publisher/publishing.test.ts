import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { entryLines } from '#ruleset/write/line';
import type { Entry } from '#schema/entry';
import { createSigner, NOW, type Signer } from '../fixtures/signing.ts';
import { flag, forSegment, many, ramp, segment, texts } from './fixtures/entries.ts';
import {
  createPress,
  entriesAt,
  errorIn,
  readerOf,
  type TestPress,
  until,
  useClock,
  valueIn,
} from './fixtures/press.ts';
import { createTarget } from './fixtures/target.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(useClock);
afterEach(() => {
  vi.useRealTimers();
});

const second = (): void => void vi.setSystemTime(Date.now() + 1_000);
const returned = (press: TestPress, order: object) => {
  second();
  return press.returnTo({ reason: 'bad prices', ...order } as Parameters<TestPress['returnTo']>[0], 'on call');
};
const kinds = (press: TestPress): string[] =>
  press.journal(0, 100).entries.map(({ kind, version }) => `${kind} ${version}`);

describe('a publish', () => {
  it('is signed, written, and taken by a reader, version after version', async () => {
    const press = createPress(signer);
    const reader = readerOf(signer);
    for (let version = 1; version <= 5; version++) {
      await press.put([flag('a', version % 2)]);
      expect(await reader.offer(press.target.text ?? '')).toEqual({ ok: true, value: 'newer' });
      expect(reader.status().version).toBe(version);
    }
  });

  it('answers what is in force, what changed, and which target has it', async () => {
    const press = createPress(signer);
    const request = { base: 0, lines: entryLines([flag('a')]), confirm: [] };
    const answer = valueIn(await press.publish(request, 'ci'));
    expect(answer).toEqual({
      version: 1,
      published: true,
      digest: expect.stringMatching(/^[\w-]{43}$/),
      changes: { a: 'content' },
      targets: [{ name: 'kv', version: 1, state: 'written', attempts: 0 }],
    });
    expect(valueIn(await press.publish(request, 'ci'))).toEqual({ ...answer, published: false, changes: {} });
    expect(kinds(press)).toEqual(['publish 1']);
  });

  it('is planned in order, however many come at once: all but one find another version in force', async () => {
    const press = createPress(signer);
    const asked = Array.from({ length: 20 }, (_, at) => ({
      base: 0,
      lines: entryLines([flag(`f.n${at}`)]),
      confirm: [],
    }));
    const results = await Promise.all(asked.map((request) => press.publish(request, 'ci')));
    const refusals = results.flatMap((result) => (result.ok ? [] : [result.error.code]));
    expect(refusals).toEqual(new Array(19).fill('wrong-base'));
    expect(kinds(press)).toEqual(['publish 1']);
  });

  it('does not fail for a target that is dark, and says which one that is', async () => {
    const [good, dark] = [createTarget('kv'), createTarget('edgekv')];
    dark.writeFault = 'rejects';
    const press = createPress(signer, { targets: [good, dark] });
    const answer = valueIn(await press.publish({ base: 0, lines: entryLines([flag('a')]), confirm: [] }, 'ci'));
    expect(answer.targets).toEqual([
      { name: 'kv', version: 1, state: 'written', attempts: 0 },
      {
        name: 'edgekv',
        version: null,
        state: 'failing',
        attempts: 1,
        error: 'the store is out of reach',
        nextAttemptAt: expect.stringMatching(/^2026-11-23T08:00:0\d/),
      },
    ]);
    dark.writeFault = 'none';
    vi.setSystemTime(press.wake());
    await press.tend();
    expect(dark.text).toBe(good.text);
  });

  it('keeps nobody waiting for a target that does not answer for more than two seconds', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    second();
    press.target.writeFault = 'hangs';
    const publishing = press.publish({ base: 1, lines: entryLines([flag('a', 1)]), confirm: [] }, 'ci');
    await until(() => press.target.writes.length === 2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(valueIn(await publishing)).toMatchObject({ version: 2, targets: [{ version: 1, state: 'pending' }] });
  });

  it('R31, B10: is refused where a reader would not take what was signed, and leaves everything as it is', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    const before = { text: press.target.text, journal: kinds(press) };
    // Its keys are another's: what it signs is by nobody whom readers trust.
    const impostor = createPress({ ...(await createSigner()), publicKey: signer.publicKey }, press);
    const refusal = errorIn(await impostor.publish({ base: 1, lines: entryLines([flag('a', 1)]), confirm: [] }, 'ci'));
    expect(refusal).toEqual({ code: 'refused-by-canary', message: 'bad-signature: no trusted key key-1' });
    expect({ text: press.target.text, journal: kinds(impostor) }).toEqual(before);
  });

  it('R14: of nothing is signed as emptied, and taken by a reader that had something', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    const reader = readerOf(signer);
    await reader.offer(press.target.text ?? '');
    await press.put([], { confirm: ['emptied'] });
    expect(await reader.offer(press.target.text ?? '')).toEqual({ ok: true, value: 'newer' });
    expect(reader.current()?.claims.emptied).toBe(true);
  });
});

describe('whose turn it is', () => {
  it('a return goes before publishes that wait, and only the one under way is finished first', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    await press.put([flag('a', 1)]);
    second();
    const publishing = [2, 3, 4].map((at) =>
      press.publish({ base: 2, lines: entryLines([flag('a', 1), flag(`b.n${at}`)]), confirm: [] }, 'ci'),
    );
    const returning = returned(press, { flags: ['a'] });
    await until(() => kinds(press).length === 4);
    // Targets take one write a second.
    await vi.advanceTimersByTimeAsync(2_000);
    expect(valueIn(await returning)).toMatchObject({ version: 4 });
    const [first, ...others] = await Promise.all(publishing);
    expect(first).toMatchObject({ ok: true, value: { version: 3 } });
    for (const other of others) expect(errorIn(other)).toEqual({ code: 'unacknowledged', ids: [4] });
    expect(kinds(press)).toEqual(['publish 1', 'publish 2', 'publish 3', 'return 4']);
  });

  it('is not asked by who reads while a publish is under way', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    second();
    const publishing = press.publish({ base: 1, lines: entryLines([flag('a', 1)]), confirm: [] }, 'ci');
    expect(await press.status()).toMatchObject({ version: 1 });
    expect(await press.lines()).toMatchObject({ ok: true, value: { version: 1 } });
    expect(valueIn(await publishing)).toMatchObject({ version: 2 });
  });
});

describe('I5, B54: the journal', () => {
  it('has the entry, and storage is asked to be durable, before any target is written', async () => {
    const press = createPress(signer);
    const seen: unknown[] = [];
    const write = press.target.write.bind(press.target);
    press.target.write = (text, metadata) => {
      seen.push([metadata.version, press.journal(0, 100).entries.at(-1)?.version]);
      return write(text, metadata);
    };
    for (let version = 1; version <= 3; version++) await press.put([flag('a', version % 2)]);
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('is one with what it tells: where the entry cannot be kept, nothing changes', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    const { text } = press.target;
    for (const table of ['journal', 'history', 'head']) {
      press.storage.sql.exec(`CREATE TRIGGER full BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'full'); END;`);
      await expect(press.put([flag('a', 1)])).rejects.toThrow('full');
      press.storage.sql.exec('DROP TRIGGER full;');
      expect([kinds(press), press.target.text, press.store.inForce()?.version], table).toEqual([
        ['publish 1'],
        text,
        1,
      ]);
      expect(press.restarted().store.inForce()?.version, table).toBe(1);
    }
    expect(await press.put([flag('a', 1)])).toBe(2);
  });

  it('is only ever added to, by whomever', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    await press.put([flag('a', 1)]);
    await returned(press, { version: 1 });
    await press.put([flag('a', 1)], { acknowledge: 3 });
    for (const table of ['journal', 'acknowledgements', 'history', 'chunks', 'served']) {
      expect(() => press.storage.sql.exec(`DELETE FROM ${table}`), table).toThrow('only added to');
    }
    for (const change of ["journal SET actor = 'x'", 'acknowledgements SET through = 0', 'history SET version = 9']) {
      expect(() => press.storage.sql.exec(`UPDATE ${change}`), change).toThrow('only added to');
    }
  });

  it('is told in pages', async () => {
    const press = createPress(signer);
    for (let at = 0; at < 5; at++) await press.put([flag('a', at % 2)], { reason: `r${at}` });
    expect(press.journal(0, 2)).toMatchObject({ entries: [{ id: 1, reason: 'r0' }, { id: 2 }], next: 2 });
    expect(press.journal(2, 3)).not.toHaveProperty('next');
    expect(press.journal(4, 2).entries).toEqual([
      {
        id: 5,
        time: '2026-11-23T08:00:05.000Z',
        kind: 'publish',
        actor: 'ci',
        reason: 'r4',
        version: 5,
        base: 4,
        digest: expect.any(String),
        changes: { a: 'return' },
      },
    ]);
  });
});

describe('B54: a press that was ended', () => {
  it('between the journal and the write goes on with it, within a second', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    second();
    press.target.writeFault = 'hangs';
    void press.publish({ base: 1, lines: entryLines([flag('a', 1)]), confirm: [] }, 'ci');
    await until(() => press.target.writes.length === 2);
    expect([kinds(press), entriesAt(press.target)]).toEqual([['publish 1', 'publish 2'], [{ ...flag('a'), r: 1 }]]);
    expect(press.wake() - Date.now()).toBe(1_000);
    const again = press.restarted();
    press.target.writeFault = 'none';
    vi.setSystemTime(press.wake());
    await again.tend();
    expect(entriesAt(press.target)).toEqual([{ ...flag('a', 1), r: 2 }]);
  });

  it('has what was in force, its history, and what it knows of targets', async () => {
    const press = createPress(signer);
    await press.put([ramp('a', 5), segment('s', ['user-1'])]);
    await press.put([ramp('a', 50), segment('s', ['user-1'])]);
    const again = press.restarted();
    expect(await again.status()).toEqual(await press.status());
    expect(again.store.inForce()?.text).toBe(press.target.text);
    expect(valueIn(await again.lines())).toEqual(valueIn(await press.lines()));
    await returned(again, { flags: ['a'] });
    expect(entriesAt(press.target)).toEqual([
      { ...ramp('a', 5), r: 3 },
      { ...segment('s', ['user-1']), r: 1 },
    ]);
  });

  it('has nothing that was taken away', async () => {
    const press = createPress(signer);
    await press.put([flag('a'), flag('b'), segment('s', ['user-1'])]);
    await press.put([flag('b'), flag('c')]);
    const again = press.restarted();
    expect(again.store.inForce()?.text).toBe(press.target.text);
    expect(valueIn(await returned(again, { version: 1 })).changes).toEqual({ a: 'return', c: 'return' });
  });

  it('keeps lines of any length', async () => {
    const members = Array.from({ length: 100_000 }, (_, at) => `user-${'x'.repeat(30)}-${at}`);
    const press = createPress(signer);
    await press.put([segment('s', members)]);
    expect(press.target.text?.length).toBeGreaterThan(4_000_000);
    expect(press.restarted().store.inForce()?.text).toBe(press.target.text);
  });
});

describe('R8, R24: a return', () => {
  it('goes to the targets at once, and readers take it', async () => {
    const press = createPress(signer);
    await press.put([ramp('a', 5)]);
    await press.put([ramp('a', 50)]);
    const answer = valueIn(await returned(press, { flags: ['a'] }));
    expect(answer).toMatchObject({ version: 3, published: true, changes: { a: 'return' }, journalId: 3 });
    expect(answer.targets).toMatchObject([{ version: 3, state: 'written' }]);
    const reader = readerOf(signer);
    expect(await reader.offer(press.target.text ?? '')).toEqual({ ok: true, value: 'newer' });
    expect(press.journal(2, 1).entries).toMatchObject([
      { kind: 'return', actor: 'on call', reason: 'bad prices', base: 2 },
    ]);
  });

  it('waits for no backoff', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    press.target.writeFault = 'rejects';
    await press.put([flag('a', 1)]);
    for (let at = 0; at < 6; at++) {
      vi.setSystemTime(press.wake());
      await press.tend();
    }
    expect(press.wake() - Date.now()).toBeGreaterThan(5_000);
    press.target.writeFault = 'none';
    expect(valueIn(await returned(press, { version: 1 })).targets).toMatchObject([{ version: 3, state: 'written' }]);
  });

  it('that is ordered again answers the same, and journals nothing', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    await press.put([flag('a', 1)]);
    const first = valueIn(await returned(press, { version: 1 }));
    expect(valueIn(await returned(press, { version: 1 }))).toEqual({ ...first, published: false, changes: {} });
    expect(errorIn(await returned(press, { flags: ['a'] }))).toMatchObject({ code: 'returned-already', journalId: 3 });
    expect(kinds(press)).toEqual(['publish 1', 'publish 2', 'return 3']);
  });

  it('keeps publishes away that do not know of it, and lets those pass that do', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    await press.put([flag('a', 1)]);
    await returned(press, { version: 1 });
    expect(await press.status()).toMatchObject({ unacknowledged: 1 });
    await expect(press.put([ramp('a', 5)])).rejects.toThrow('{"code":"unacknowledged","ids":[3]}');
    await returned(press, { version: 2 });
    await expect(press.put([ramp('a', 5)], { acknowledge: 3 })).rejects.toThrow('{"code":"unacknowledged","ids":[4]}');
    expect(await press.put([ramp('a', 5)], { acknowledge: 4 })).toBe(5);
    expect(await press.status()).toMatchObject({ unacknowledged: 0 });
    const times = press.journal(0, 9).entries.map(({ acknowledgedAt }) => acknowledgedAt);
    expect(times).toEqual([undefined, undefined, '2026-11-23T08:00:07.000Z', '2026-11-23T08:00:07.000Z', undefined]);
  });

  it('is acknowledged by a publish of what it put in force', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    await press.put([flag('a', 1)]);
    await returned(press, { version: 1 });
    expect(await press.put([flag('a')], { acknowledge: 3 })).toBe(3);
    expect(await press.status()).toMatchObject({ unacknowledged: 0 });
  });

  it('R30: of a flag that was taken away is told from another flag of its name', async () => {
    const press = createPress(signer);
    await press.put([texts('a', { x: 'one' }), flag('b')]);
    await press.put([flag('b')]);
    await expect(press.put([flag('a'), flag('b')])).rejects.toThrow('variations were of type string');
    expect(valueIn(await returned(press, { flags: ['a'] })).changes).toEqual({ a: 'return' });
  });

  it('is told from other changes by what served, in whatever version that was', async () => {
    const press = createPress(signer);
    await press.put([forSegment('a', 's'), segment('s', ['user-1'])]);
    await press.put([flag('a', 1)]);
    await press.put([forSegment('a', 's'), segment('s', ['user-2'])]);
    await press.put([forSegment('a', 's'), segment('s', ['user-1'])]);
    expect(press.journal(2, 9).entries.map(({ changes }) => changes)).toEqual([{ a: 'content' }, { a: 'return' }]);
  });
});

describe('R26: many publishes of one set and another', () => {
  it('raise the version where, and only where, the lines are others', async () => {
    const press = createPress(signer);
    let [version, digest] = [0, ''];
    for (let at = 0; at < 150; at++) {
      const entries: Entry[] = many(4).map((entry, place) => ({ ...entry, f: (at >> (place % 3)) % 2 }));
      const next = await press.put(entries.slice(0, 2 + (at % 3)));
      const after = press.store.inForce()?.claims.sha256 ?? '';
      expect(next).toBe(after === digest ? version : version + 1);
      [version, digest] = [next, after];
    }
    expect(version).toBeGreaterThan(100);
  });
});

describe('a press that knows of nothing', () => {
  it('goes on with the ruleset that lies at a target', async () => {
    const old = createPress(signer);
    for (let version = 1; version <= 3; version++) await old.put([flag('a', version % 2)]);
    const press = createPress(signer, { targets: [old.target] });
    expect(await press.status()).toMatchObject({ version: 3, entries: 1, targets: [{ state: 'pending' }] });
    expect(press.journal(0, 9).entries).toMatchObject([{ kind: 'adopt', actor: 'publisher', version: 3, base: 0 }]);
    expect(await press.put([ramp('a', 5)])).toBe(4);
    expect(valueIn(await returned(press, { flags: ['a'] }))).toMatchObject({ version: 5, changes: { a: 'return' } });
    expect(entriesAt(press.target)).toEqual([{ ...flag('a', 1), r: 5 }]);
  });

  it('takes the newest of several', async () => {
    const [kv, edgekv] = [createTarget('kv'), createTarget('edgekv')];
    kv.text = await signer.sign(entryLines([flag('a', 0, { r: 4 })]), { version: 4 });
    edgekv.text = await signer.sign(entryLines([flag('a', 1, { r: 5 })]), { version: 5 });
    const press = createPress(signer, { targets: [kv, edgekv] });
    expect(await press.status()).toMatchObject({ version: 5 });
    await press.tend();
    expect(kv.text).toBe(edgekv.text);
  });

  it.each<[string, () => Promise<string>]>([
    ['garbage', async () => 'garbage'],
    ['a ruleset of another environment', () => signer.sign('', { version: 9, env: 'staging' })],
    ['a ruleset that nobody trusts', async () => (await createSigner()).sign('', { version: 9 })],
    ['a ruleset with entries that no reader takes', () => signer.sign('{"k":"a","r":1,"f":9}\n', { version: 9 })],
  ])('refuses to begin over %s, and says so', async (_, found) => {
    const press = createPress(signer);
    press.target.text = await found();
    const before = press.target.text;
    const request = { base: 0, lines: entryLines([flag('a')]), confirm: [] };
    expect(errorIn(await press.publish(request, 'ci'))).toMatchObject({ code: 'store-unreadable', target: 'kv' });
    expect(errorIn(await press.lines()).code).toBe('store-unreadable');
    expect(await press.status()).toMatchObject({ version: null, targets: [{ name: 'kv', state: 'conflict' }] });
    expect([press.target.text, kinds(press)]).toEqual([before, []]);
    press.target.text = undefined;
    expect(await press.put([flag('a')])).toBe(1);
  });

  it('refuses to begin while it cannot look, and says so', async () => {
    const press = createPress(signer);
    press.target.readFault = 'rejects';
    const request = { base: 0, lines: entryLines([flag('a')]), confirm: [] };
    expect(errorIn(await press.publish(request, 'ci'))).toEqual({ code: 'store-unreachable', target: 'kv' });
    expect(await press.status()).toMatchObject({ version: null, targets: [{ state: 'failing' }] });
    press.target.readFault = 'none';
    expect(await press.put([flag('a')])).toBe(1);
  });

  it('has nothing to do, and nothing to return to', async () => {
    const press = createPress(signer);
    await press.tend();
    expect(press.dueAt()).toBeUndefined();
    expect(errorIn(await returned(press, { version: 1 }))).toEqual({ code: 'nothing-in-force' });
    expect(valueIn(await press.lines())).toEqual({ version: 0, digest: '', lines: '' });
    expect(await press.status()).toMatchObject({ version: null, targets: [{ state: 'pending' }] });
  });
});

describe('a ruleset that is half through its time', () => {
  const HALF = 15 * 86_400_000;

  it('is signed again: the same version, the same lines, another time', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    const before = press.target.text ?? '';
    const reader = readerOf(signer);
    await reader.offer(before);
    const exp = reader.current()?.claims.exp ?? 0;
    vi.setSystemTime(NOW * 1_000 + HALF);
    await press.tend();
    expect(press.target.text).toBe(before);
    second();
    await press.tend();
    expect(press.target.text).not.toBe(before);
    expect(await reader.offer(press.target.text ?? '')).toEqual({ ok: true, value: 'same' });
    expect(reader.current()?.claims.exp).toBeGreaterThan(exp + HALF / 1_000 - 1);
    expect(press.journal(1, 9).entries).toMatchObject([
      { kind: 'resign', actor: 'publisher', version: 1, base: 1, changes: {} },
    ]);
    expect(press.restarted().store.inForce()?.text).toBe(press.target.text);
  });

  it('is due then, and no earlier', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    vi.setSystemTime(NOW * 1_000 + HALF - 10_000);
    await press.tend();
    expect(press.dueAt()).toBe(NOW * 1_000 + 1_000 + HALF);
  });

  it('keeps what it says of itself', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    await press.put([], { confirm: ['emptied'] });
    vi.setSystemTime(NOW * 1_000 + HALF + 5_000);
    await press.tend();
    expect(kinds(press).at(-1)).toBe('resign 2');
    expect(press.store.inForce()?.claims).toMatchObject({ version: 2, emptied: true });
  });

  it('is signed again at once where another key signs now', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    const rotated = press.restarted(await createSigner('key-2'));
    expect(rotated.dueAt()).toBeLessThanOrEqual(Date.now());
    second();
    await rotated.tend();
    expect([rotated.store.inForce()?.kid, kinds(rotated).at(-1)]).toEqual(['key-2', 'resign 1']);
    expect(press.target.text).toBe(rotated.store.inForce()?.text);
  });

  it('that cannot be signed keeps nobody from seeing to the targets, and is tried again a minute later', async () => {
    const press = createPress(signer);
    await press.put([flag('a')]);
    const impostor = createPress({ ...(await createSigner()), publicKey: signer.publicKey }, press);
    vi.setSystemTime(NOW * 1_000 + HALF + 1_000);
    press.target.text = undefined;
    await expect(impostor.tend()).rejects.toThrow('bad-signature');
    expect(entriesAt(press.target)).toHaveLength(1);
    expect((impostor.dueAt() ?? 0) - Date.now()).toBe(60_000);
  });
});
