import { beforeAll, describe, expect, it } from 'vitest';
import type { RulesetCache } from '#ruleset/cache';
import type { Issue } from '#ruleset/write/sign';
import { EPOCH, MAX_VERSION_STEP } from '#schema/limits';
import { cacheOf, verdictOf } from '../fixtures/caches.ts';
import { rawLines } from '../fixtures/lines.ts';
import { createSigner, NOW, type Signer } from '../fixtures/signing.ts';

const ON = rawLines([{ k: 'a.flag', r: 1, f: 1 }]);
const OFF = rawLines([{ k: 'a.flag', r: 1, f: 0 }]);
const NOTHING = '';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

/** A cache that has taken this; and what it answers to another. */
async function cacheAt(version: number, lines = ON): Promise<RulesetCache> {
  const cache = cacheOf(signer);
  expect(verdictOf(await cache.offer(await signer.sign(lines, { version })))).toBe('newer');
  return cache;
}
const offer = async (cache: RulesetCache, lines: string, issue: Partial<Issue>): Promise<string> =>
  verdictOf(await cache.offer(await signer.sign(lines, issue)));

describe('given versions', () => {
  it('B09: takes any first version, and then only newer ones', async () => {
    const cache = await cacheAt(7);
    expect(await offer(cache, OFF, { version: 5 })).toBe('older');
    expect(await offer(cache, OFF, { version: 1 })).toBe('older');
    expect(cache.status()).toMatchObject({ version: 7, refusals: 2 });
    expect(await offer(cache, OFF, { version: 8 })).toBe('newer');
  });

  it('B09: R12: version 5 after version 7 leaves version 7', async () => {
    const cache = await cacheAt(7);
    await offer(cache, OFF, { version: 5 });
    expect(cache.current()?.reader.lines).toBe(ON);
  });

  it('B09: the same version with other content is refused as a conflict', async () => {
    const cache = await cacheAt(7);
    expect(await offer(cache, OFF, { version: 7 })).toBe('conflict');
    expect(cache.current()?.reader.lines).toBe(ON);
  });

  it('B09: the same version with the same content is the same ruleset, signed again', async () => {
    const cache = await cacheAt(7);
    const reader = cache.current()?.reader;
    expect(await offer(cache, ON, { version: 7, exp: NOW + 999_999 })).toBe('same');
    expect(cache.current()?.claims.exp).toBe(NOW + 999_999);
    expect(cache.current()?.reader).toBe(reader);
  });

  it('B09: a step of 1,000,000 is taken, one more is refused', async () => {
    expect(await offer(await cacheAt(7), OFF, { version: 7 + MAX_VERSION_STEP })).toBe('newer');
    expect(await offer(await cacheAt(7), OFF, { version: 8 + MAX_VERSION_STEP })).toBe('version-jump');
    expect(await offer(await cacheAt(7), OFF, { version: EPOCH - 1 })).toBe('version-jump');
  });

  it('B09: a higher epoch is taken only where it is claimed as a takeover, of that epoch', async () => {
    const version = EPOCH + 3;
    expect(await offer(await cacheAt(7), OFF, { version })).toBe('unsigned-takeover');
    expect(await offer(await cacheAt(7), OFF, { version, takeover: 2 })).toBe('unsigned-takeover');
    expect(await offer(await cacheAt(7), OFF, { version, takeover: 1 })).toBe('newer');
    expect(await offer(await cacheAt(7), OFF, { version: 3 * EPOCH + 900_000_000, takeover: 3 })).toBe('newer');
  });

  it('B09: an epoch that was left is older, whatever it claims', async () => {
    const cache = await cacheAt(2 * EPOCH + 1);
    expect(await offer(cache, OFF, { version: EPOCH + 999_999, takeover: 1 })).toBe('older');
    expect(await offer(cache, OFF, { version: 2 * EPOCH + 2 })).toBe('newer');
  });

  it('B09: the last version that there is can be taken', async () => {
    const last = Number.MAX_SAFE_INTEGER;
    expect(await offer(await cacheAt(last - 1), OFF, { version: last })).toBe('newer');
  });
});

describe('given nothing left', () => {
  it('B08: R29: an empty environment is legal as the first, and stays so', async () => {
    const cache = await cacheAt(1, NOTHING);
    expect(cache.current()?.reader.flagKeys()).toEqual([]);
    expect(cache.current()?.reader.faults()).toEqual([]);
    expect(await offer(cache, NOTHING, { version: 2 })).toBe('newer');
    expect(await offer(cache, ON, { version: 3 })).toBe('newer');
  });

  it('B08: R14: nothing does not replace something unless it is said to be on purpose', async () => {
    const cache = await cacheAt(1);
    expect(await offer(cache, NOTHING, { version: 2 })).toBe('unannounced-empty');
    expect(cache.current()?.reader.lines).toBe(ON);
    expect(await offer(cache, NOTHING, { version: 3, emptied: true })).toBe('newer');
    expect(cache.current()?.reader.entryCount).toBe(0);
  });

  it('B08: R14: neither a takeover nor a large step excuses nothing', async () => {
    expect(await offer(await cacheAt(1), NOTHING, { version: EPOCH + 1, takeover: 1 })).toBe('unannounced-empty');
    expect(await offer(await cacheAt(1), NOTHING, { version: 1_000_000 })).toBe('unannounced-empty');
  });

  it('B08: a ruleset that says to be empty and is not is taken for what it holds', async () => {
    const cache = await cacheAt(1);
    expect(await offer(cache, OFF, { version: 2, emptied: true })).toBe('newer');
    expect(cache.current()?.reader.entryCount).toBe(1);
  });
});

it('R12: in every order in which 3, 5, 6 and 7 arrive at once, 7 is what remains', async () => {
  const versions = [3, 5, 6, 7];
  const texts = await Promise.all(versions.map((version) => signer.sign(version === 7 ? ON : OFF, { version })));
  const orders = permutations([0, 1, 2, 3]);
  expect(orders).toHaveLength(24);
  for (const order of orders) {
    const cache = cacheOf(signer);
    await Promise.all(order.map((at) => cache.offer(texts[at] as string)));
    expect(cache.status().version, order.join()).toBe(7);
    expect(cache.current()?.reader.lines).toBe(ON);
  }
});

it('R12: in every order in which verifications end, 7 is what remains', async () => {
  const texts = await Promise.all([5, 6, 7].map((version) => signer.sign(version === 7 ? ON : OFF, { version })));
  for (const order of permutations([0, 1, 2])) {
    const gates = texts.map(createGate);
    let begun = 0;
    // The n-th offer's signature is verified only once its gate opens.
    const held = {
      ...signer.crypto,
      verifyEs256: async (...of: Parameters<Signer['crypto']['verifyEs256']>) => {
        await gates[begun++]?.opened;
        return signer.crypto.verifyEs256(...of);
      },
    };
    const cache = cacheOf({ crypto: held });
    const offers = texts.map((text) => cache.offer(text));
    for (const at of order) {
      gates[at]?.open();
      await offers[at];
    }
    expect(cache.status().version, order.join()).toBe(7);
  }
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
