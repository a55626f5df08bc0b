import { beforeAll, describe, expect, it } from 'vitest';
import { createRulesetCache, type RulesetCache } from '#ruleset/cache';
import { createGenerations } from '#ruleset/generations';
import { type RulesetCrypto, verifyRuleset } from '#ruleset/verify';
import type { Disk } from '#sdk/node/disk';
import { createLkgStore, type LkgStore, type Start } from '#sdk/node/lkg-store';
import { rawLines } from '../fixtures/lines.ts';
import { createSigner, ENVIRONMENT, NOW, type Signer } from '../fixtures/signing.ts';
import { instantCrypto } from './fixtures/instant-crypto.ts';
import { type Cut, createMemoryDisk, leftAfter, type MemoryDisk } from './fixtures/memory-disk.ts';
import { createTurnedClock, type TurnedClock } from './fixtures/turned-clock.ts';
import { flag } from './fixtures/upstream-client.ts';

let signer: Signer;
let crypto: RulesetCrypto;
/** Texts by version. */
let texts: string[];

beforeAll(async () => {
  signer = await createSigner();
  crypto = instantCrypto(signer.publicKey);
  const versions = Array.from({ length: 9 }, (_, version) => version);
  texts = await Promise.all(
    versions.map((version) => signer.sign(rawLines([flag('a', version)]), { version: Math.max(1, version) })),
  );
});

interface Process {
  readonly clock: TurnedClock;
  readonly store: LkgStore;
  readonly cache: RulesetCache;
  readonly start: Start;
  /** Has a version come into force. */
  take(version: number, text?: string): Promise<void>;
}

async function processOn(disk: Disk, clock = createTurnedClock()): Promise<Process> {
  const generations = createGenerations({ now: clock.now });
  const cache = createRulesetCache({
    ...{ environment: ENVIRONMENT, crypto, now: clock.now, staleAfterMs: 60_000, generations },
  });
  const store = createLkgStore({ disk, environment: ENVIRONMENT, crypto, clock, generations });
  const start = await store.start();
  if (start.ruleset !== undefined) cache.take({ ok: true, value: start.ruleset });
  return {
    ...{ clock, store, cache, start },
    async take(version, text = texts[version] as string) {
      const verified = await verifyRuleset(text, ENVIRONMENT, crypto);
      cache.take(verified);
      if (verified.ok) store.inForce(verified.value);
      await clock.forward(0);
    },
  };
}

const namesOn = ({ files }: MemoryDisk): string[] => [...files.keys()].filter((name) => name !== 'guard.json').sort();
const begunWith = async (disk: Disk): Promise<number | undefined> =>
  (await processOn(disk)).start.ruleset?.claims.version;

/** A life of some versions, each of which soaks, and which ends on purpose. */
async function lifeOf(versions: number, disk = createMemoryDisk()): Promise<MemoryDisk> {
  const life = await processOn(disk);
  for (let version = 1; version <= versions; version++) {
    await life.take(version);
    await life.clock.forward(75_000);
  }
  await life.store.close();
  return disk;
}

describe('generations on a disk', () => {
  it('R10: are candidates at first, good once they have soaked, and three good ones are kept', async () => {
    const disk = createMemoryDisk();
    const life = await processOn(disk);
    await life.take(1);
    expect(namesOn(disk)).toEqual(['1.candidate']);
    await life.clock.forward(59_000);
    expect(namesOn(disk)).toEqual(['1.candidate']);
    await life.clock.forward(11_000);
    expect(namesOn(disk)).toEqual(['1.good']);
    for (let version = 2; version <= 5; version++) {
      await life.take(version);
      expect(namesOn(disk)).toContain(`${version - 1}.good`);
      await life.clock.forward(75_000);
    }
    expect(namesOn(disk)).toEqual(['3.good', '4.good', '5.good']);
  });

  it('R13: keep what is in force, and the newest good one, where versions come faster than any of them soaks', async () => {
    const disk = await lifeOf(1);
    const life = await processOn(disk);
    for (let version = 2; version <= 8; version++) {
      await life.take(version);
      await life.clock.forward(20_000);
    }
    expect(namesOn(disk)).toEqual(['1.good', '8.candidate']);
    expect(await begunWith(disk)).toBe(8);
  });

  it('are written behind: of many versions at once the last', async () => {
    const disk = createMemoryDisk();
    const life = await processOn(disk);
    for (let version = 1; version <= 8; version++) {
      const verified = await verifyRuleset(texts[version] as string, ENVIRONMENT, crypto);
      if (verified.ok) life.store.inForce(verified.value);
    }
    await life.clock.forward(2_000);
    expect(disk.steps.filter((step) => step.do === 'write')).toHaveLength(1);
    expect(namesOn(disk)).toEqual(['8.candidate']);
  });

  it('R17: B11: are there for the next process, whatever their age', async () => {
    const disk = await lifeOf(3);
    const clock = createTurnedClock();
    clock.jump(400 * 86_400_000);
    const { start, cache } = await processOn(disk, clock);
    expect(start.ruleset?.claims.version).toBe(3);
    expect(cache.status()).toMatchObject({ version: 3, stale: true, expired: true });
  });

  it('are written at the end, where they were not before', async () => {
    const disk = createMemoryDisk();
    const life = await processOn(disk);
    const verified = await verifyRuleset(texts[4] as string, ENVIRONMENT, crypto);
    if (verified.ok) life.store.inForce(verified.value);
    await life.store.close();
    expect(namesOn(disk)).toEqual(['4.candidate']);
    expect(life.clock.running()).toBe(0);
  });
});

