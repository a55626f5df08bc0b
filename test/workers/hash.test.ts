import { xxh32 } from '#core/xxh32';
import { expect, it } from 'vitest';

it('hashes in workerd', () => {
  expect(xxh32('', 0) >>> 0).toBe(0x02cc5d05);
});
