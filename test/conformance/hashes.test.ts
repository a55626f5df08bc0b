import { expect, it } from 'vitest';
import { loadHash } from '../oracle/hash.ts';
import checksums from '../vectors/hash-checksums.json' with { type: 'json' };
import { coreHasher, hashChecksums } from '../vectors/hash-run.ts';

it('B20: hashes a million unit keys as xxhash-wasm does', async () => {
  const oracle = await loadHash();
  // The oracle's bucket takes the key itself; its unit remembers which one that was.
  let last = '';
  const wasm = {
    unit(key: string) {
      last = key;
      return oracle.unit(key) | 0;
    },
    bucket: (_unit: number, salt: string) => oracle.bucket(last, salt),
  };
  expect(hashChecksums(wasm)).toEqual(hashChecksums(coreHasher()));
  expect(hashChecksums(coreHasher())).toEqual(checksums);
}, 300_000);
