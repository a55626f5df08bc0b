import { expect, it } from 'vitest';
import { coreEvaluator } from '../vectors/core-evaluator.ts';
import checksums from '../vectors/hash-checksums.json';
import { coreHasher, hashChecksums } from '../vectors/hash-run.ts';
import { runVectors, type VectorFile } from '../vectors/run.ts';

// As text: the bundler writes JSON modules as source, and takes no unpaired surrogate there.
const texts = import.meta.glob<string>('../vectors/[0-9]*.json', { eager: true, import: 'default', query: '?raw' });
const files = Object.values(texts).map((text) => JSON.parse(text) as VectorFile);

it('runs inside workerd', () => {
  expect(navigator.userAgent).toBe('Cloudflare-Workers');
});

it('decides every golden vector in workerd as the oracle does', () => {
  const { passed, failed } = runVectors(files, coreEvaluator);
  expect(failed).toEqual([]);
  expect(passed).toBeGreaterThan(10_000);
});

it('B20: hashes a million unit keys in workerd as in Node', () => {
  expect(hashChecksums(coreHasher())).toEqual(checksums);
});
