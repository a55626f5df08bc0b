import { describe, expect, it } from 'vitest';
import { CUSTODY_MS, MAX_HELD, MAX_LEFT } from '#exposure/custody';
import { createIsolate, type Event, events, FAILED, holdAll, REQUEST_MS, sizes, TAKEN } from './fixtures/isolate.ts';

describe('I8: what is left over', () => {
  it('is bounded, and what goes beyond is counted', async () => {
    let answer = { ...FAILED, retryAfterMs: CUSTODY_MS };
    const isolate = createIsolate(() => answer);
    holdAll(isolate, events(MAX_LEFT + 77));
    await isolate.forward(1_000);
    expect([isolate.custody.counts(), isolate.running()]).toEqual([{ sent: 0, dropped: 77 }, 0]);
    answer = { ...TAKEN, retryAfterMs: 0 };
    for (let name = 0; isolate.custody.counts().sent < MAX_LEFT; name++) {
      expect(name, 'each beacon takes some with it').toBeLessThan(100);
      isolate.hold({ name: -1 - name });
      await isolate.forward(1_000);
    }
    expect(isolate.custody.counts().dropped).toBe(77);
    expect(Math.max(...sizes(isolate))).toBeLessThanOrEqual(500);
  });

  it('B35: takes at once what requests hold beyond their bound, and counts what finds no room there either', async () => {
    const isolate = createIsolate(() => ({ ...TAKEN, afterMs: 60_000 }));
    holdAll(isolate, events(MAX_HELD + MAX_LEFT + 7));
    expect(isolate.custody.counts()).toEqual({ sent: 0, dropped: 7 });
  });

  it('travels with two leaders at a time where the first is slow, and is counted once', async () => {
    let answer: typeof TAKEN = { ...FAILED, retryAfterMs: CUSTODY_MS };
    const isolate = createIsolate(() => answer);
    const [old, first, second] = events(3) as [Event, Event, Event];
    isolate.hold(old);
    await isolate.forward(1_000);
    answer = { ...TAKEN, afterMs: 2_000 };
    isolate.hold(first);
    await isolate.forward(300);
    isolate.hold(second);
    await isolate.forward(10_000);
    expect(isolate.deliveries.slice(1).map((delivery) => delivery.events)).toEqual([
      [old, first],
      [old, second],
    ]);
    expect(isolate.custody.counts()).toEqual({ sent: 3, dropped: 0 });
  });

  it('stays where the leader that took it along was ended', async () => {
    const isolate = createIsolate((delivery) => (delivery === 0 ? { ...FAILED, retryAfterMs: CUSTODY_MS } : TAKEN));
    const [old, ended, next] = events(3) as [Event, Event, Event];
    isolate.hold(old);
    await isolate.forward(1_000);
    isolate.hold(ended, 'ended');
    isolate.end('ended');
    await isolate.forward(REQUEST_MS);
    isolate.hold(next);
    await isolate.forward(1_000);
    expect(isolate.deliveries.at(-1)?.events).toEqual([old, ended, next]);
    expect(isolate.custody.counts()).toEqual({ sent: 3, dropped: 0 });
  });
});
