import { reset } from 'cloudflare:test';
import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import type { InboxNamespace } from '../../workers/ingest/inboxes.ts';
import { createIngest, exposureOf, inboxes } from './fixtures/ingest.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const PERSONS = 200;
const MAX_BEACON = 40;

/** What emitters send: persons by number, some of them several times, in any order. */
const sent = fc.array(
  fc.record({ person: fc.nat({ max: PERSONS }), variation: fc.constantFrom('a', 'b'), pop: fc.nat({ max: 2 }) }),
  {
    minLength: 1,
    maxLength: 400,
  },
);
/** Whether an inbox answers: by turns as they come, before it has committed or after. */
const answers = fc.infiniteStream(fc.constantFrom('well', 'well', 'well', 'well', 'before', 'after'));

it('B35: unique in is counted out, whatever is sent twice, out of order, or fails and is sent again', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  await fc.assert(
    fc.asyncProperty(sent, answers, async (events, outcome) => {
      await reset();
      const flaky: InboxNamespace = {
        getByName: (name) => ({
          async receive(part) {
            const { value } = outcome.next();
            if (value === 'before') throw new Error('lost on the way');
            const isKept = await inboxes.getByName(name).receive(part);
            if (value === 'after') throw new Error('lost on the way back');
            return isKept;
          },
          counts: (query) => inboxes.getByName(name).counts(query),
          keepUses: (uses) => inboxes.getByName(name).keepUses(uses),
          keyUses: () => inboxes.getByName(name).keyUses(),
          progress: (now) => inboxes.getByName(name).progress(now),
          collapsed: (flag) => inboxes.getByName(name).collapsed(flag),
          received: () => inboxes.getByName(name).received(),
          quarantine: (...asked) => inboxes.getByName(name).quarantine(...asked),
          replay: () => inboxes.getByName(name).replay(),
          measures: (now) => inboxes.getByName(name).measures(now),
          addRejected: (events) => inboxes.getByName(name).addRejected(events),
        }),
      };
      const { post, counts } = await createIngest({ namespace: flaky });
      const exposures = events.map(({ person, variation, pop }) =>
        exposureOf(person, { variation, pop: `pop-${pop}` }),
      );
      const beacons = Array.from({ length: Math.ceil(exposures.length / MAX_BEACON) }, (_, at) =>
        exposures.slice(at * MAX_BEACON, (at + 1) * MAX_BEACON),
      );
      await Promise.all(
        beacons.map(async (beacon) => {
          while ((await post(beacon)).status === 503);
        }),
      );
      const unique = new Set(exposures.map(({ unit, variation }) => `${unit} ${variation}`)).size;
      const answer = await counts();
      expect(answer.total).toBe(unique);
      expect(answer.counts.reduce((sum, { count }) => sum + count, 0)).toBe(unique);
    }),
    { numRuns: 15 },
  );
});
