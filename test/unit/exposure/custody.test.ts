import { describe, expect, it } from 'vitest';
import { createIsolate, type Event, events, FAILED, holdAll, REQUEST_MS, sizes, TAKEN } from './fixtures/isolate.ts';

describe('I8: a batch', () => {
  it('is one delivery for all requests of a quarter of a second', async () => {
    const isolate = createIsolate(() => TAKEN);
    const held = events(40);
    const letGo = held.map((event) => isolate.hold(event));
    await isolate.forward(249);
    expect(isolate.deliveries).toEqual([]);
    await isolate.forward(1_000);
    expect(isolate.deliveries.map((delivery) => delivery.events)).toEqual([held]);
    expect(letGo.map((at) => at() !== undefined)).toEqual(held.map(() => true));
    expect(isolate.custody.counts()).toEqual({ sent: 40, dropped: 0 });
    expect(isolate.running()).toBe(0);
  });

  it('takes nobody who comes when it is on its way', async () => {
    const isolate = createIsolate(() => ({ ...TAKEN, afterMs: 1_000 }));
    const [first, second] = events(2) as [Event, Event];
    isolate.hold(first);
    await isolate.forward(251);
    isolate.hold(second);
    await isolate.forward(3_000);
    expect(isolate.deliveries.map((delivery) => delivery.events)).toEqual([[first], [second]]);
    expect(isolate.custody.counts()).toEqual({ sent: 2, dropped: 0 });
  });

  it('that is full is followed by another', async () => {
    const isolate = createIsolate(() => TAKEN);
    holdAll(isolate, events(1_201));
    await isolate.forward(1_000);
    expect(sizes(isolate)).toEqual([500, 500, 201]);
    expect(isolate.custody.counts()).toEqual({ sent: 1_201, dropped: 0 });
    expect(isolate.running()).toBe(0);
  });

  it('stays open when a full one before it leaves', async () => {
    const isolate = createIsolate(() => TAKEN);
    const held = events(502);
    holdAll(isolate, held.slice(0, 500));
    await isolate.forward(100);
    holdAll(isolate, held.slice(500, 501));
    await isolate.forward(200);
    holdAll(isolate, held.slice(501));
    await isolate.forward(1_000);
    expect(sizes(isolate)).toEqual([500, 2]);
  });
});

describe('I8: a leader that was ended', () => {
  it('before it sends leaves its followers to deliver themselves, and its own event to the next beacon', async () => {
    const isolate = createIsolate(() => TAKEN);
    const [leader, ...followers] = events(5) as [Event, ...Event[]];
    isolate.hold(leader, 'leader');
    const letGo = holdAll(isolate, followers);
    isolate.end('leader');
    await isolate.forward(6_000);
    expect(letGo.map((at) => at() !== undefined)).toEqual([true, true, true, true]);
    expect(isolate.deliveries.flatMap((delivery) => delivery.events)).toEqual(followers);
    await isolate.forward(REQUEST_MS);
    const next = { name: 5 };
    isolate.hold(next);
    await isolate.forward(1_000);
    expect(isolate.deliveries.at(-1)?.events).toEqual([leader, next]);
    expect(isolate.custody.counts()).toEqual({ sent: 6, dropped: 0 });
    expect(isolate.running()).toBe(0);
  });

  it('is joined by nobody for longer than half a second', async () => {
    const isolate = createIsolate(() => TAKEN);
    const [leader, late] = events(2) as [Event, Event];
    isolate.hold(leader, 'leader');
    isolate.end('leader');
    await isolate.forward(500);
    const letGo = isolate.hold(late);
    await isolate.forward(300);
    expect(letGo()).toBeDefined();
    expect(isolate.deliveries[0]?.events).toEqual([late]);
  });

  it('while it sends costs a second delivery, and nothing is counted twice', async () => {
    const isolate = createIsolate(() => ({ ...TAKEN, afterMs: 100 }));
    const [leader, follower] = events(2) as [Event, Event];
    isolate.hold(leader, 'leader');
    const letGo = isolate.hold(follower);
    await isolate.forward(300);
    isolate.end('leader');
    await isolate.forward(REQUEST_MS);
    expect(letGo()).toBeDefined();
    expect(isolate.deliveries.map((delivery) => delivery.events)).toEqual([[leader, follower], [follower]]);
    expect(isolate.custody.counts()).toEqual({ sent: 1, dropped: 0 });
    isolate.hold({ name: 2 });
    await isolate.forward(1_000);
    expect(isolate.custody.counts()).toEqual({ sent: 3, dropped: 0 });
  });
});

