import { describe, expect, it } from 'vitest';
import { viewEnvironment } from '#edgekv/akamai/view-environment';
import { createRulesetCache } from '#ruleset/cache';
import { verifyRuleset } from '#ruleset/verify';
import { createViewSource } from '../../../workers/akamai/view-source.ts';
import { rawLines } from '../fixtures/lines.ts';
import { createSigner, ENVIRONMENT, NOW } from '../fixtures/signing.ts';

const DAY_MS = 86_400_000;
const VIEW = viewEnvironment(ENVIRONMENT, 'pricing');
const signer = await createSigner();
const text = (version: number, env = VIEW): Promise<string> =>
  signer.sign(rawLines([{ k: 'pricing.flag', r: version, o: 0, f: version % 2 }]), { version, env });

type Read = () => Promise<string | undefined>;

function createInstance(read: Read, highest = { version: 0 }) {
  let now = NOW * 1_000;
  let reads = 0;
  const options = { environment: VIEW, crypto: signer.crypto, now: () => now, staleAfterMs: 60_000 };
  const cache = createRulesetCache(options);
  const store = {
    read: () => {
      reads++;
      return read();
    },
  };
  let verify = (of: string) => verifyRuleset(of, VIEW, signer.crypto);
  const source = createViewSource({
    store,
    cache,
    verify: (of) => verify(of),
    highest,
    now: () => now,
    revalidateAfterMs: 5_000,
  });
  return {
    current: source.current,
    async version(): Promise<number | undefined> {
      return (await source.current()).view?.claims.version;
    },
    forward(ms: number): void {
      now += ms;
    },
    /** The platform's cryptography fails from now on. */
    breakDown(): void {
      verify = () => Promise.reject(new Error('busy'));
    },
    reads: () => reads,
    fault: () => source.status().lastFault,
  };
}

describe('an instance’s view', () => {
  it('is read once, and again when it is old', async () => {
    const first = await text(7);
    const instance = createInstance(async () => first);
    expect([await instance.version(), await instance.version(), instance.reads()]).toEqual([7, 7, 1]);
    instance.forward(5_001);
    expect([await instance.version(), instance.reads(), instance.fault()]).toEqual([7, 2, undefined]);
  });

  it('past the staleness bound is read by each event that comes, at once or not', async () => {
    let read: Read = () => text(7);
    const instance = createInstance(() => read());
    await instance.version();
    read = () => text(8);
    instance.forward(60_001);
    const versions = await Promise.all(Array.from({ length: 10 }, instance.version));
    expect([new Set(versions), instance.reads()]).toEqual([new Set([8]), 11]);
    expect([await instance.version(), instance.reads()]).toEqual([8, 11]);
  });

  it('past the staleness bound is left alone for a moment where a read failed', async () => {
    let read: Read = () => text(7);
    const instance = createInstance(() => read());
    await instance.version();
    read = async () => undefined;
    instance.forward(60_001);
    expect([await instance.version(), await instance.version(), instance.reads()]).toEqual([7, 7, 2]);
    instance.forward(1_001);
    expect([await instance.version(), instance.reads()]).toEqual([7, 3]);
  });

  it('that has expired is asked for as often as any other', async () => {
    const only = await text(7);
    const instance = createInstance(async () => only);
    await instance.version();
    instance.forward(2 * DAY_MS);
    expect([await instance.version(), await instance.version(), instance.reads()]).toEqual([7, 7, 2]);
  });

  it('tells of a fault to the event whose own read it was', async () => {
    const instance = createInstance(async () => undefined);
    expect([(await instance.current()).fault, (await instance.current()).fault]).toEqual(['missing', undefined]);
    expect(instance.fault()).toBe('missing');
  });

  it('stays as it is where the platform cannot verify', async () => {
    let read: Read = () => text(7);
    const instance = createInstance(() => read());
    await instance.version();
    read = () => text(8);
    instance.breakDown();
    instance.forward(5_001);
    expect([await instance.version(), instance.fault()]).toEqual([7, 'busy']);
  });

  it('is none older than one that the platform took away', async () => {
    const highest = { version: 0 };
    expect(await createInstance(() => text(7), highest).version()).toBe(7);
    const after = createInstance(() => text(6), highest);
    expect([await after.version(), after.fault(), highest.version]).toEqual([undefined, 'older', 7]);
    expect(await createInstance(() => text(7), highest).version()).toBe(7);
  });

  it.each<[string, Read]>([
    ['missing', async () => undefined],
    ['EdgeKV: HTTP 500', async () => Promise.reject(new Error('EdgeKV: HTTP 500'))],
    ['older', () => text(6)],
    ['wrong-environment', () => text(9, ENVIRONMENT)],
    ['wrong-environment', () => text(9, viewEnvironment(ENVIRONMENT, 'search'))],
    ['wrong-digest', async () => (await text(9)).slice(0, -5)],
    ['malformed', async () => ''],
  ])('stays as it is where the store gives what is %s', async (fault, bad) => {
    let read: () => Promise<string | undefined> = () => text(7);
    const instance = createInstance(() => read());
    await instance.version();
    read = bad;
    instance.forward(5_001);
    expect([await instance.version(), instance.fault()]).toEqual([7, fault]);
    expect(instance.reads()).toBe(2);
    expect(await instance.version()).toBe(7);
    expect(instance.reads(), 'what failed is left alone for a moment').toBe(2);
  });
});
