import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Answer, createIsolate, type Event, type Isolate, REQUEST_MS, TAKEN } from './fixtures/isolate.ts';

/** A request that holds an event, and how long it lives at most; 0 is no time at all. */
interface Visit {
  readonly afterMs: number;
  readonly livesMs: number;
}

const visits = fc.array(
  fc.record<Visit>({
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 8_000 })),
    livesMs: fc.oneof(
      { weight: 3, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: REQUEST_MS }) },
    ),
  }),
  { minLength: 1, maxLength: 40 },
);

const answers = fc.array(
  fc.record<Answer, 'afterMs' | 'says'>(
    {
      afterMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 12_000 }), fc.constant('never')),
      says: fc.boolean(),
      refuses: fc.constant(({ name }: Event) => name % 7 === 3),
      retryAfterMs: fc.oneof(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1, max: 60_000 })),
    },
    { requiredKeys: ['afterMs', 'says'] },
  ),
  { maxLength: 25 },
);

/** Has every visit paid, with requests ended when their time is over; tells when each event was let go of. */
async function pay(isolate: Isolate, schedule: readonly Visit[]): Promise<(() => number | undefined)[]> {
  const start = isolate.now();
  let at = 0;
  const steps = schedule.flatMap(({ afterMs, livesMs }, name) => {
    at += afterMs;
    const ends = Number.isFinite(livesMs) ? [{ at: at + livesMs, name, isEnd: true }] : [];
    return [{ at, name, isEnd: false }, ...ends];
  });
  const letGo = new Map<number, () => number | undefined>();
  for (const step of steps.sort((a, b) => a.at - b.at)) {
    await isolate.forward(start + step.at - isolate.now());
    if (step.isEnd) isolate.end(`request ${step.name}`);
    else letGo.set(step.name, isolate.hold({ name: step.name }));
    expectSound(isolate, letGo.size);
  }
  await isolate.forward(REQUEST_MS);
  return schedule.map((_, name) => letGo.get(name) as () => number | undefined);
}

/** Never more events are counted than there are. */
function expectSound({ custody }: Isolate, held: number): void {
  const { sent, dropped } = custody.counts();
  expect(sent + dropped).toBeLessThanOrEqual(held);
}

it('I8, B35: whatever receivers and requests do, every event arrives, is refused and counted, or waits for the next beacon', async () => {
  await fc.assert(
    fc.asyncProperty(
      visits,
      answers,
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      async (schedule, script, chance) => {
        let isOver = false;
        const isolate = createIsolate(
          (delivery) => (isOver ? TAKEN : (script[delivery] ?? TAKEN)),
          () => chance.next().value,
        );
        const letGo = await pay(isolate, schedule);
        const ended = schedule.map(({ livesMs }) => Number.isFinite(livesMs));
        letGo.forEach((at, name) => {
          if (!ended[name]) expect(at(), `request ${name} let go`).toBeDefined();
        });
        expect(isolate.running(), 'no timer is left behind').toBe(0);

        // One more visit, when the receiver is well again, takes along whatever has stayed.
        isOver = true;
        isolate.hold({ name: -1 }, 'the last one');
        await isolate.forward(1_000);
        const fates = [...isolate.fates.values()];
        expect(fates).toHaveLength(schedule.length + 1);
        const dropped = fates.filter((fate) => fate === 'refused').length;
        expect(isolate.custody.counts()).toEqual({ sent: fates.length - dropped, dropped });
        expect(isolate.running()).toBe(0);
      },
    ),
    { numRuns: 2_000 },
  );
}, 300_000);