describe('R28: cut off anywhere', () => {
  it.each<Cut>(['killed', 'powerless', 'powerless, names kept'])(
    '%s, a start finds a whole generation, as new as any that was written',
    async (cut) => {
      const disk = createMemoryDisk();
      const life = await processOn(disk);
      /** How many steps there were when a version was said to be saved. */
      const saved: [steps: number, version: number][] = [];
      for (let version = 1; version <= 5; version++) {
        await life.take(version);
        await life.clock.forward(2_000);
        saved.push([disk.steps.length, life.store.status().saved as number]);
        // What is written in the place of the only one there is.
        if (version === 1) await life.take(1, await signer.sign(rawLines([flag('a', 1)]), { exp: NOW + 900_000 }));
        await life.clock.forward(75_000);
      }
      expect(saved.map(([, version]) => version)).toEqual([1, 2, 3, 4, 5]);
      let starts = 0;
      for (let steps = 1; steps <= disk.steps.length; steps++) {
        const last = disk.steps[steps - 1];
        const bytes = last?.do === 'write' ? last.bytes.byteLength : 0;
        const least = Math.max(0, ...saved.filter(([at]) => at <= steps).map(([, version]) => version));
        for (let offset = bytes; offset >= 0; offset -= 23) {
          const left = createMemoryDisk(leftAfter(disk.steps.slice(0, steps), offset, cut));
          expect([steps, offset, ((await begunWith(left)) ?? 0) >= least]).toEqual([steps, offset, true]);
          starts++;
        }
      }
      expect(starts).toBeGreaterThan(100);
    },
  );

  it('leaves nothing behind that grows: what was being written is written over', async () => {
    const disk = await lifeOf(2);
    disk.files.set('writing.tmp', new Uint8Array(1_000));
    const life = await processOn(disk);
    await life.take(3);
    expect(namesOn(disk)).not.toContain('writing.tmp');
  });
});

describe('B13: what lies on the disk is broken', () => {
  const broken: [string, (file: Uint8Array) => Uint8Array][] = [
    ['empty', () => new Uint8Array()],
    ['cut off', (file) => file.subarray(0, file.length - 1)],
    ['cut off in front', (file) => file.subarray(1)],
    ['a bit of it turned', (file) => file.with(file.length >> 1, (file[file.length >> 1] as number) ^ 1)],
    ['without its footer', (file) => file.subarray(0, -70)],
    ['too large to be read', (file) => new Uint8Array(30 * 1024 * 1024 + file.length)],
    ['of zeros', (file) => new Uint8Array(file.length)],
  ];
  it.each(broken)('%s: the generation before is taken, and somebody told', async (_, damage) => {
    const disk = await lifeOf(3);
    disk.files.set('3.good', damage(disk.files.get('3.good') as Uint8Array));
    const life = await processOn(disk);
    expect(life.start.ruleset?.claims.version).toBe(2);
    expect(life.store.status().alarm).toBe('3.good is broken');
    await life.take(3);
    await life.clock.forward(10_000);
    expect(await begunWith(disk)).toBe(3);
  });

  it('all of it: there is nothing to start with, and what comes is written', async () => {
    const disk = await lifeOf(3);
    for (const name of disk.files.keys()) disk.files.set(name, new TextEncoder().encode('{"running":"x"'));
    const life = await processOn(disk);
    expect(life.start).toEqual({ ruleset: undefined, nack: undefined });
    await life.take(4);
    expect(await begunWith(disk)).toBe(4);
  });

  it('signed by a key that is withdrawn, or of elsewhere: it is not taken', async () => {
    const disk = await lifeOf(1);
    crypto = instantCrypto((await createSigner()).publicKey);
    expect(await begunWith(disk)).toBeUndefined();
    crypto = instantCrypto(signer.publicKey);
    expect(await begunWith(disk)).toBe(1);
  });

  it('renamed to pass for another version: it is not taken', async () => {
    const disk = await lifeOf(2);
    disk.files.set('7.good', disk.files.get('1.good') as Uint8Array);
    expect(await begunWith(disk)).toBe(2);
  });

  it.each(['ENOSPC: no space left on device', 'EROFS: read-only file system'])(
    '%s: serving goes on, somebody is told, and it is written later',
    async (fault) => {
      const disk = await lifeOf(1);
      disk.fault = fault;
      const life = await processOn(disk);
      expect(life.start.ruleset?.claims.version).toBe(1);
      await life.take(2);
      await life.clock.forward(60_000);
      expect(life.cache.status().version).toBe(2);
      expect(life.store.status()).toMatchObject({ saved: 1, alarm: fault });
      disk.fault = undefined;
      await life.clock.forward(10_000);
      expect(life.store.status()).toMatchObject({ saved: 2, alarm: undefined });
      await life.store.close();
    },
  );

  it.each([86_400_000, -86_400_000])('the clock jumped by %i ms at the start: nothing changes', async (jump) => {
    const disk = await lifeOf(3);
    const clock = createTurnedClock();
    clock.jump(jump);
    const life = await processOn(disk, clock);
    expect(life.start.ruleset?.claims.version).toBe(3);
    await life.take(4);
    clock.jump(-jump);
    await clock.forward(75_000);
    expect(life.store.status()).toEqual({ saved: 4, alarm: undefined, quarantined: [] });
    expect(await begunWith(disk)).toBe(4);
  });
});