describe('B35: a receiver that', () => {
  it('fails is tried again after growing, random waits, all events of a batch once each time', async () => {
    const isolate = createIsolate((delivery) => (delivery < 4 ? FAILED : TAKEN));
    const [event] = events(1) as [Event];
    isolate.hold(event);
    await isolate.forward(REQUEST_MS);
    const at = isolate.deliveries.map((delivery) => delivery.at);
    const waits = at.slice(1).map((time, index) => time - (at[index] as number) - 260);
    expect(waits).toEqual([250, 500, 1_000, 2_000]);
    expect(isolate.custody.counts()).toEqual({ sent: 1, dropped: 0 });
  });

  it.each([
    ['nearly nothing', () => 0, [0, 0, 0]],
    ['nearly all', () => 0.999, [499.5, 999, 1_998]],
  ])('fails is tried again at once or late, by chance: %s', async (_, random, wanted) => {
    const isolate = createIsolate((delivery) => (delivery < 3 ? FAILED : TAKEN), random);
    isolate.hold({ name: 0 });
    await isolate.forward(REQUEST_MS);
    const at = isolate.deliveries.map((delivery) => delivery.at);
    const waits = at.slice(1).map((time, index) => time - (at[index] as number) - 260);
    waits.forEach((wait, index) => {
      expect(wait).toBeCloseTo(wanted[index] as number, 6);
    });
    expect(waits).toHaveLength(3);
  });

  it('says when to come back is not asked before', async () => {
    const isolate = createIsolate((delivery) => (delivery === 0 ? { ...FAILED, retryAfterMs: 9_000 } : TAKEN));
    holdAll(isolate, events(20));
    await isolate.forward(9_259);
    expect(sizes(isolate)).toEqual([20]);
    await isolate.forward(1_000);
    expect(sizes(isolate)).toEqual([20, 20]);
    expect(isolate.custody.counts()).toEqual({ sent: 20, dropped: 0 });
  });

  it('wants more time than a request has is left alone: the event stays with the isolate', async () => {
    const isolate = createIsolate((delivery) => (delivery === 0 ? { ...FAILED, retryAfterMs: 60_000 } : TAKEN));
    const [first, second] = events(2) as [Event, Event];
    const letGo = isolate.hold(first);
    await isolate.forward(300);
    expect([letGo() !== undefined, isolate.running()]).toEqual([true, 0]);
    isolate.hold(second);
    await isolate.forward(300);
    expect(isolate.deliveries.at(-1)?.events).toEqual([first, second]);
    expect(isolate.custody.counts()).toEqual({ sent: 2, dropped: 0 });
  });

  it.each([
    ['fails', FAILED],
    ['never answers', { ...FAILED, afterMs: 'never' as const }],
  ])('%s for good holds no request for longer than it may last, and no event is lost', async (_, bad) => {
    let answer = bad;
    const isolate = createIsolate(() => answer);
    const held = events(30);
    const start = isolate.now();
    const letGo = holdAll(isolate, held);
    await isolate.forward(REQUEST_MS);
    for (const at of letGo) expect((at() ?? Number.NaN) - start).toBeLessThanOrEqual(REQUEST_MS);
    expect([isolate.running(), isolate.custody.counts()]).toEqual([0, { sent: 0, dropped: 0 }]);
    answer = TAKEN;
    isolate.hold({ name: 30 });
    await isolate.forward(1_000);
    expect(new Set(isolate.deliveries.at(-1)?.events)).toEqual(new Set([...held, { name: 30 }]));
    expect(isolate.custody.counts()).toEqual({ sent: 31, dropped: 0 });
  });

  it.each([
    ['while it is not waited for', 4_600, 1],
    ['when it has been asked again', 4_900, 2],
  ])('answers late, %s, is believed all the same', async (_, afterMs, deliveries) => {
    const isolate = createIsolate((delivery) => (delivery === 0 ? { ...TAKEN, afterMs } : FAILED));
    const letGo = holdAll(isolate, events(3));
    await isolate.forward(REQUEST_MS);
    expect(sizes(isolate)).toEqual(new Array(deliveries).fill(3));
    expect(isolate.custody.counts()).toEqual({ sent: 3, dropped: 0 });
    expect([letGo.every((at) => at() !== undefined), isolate.running()]).toEqual([true, 0]);
  });

  it('refuses an event for good has it counted as dropped, once, and the others as sent', async () => {
    const isolate = createIsolate(() => ({ ...TAKEN, refuses: ({ name }) => name === 3 }));
    holdAll(isolate, events(10));
    await isolate.forward(REQUEST_MS);
    expect([sizes(isolate), isolate.custody.counts()]).toEqual([[10], { sent: 9, dropped: 1 }]);
  });
});
