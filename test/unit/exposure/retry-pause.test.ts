import { describe, expect, it } from 'vitest';
import { CAP_MS, MAX_RETRY_AFTER_MS, REFUSED_MS, retryPause } from '#exposure/retry-pause';

const LATER = { kind: 'later', why: 'HTTP 503' } as const;

describe('R15: the pause before the same batch is sent again', () => {
  it('grows from 1 s to 60 s, and is spread over all of that', () => {
    expect([0, 1, 2, 5, 6, 9, 2_000].map((failures) => retryPause(failures, LATER, 1))).toEqual([
      ...[1_000, 2_000, 4_000, 32_000, CAP_MS, CAP_MS, CAP_MS],
    ]);
    expect(retryPause(9, LATER, 0)).toBe(0);
    expect(retryPause(9, LATER, 0.25)).toBe(CAP_MS / 4);
  });

  it('begins when the time that was asked for is over, where that is not absurd', () => {
    expect(retryPause(0, { ...LATER, retryAfterMs: 20_000 }, 0.5)).toBe(20_500);
    expect(retryPause(0, { ...LATER, retryAfterMs: 1e12 }, 0)).toBe(MAX_RETRY_AFTER_MS);
  });

  it('B19: is at least 30 s where the key is refused', () => {
    expect(retryPause(0, { ...LATER, isKeyRefused: true }, 0)).toBe(REFUSED_MS);
    expect(retryPause(9, { ...LATER, isKeyRefused: true, retryAfterMs: 120_000 }, 0.5)).toBe(150_000);
  });
});