describe('R25: the disk is wiped while the process runs', () => {
  it.each(['wiped', 'cut off'])(
    '%s, what is in force is back within 30 s, and was served all the time',
    async (what) => {
      const disk = await lifeOf(2);
      const life = await processOn(disk);
      const file = disk.files.get('2.good') as Uint8Array;
      if (what === 'wiped') disk.files.clear();
      else disk.files.set('2.good', file.subarray(0, 10));
      await life.clock.forward(30_000);
      expect(life.cache.status().version).toBe(2);
      expect(await begunWith(disk)).toBe(2);
    },
  );
});

describe('B14: R10: a version that ends the process', () => {
  async function crashWith(version: number, disk: MemoryDisk, at: number): Promise<Process> {
    const clock = createTurnedClock();
    clock.jump(at);
    const life = await processOn(disk, clock);
    if (life.store.barred(version) === undefined) await life.take(version);
    return life;
  }

  it('twice within ten minutes is quarantined, and the generation before is taken', async () => {
    const disk = await lifeOf(2);
    await crashWith(3, disk, 0);
    const second = await crashWith(3, disk, 300_000);
    expect(second.start.ruleset?.claims.version).toBe(3);
    expect(second.start.nack).toBeUndefined();
    const third = await crashWith(3, disk, 600_000);
    expect(third.start).toMatchObject({ ruleset: { claims: { version: 2 } }, nack: { code: 'crashed', version: 3 } });
    expect(third.store.barred(3)).toMatch('ended this process');
    expect(third.store.status().quarantined).toEqual([3]);
    await third.take(4);
    expect(third.store.barred(4)).toBeUndefined();
    await third.store.close();
    expect(await begunWith(disk)).toBe(4);
  });

  it('is noted before the disk has it: a crash at once is that of the new version', async () => {
    const disk = await lifeOf(2);
    for (const at of [0, 1_000]) {
      const life = await processOn(disk);
      life.clock.jump(at);
      const verified = await verifyRuleset(texts[3] as string, ENVIRONMENT, crypto);
      if (verified.ok) life.store.inForce(verified.value);
    }
    const { start, store } = await processOn(disk);
    expect(start.ruleset?.claims.version).toBe(2);
    expect(store.barred(3)).toBeDefined();
    expect(store.barred(2)).toBeUndefined();
  });

  it('is not, where that was once, or more than ten minutes apart', async () => {
    const disk = await lifeOf(2);
    for (const at of [0, 700_000, 1_400_000]) await crashWith(3, disk, at);
    const clock = createTurnedClock();
    clock.jump(2_100_000);
    expect((await processOn(disk, clock)).start.ruleset?.claims.version).toBe(3);
  });

  it('is not, where the process ended on purpose', async () => {
    const disk = await lifeOf(2);
    for (const at of [0, 1_000, 2_000]) await (await crashWith(3, disk, at)).store.close();
    expect(await begunWith(disk)).toBe(3);
  });

  it('is taken all the same where there is nothing else', async () => {
    const disk = createMemoryDisk();
    for (const at of [0, 1_000]) await crashWith(3, disk, at);
    expect(await begunWith(disk)).toBe(3);
  });

  it('is given another chance after an hour: a process can be killed for other reasons', async () => {
    const disk = await lifeOf(2);
    for (const at of [0, 1_000, 2_000]) await crashWith(3, disk, at);
    const clock = createTurnedClock();
    clock.jump(3_700_000);
    const life = await processOn(disk, clock);
    expect(life.start).toMatchObject({ ruleset: { claims: { version: 3 } }, nack: undefined });
  });
});
