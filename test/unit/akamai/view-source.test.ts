import { describe, expect, it } from 'vitest';
import { viewEnvironment } from '#edgekv/akamai/view-environment';
import { createRulesetCache } from '#ruleset/cache';
import { createViewSource } from '../../../workers/akamai/view-source.ts';
import { rawLines } from '../fixtures/lines.ts';
import { createSigner, ENVIRONMENT, NOW } from '../fixtures/signing.ts';

const VIEW = viewEnvironment(ENVIRONMENT, 'pricing');
const signer = await createSigner();
const text = (version: number, env = VIEW): Promise<string> =>
  signer.sign(rawLines([{ k: 'pricing.flag', r: version, o: 0, f: version % 2 }]), { version, env });

function createInstance(read: () => Promise<string | undefined>) {
  let now = NOW * 1_000;
  let reads = 0;
  const options = { environment: VIEW, crypto: signer.crypto, now: () => now, staleAfterMs: 60_000, keep: 0 };
  const cache = createRulesetCache({ ...options, check: 'lines' });
  const store = {
    read: () => {
      reads++;
      return read();
    },
  };
  const source = createViewSource(store, cache, () => now, 5_000);
  return {
    async version(): Promise<number | undefined> {
      return (await source.current())?.claims.version;
    },
    forward(ms: number): void {
      now += ms;
    },
    reads: () => reads,
    fault: () => source.lastFault(),
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

  it.each<[string, () => Promise<string | undefined>]>([
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
