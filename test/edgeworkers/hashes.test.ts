import { afterAll, beforeAll, expect, it } from 'vitest';
import checksums from '../vectors/hash-checksums.json' with { type: 'json' };
import { coreHasher, HASHES, hashChecksums } from '../vectors/hash-run.ts';
import { type BatchWorker, startBatchWorker } from './fixtures/batch-worker.ts';

let worker: BatchWorker;

beforeAll(async () => {
  worker = await startBatchWorker();
});
afterAll(() => worker?.stop());

it('B20: hashes a million unit keys to the same buckets in an EdgeWorker as in Node', async () => {
  expect(HASHES).toBe(1_000_000);
  const found = await worker.ask('/hash', '{}');
  expect(found).toEqual(hashChecksums(coreHasher()));
  expect(found).toEqual(checksums);
}, 300_000);
