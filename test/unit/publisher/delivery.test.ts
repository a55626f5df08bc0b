import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { entryLines } from '#ruleset/write/line';
import { ok, type Result, refused } from '#schema/result';
import { DEADLINE_MS, type Edition } from '../../../workers/publisher/attempt.ts';
import { createDelivery, type Delivery } from '../../../workers/publisher/delivery.ts';
import {
  EARLY_LOOK_MS,
  LOOK_INTERVAL_MS,
  type TargetState,
  WRITE_INTERVAL_MS,
} from '../../../workers/publisher/target-schedule.ts';
import { createSigner, NOW, type Signer, webCrypto } from '../fixtures/signing.ts';
import { flag } from './fixtures/entries.ts';
import { until, useClock } from './fixtures/press.ts';
import { createTarget, createViewTarget, type MemoryTarget } from './fixtures/target.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(useClock);
afterEach(() => {
  vi.useRealTimers();
});

const textOf = (version: number, value = version): Promise<string> =>
  signer.sign(entryLines([flag('a', value % 2, { r: value })]), { version });

async function editionOf(version: number, id = version): Promise<Edition> {
  const text = await textOf(version);
  const claims = JSON.parse(atob((text.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
  return { id, claims, text };
}

interface Delivered {
  readonly target: MemoryTarget;
  readonly delivery: Delivery;
  readonly saved: TargetState[];
  /** Puts that in force. */
  set(edition: Edition): void;
}

function deliver(target = createTarget(), part: (whole: Edition) => Result<Edition, string> = ok): Delivered {
  let current: Edition | undefined;
  const saved: TargetState[] = [];
  const delivery = createDelivery({
    target,
    crypto: webCrypto([signer.publicKey]),
    inForce: () => current,
    editionOf: async (whole) => part(whole),
    load: () => undefined,
    save: (_, state) => void saved.push(state),
    now: Date.now,
    random: () => 0.999,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  });
  return {
    target,
    delivery,
    saved,
    set: (edition) => {
      current = edition;
    },
  };
}

/** Turns the clock to when it is due. */
const waitFor = (delivery: Delivery): void => void vi.setSystemTime(delivery.dueAt() as number);

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

describe('a target that takes what it gets', () => {
  it('holds what is in force, and is left alone then', async () => {
    const { target, delivery, set } = deliver();
    const edition = await editionOf(1);
    set(edition);
    await delivery.run();
    await delivery.run();
    expect([target.text, target.writes.length, target.reads]).toEqual([edition.text, 1, 1]);
    expect(delivery.state()).toMatchObject({ edition: 1, version: 1, attempts: 0 });
  });

  it('is asked for nothing while nothing is in force', async () => {
    const { target, delivery } = deliver();
    await delivery.run();
    expect([target.reads, delivery.dueAt()]).toEqual([0, undefined]);
  });

  it('is written at most once a second, and gets the newest alone', async () => {
    const { target, delivery, set } = deliver();
    set(await editionOf(1));
    await delivery.run();
    const runs: Promise<void>[] = [];
    for (const version of [2, 3, 4, 5]) {
      set(await editionOf(version));
      runs.push(delivery.run());
    }
    await pass(WRITE_INTERVAL_MS);
    await Promise.all(runs);
    expect(delivery.state().version).toBe(5);
    expect(target.writes.map((time) => time - NOW * 1_000)).toEqual([0, WRITE_INTERVAL_MS]);
  });

  it('gets what came while it was being written, a second later', async () => {
    const { target, delivery, set } = deliver();
    target.writeFault = 'hangs';
    set(await editionOf(1));
    const run = delivery.run();
    await until(() => target.writes.length === 1);
    set(await editionOf(2));
    target.writeFault = 'none';
    target.land();
    await until(() => vi.getTimerCount() > 0 && delivery.state().version === 1);
    await pass(WRITE_INTERVAL_MS);
    await run;
    expect([delivery.state().version, target.writes.length]).toEqual([2, 2]);
  });

  it('R25: is written again where somebody has wiped it', async () => {
    const { target, delivery, set } = deliver();
    const edition = await editionOf(1);
    set(edition);
    await delivery.run();
    target.text = undefined;
    vi.setSystemTime(Date.now() + LOOK_INTERVAL_MS);
    await delivery.run();
    expect(target.text).toBe(edition.text);
  });
});

describe('R12, B09: a target that holds something', () => {
  it.each<[string, () => Promise<string>, string]>([
    ['a newer ruleset', () => textOf(9), 'version 9 lies there, newer than 5, which is in force'],
    ['the same version with other content', () => textOf(5, 4), 'version 5 lies there with other content'],
  ])('that is %s is not overwritten', async (_, found, message) => {
    const { target, delivery, set } = deliver();
    target.text = await found();
    const before = target.text;
    set(await editionOf(5));
    await delivery.run();
    expect([target.text, target.writes.length]).toEqual([before, 0]);
    expect(delivery.state()).toMatchObject({ version: null, trouble: { kind: 'conflict', message } });
  });

  it('newer is compared at each write: v5 that comes after v7 leaves v7', async () => {
    const { target, delivery, set } = deliver();
    set(await editionOf(5));
    target.readFault = 'hangs';
    const run = delivery.run();
    await until(() => target.reads === 1);
    target.text = await textOf(7);
    target.readFault = 'none';
    target.land();
    await run;
    expect(delivery.state().trouble?.kind).toBe('conflict');
    expect(target.writes).toEqual([]);
  });

  it('in conflict gets what is newer still', async () => {
    const { target, delivery, set } = deliver();
    target.text = await textOf(9);
    set(await editionOf(5));
    await delivery.run();
    const newer = await editionOf(10);
    set(newer);
    vi.setSystemTime(Date.now() + LOOK_INTERVAL_MS);
    await delivery.run();
    expect([target.text, delivery.state().version]).toEqual([newer.text, 10]);
  });

  it.each<[string, () => Promise<string>]>([
    ['an older ruleset', () => textOf(4)],
    ['garbage', async () => 'garbage'],
    ['nothing', async () => ''],
    ['a newer ruleset of another environment', () => signer.sign('', { version: 9, env: 'staging' })],
    ['a newer ruleset that nobody trusts', async () => (await createSigner('key-1')).sign('', { version: 9 })],
    ['a newer ruleset that was cut off', async () => (await textOf(9)).slice(0, -3)],
    [
      'the same ruleset, signed at another time',
      () => signer.sign(entryLines([flag('a', 1, { r: 5 })]), { version: 5, iat: 7 }),
    ],
  ])('that is %s is overwritten: no reader would keep it', async (_, found) => {
    const { target, delivery, set } = deliver();
    target.text = await found();
    const edition = await editionOf(5);
    set(edition);
    await delivery.run();
    expect([target.text, delivery.state().edition]).toEqual([edition.text, 5]);
  });
});

describe('a target that fails', () => {
  it.each(['readFault', 'writeFault'] as const)('(%s) is tried again later, and nobody waits', async (fault) => {
    const { target, delivery, set } = deliver();
    target[fault] = 'rejects';
    set(await editionOf(1));
    await delivery.run();
    expect(delivery.state()).toMatchObject({ attempts: 1, trouble: { message: 'the store is out of reach' } });
    expect((delivery.dueAt() ?? 0) - Date.now()).toBe(WRITE_INTERVAL_MS);
    target[fault] = 'none';
    waitFor(delivery);
    await delivery.run();
    expect(delivery.state()).toMatchObject({ edition: 1, attempts: 0 });
    expect(delivery.state()).not.toHaveProperty('trouble');
  });

  it('is not hurried by what is new, but by a return', async () => {
    const { target, delivery, set } = deliver();
    target.writeFault = 'rejects';
    set(await editionOf(1));
    for (let at = 0; at < 4; at++) {
      await delivery.run();
      waitFor(delivery);
    }
    await delivery.run();
    target.writeFault = 'none';
    set(await editionOf(2));
    await delivery.run();
    expect(delivery.state().attempts).toBe(5);
    delivery.expedite();
    const run = delivery.run();
    await pass(WRITE_INTERVAL_MS);
    await run;
    expect(delivery.state().version).toBe(2);
  });

  it('does not hold up what came while it was tried', async () => {
    const { target, delivery, set } = deliver();
    set(await editionOf(1));
    target.writeFault = 'hangs';
    const run = delivery.run();
    await until(() => target.writes.length === 1);
    set(await editionOf(2));
    target.writeFault = 'none';
    await pass(DEADLINE_MS);
    await until(() => target.writes.length === 2);
    await run;
    expect(delivery.state().version).toBe(2);
  });

  it('by not answering is given up, and what it was given late is not written any more', async () => {
    const { target, delivery, set } = deliver();
    target.readFault = 'hangs';
    set(await editionOf(1));
    const run = delivery.run();
    await until(() => target.reads === 1);
    await pass(DEADLINE_MS);
    await run;
    expect(delivery.state().trouble).toEqual({ kind: 'failing', message: `no answer within ${DEADLINE_MS} ms` });
    target.land();
    // All that the late answer sets going runs before this.
    await new Promise((resolve) => setImmediate(resolve));
    expect(target.writes).toEqual([]);
  });

  it('R12: by writing late what it was given up for is put right at the next look', async () => {
    const { target, delivery, set } = deliver();
    target.writeFault = 'hangs';
    set(await editionOf(1));
    const run = delivery.run();
    await until(() => target.writes.length === 1);
    await pass(DEADLINE_MS);
    await run;
    target.writeFault = 'none';
    const newer = await editionOf(2);
    set(newer);
    waitFor(delivery);
    await delivery.run();
    target.land();
    await until(() => target.text !== newer.text);
    waitFor(delivery);
    await delivery.run();
    expect(target.text).toBe(newer.text);
  });
});

describe('a store that takes one write a second', () => {
  it('is given the moment that it asks for, and nobody is told of a failure', async () => {
    const { target, delivery, set } = deliver();
    target.writeFault = 'busy';
    set(await editionOf(1));
    const run = delivery.run();
    await until(() => delivery.state().attempts === 1);
    target.writeFault = 'none';
    await pass(WRITE_INTERVAL_MS);
    await run;
    expect(delivery.state()).toMatchObject({ edition: 1, attempts: 0 });
  });

  it('is left to the next run where it asks for more', async () => {
    const { target, delivery, set } = deliver();
    target.writeFault = 'busy';
    set(await editionOf(1));
    const run = delivery.run();
    await until(() => delivery.state().attempts === 1);
    await pass(WRITE_INTERVAL_MS);
    await run;
    expect(delivery.state()).toMatchObject({ attempts: 2, trouble: { kind: 'busy' } });
  });
});

describe('a target that shows what it took some time later', () => {
  const view = (): Delivered => deliver(createViewTarget('staging', 'pricing'));

  it('is pending until a look finds it there', async () => {
    const { target, delivery, set } = view();
    set(await editionOf(1));
    await delivery.run();
    expect(delivery.state()).toMatchObject({ edition: 0, version: null, handled: 1, attempts: 0 });
    expect((delivery.dueAt() ?? 0) - Date.now()).toBe(EARLY_LOOK_MS);
    waitFor(delivery);
    await delivery.run();
    expect(delivery.state()).toMatchObject({ edition: 1, version: 1 });
    expect(target.writes.length).toBe(1);
  });

  it('is written again where the look finds something else', async () => {
    const { target, delivery, set } = view();
    const edition = await editionOf(2);
    set(edition);
    await delivery.run();
    target.text = await textOf(1);
    waitFor(delivery);
    await delivery.run();
    expect([target.text, target.writes.length]).toEqual([edition.text, 2]);
    expect(delivery.state()).toMatchObject({ edition: 0, attempts: 1, trouble: { kind: 'unseen' } });
    waitFor(delivery);
    await delivery.run();
    expect(delivery.state()).toMatchObject({ edition: 2, attempts: 0 });
  });

  it('holds what was signed a second time: no two signatures are alike', async () => {
    const { target, delivery, set } = view();
    const [one, other] = [await editionOf(1), await editionOf(1)];
    expect(one.text).not.toBe(other.text);
    target.text = one.text;
    set(other);
    await delivery.run();
    expect([delivery.state().edition, target.writes]).toEqual([1, []]);
  });

  it('of a view that was declared anew under the same version is overwritten', async () => {
    const { target, delivery, set } = view();
    target.text = await textOf(5, 4);
    const edition = await editionOf(5);
    set(edition);
    await delivery.run();
    expect(target.text).toBe(edition.text);
  });
});

describe('an edition of which a target can have nothing', () => {
  it('is told and not written, and the next one is not held up by it', async () => {
    const { target, delivery, set } = deliver(createTarget(), (whole) =>
      whole.id === 1 ? refused('view a is too large') : ok({ ...whole, note: 'lacks b' }),
    );
    set(await editionOf(1));
    await delivery.run();
    expect([target.reads, target.writes]).toEqual([0, []]);
    expect(delivery.state().trouble).toEqual({ kind: 'unfit', message: 'view a is too large' });
    set(await editionOf(2));
    const run = delivery.run();
    await pass(WRITE_INTERVAL_MS);
    await run;
    expect(delivery.state()).toMatchObject({ edition: 2, note: 'lacks b' });
  });
});

describe('what is kept of a target', () => {
  it('is each attempt before it is made, and what came of it', async () => {
    const { delivery, set, saved } = deliver();
    set(await editionOf(3));
    await delivery.run();
    expect(saved.map(({ edition, attemptedAt }) => [edition, attemptedAt])).toEqual([
      [0, NOW * 1_000],
      [3, NOW * 1_000],
    ]);
  });
});
