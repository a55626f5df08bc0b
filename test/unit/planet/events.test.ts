import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBroadcast } from '../../../scripts/planet/events.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a broadcast', () => {
  it('goes on after a round that went wrong, for who listens and for who comes later', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const collect = vi.fn<() => Promise<unknown>>(async () => ({ version: 1 }));
    collect.mockRejectedValueOnce(new Error('no status'));
    const { listen } = createBroadcast(collect);
    const reader = listen().getReader();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(logged).toHaveBeenCalledOnce();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: {"version":1}\n\n');
    await reader.cancel();
    await vi.advanceTimersByTimeAsync(2_000);
    const later = listen().getReader();
    expect(new TextDecoder().decode((await later.read()).value)).toMatch(/^data: /);
    await later.cancel();
    await vi.advanceTimersByTimeAsync(2_000);
  });
});
