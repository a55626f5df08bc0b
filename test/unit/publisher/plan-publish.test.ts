import { describe, expect, it } from 'vitest';
import { contentDigests } from '#ruleset/write/classify';
import { entryLines, parseLines } from '#ruleset/write/line';
import { largeChange } from '#ruleset/write/size-change';
import type { Entry } from '#schema/entry';
import {
  type Force,
  type Memory,
  type Plan,
  type PublishRequest,
  planPublish,
} from '../../../workers/publisher/plan-publish.ts';
import { flag, forSegment, many, ramp, segment } from './fixtures/entries.ts';
import { errorIn, valueIn } from './fixtures/press.ts';

const BLANK: Memory = { served: () => false, identities: () => undefined, unacknowledged: [], lastEntry: 0 };

const asked = (entries: readonly Entry[], request: Partial<PublishRequest> = {}): PublishRequest => ({
  base: 0,
  lines: entryLines(entries),
  confirm: [],
  ...request,
});

/** These entries in force, as they come out of publishing them first. */
function inForce(entries: readonly Entry[], version = 1): Force {
  const before = version === 1 ? undefined : { version: version - 1, lines: '' };
  const request = asked(entries, { base: version - 1, confirm: ['size'] });
  const plan = valueIn(planPublish(request, before, BLANK));
  return { version, lines: plan?.lines ?? '' };
}

const plan = (request: PublishRequest, force?: Force, memory: Partial<Memory> = {}) =>
  planPublish(request, force, { ...BLANK, ...memory });

const revisionsIn = (planned: Plan | undefined): number[] => parseLines(planned?.lines ?? '').map(({ r }) => r);

describe('a publish of something new', () => {
  it('is of the next version, which is the revision of what changed', () => {
    const force = inForce([flag('a'), flag('b')], 6);
    const next = valueIn(plan(asked([flag('a'), flag('b', 1)], { base: 6 }), force));
    expect(next).toMatchObject({ version: 7, changes: { b: 'move' }, emptied: false });
    expect(next?.lines).toBe('{"k":"a","r":6,"o":0,"f":0}\n{"k":"b","r":7,"o":0,"f":1}\n');
  });

  it('stamps what it is given, whatever that says', () => {
    const force = inForce([flag('a'), flag('b')]);
    const forged = [flag('a', 0, { r: 99 }), flag('b', 1, { r: 0 })];
    expect(revisionsIn(valueIn(plan(asked(forged, { base: 1 }), force)))).toEqual([1, 2]);
  });

  it('raises the revision of what uses what changed', () => {
    const force = inForce([forSegment('a', 's'), flag('b'), segment('s', ['user-1'])]);
    const next = [forSegment('a', 's'), flag('b'), segment('s', ['user-1', 'user-2'])];
    const planned = valueIn(plan(asked(next, { base: 1 }), force));
    expect(revisionsIn(planned)).toEqual([2, 1, 2]);
    expect(planned?.changes).toEqual({ a: 'content' });
  });

  it('is a return where it is what served before, to the letter', () => {
    const force = inForce([flag('a', 1)]);
    const before = contentDigests([flag('a', 0)]).get('a');
    const served: Memory['served'] = (key, digest) => key === 'a' && digest === before;
    expect(valueIn(plan(asked([flag('a', 0)], { base: 1 }), force, { served }))?.changes).toEqual({ a: 'return' });
    expect(valueIn(plan(asked([ramp('a', 9)], { base: 1 }), force, { served }))?.changes).toEqual({ a: 'content' });
  });

  it('B08, R29: may be of nothing at all', () => {
    expect(valueIn(plan(asked([])))).toMatchObject({ version: 1, lines: '', emptied: false, changes: {} });
  });
});

describe('R26: a publish of what is in force already', () => {
  const entries = [flag('a'), ramp('b', 5)];

  it('changes nothing, whatever it was made from: a request that is sent again finds its work done', () => {
    const force = inForce(entries, 4);
    for (const base of [0, 3, 4, 99]) expect(valueIn(plan(asked(entries, { base }), force))).toBeUndefined();
  });

  it('changes nothing either while a return waits to be acknowledged', () => {
    const memory = { unacknowledged: [3], lastEntry: 3 };
    expect(valueIn(plan(asked(entries, { base: 4 }), inForce(entries, 4), memory))).toBeUndefined();
  });

  it('changes nothing where nothing is in force on purpose', () => {
    expect(valueIn(plan(asked([], { base: 3 }), { version: 3, lines: '' }))).toBeUndefined();
  });
});

describe('B09: a publish that was made from something else', () => {
  it.each([0, 3, 5])('is refused, and told both versions (%i)', (base) => {
    const force = inForce([flag('a')], 4);
    expect(errorIn(plan(asked([flag('a', 1)], { base }), force))).toEqual({ code: 'wrong-base', base, inForce: 4 });
  });

  it('is refused where nothing is in force', () => {
    expect(errorIn(plan(asked([flag('a')], { base: 1 })))).toEqual({ code: 'wrong-base', base: 1, inForce: 0 });
  });
});

describe('I5, I10: a publish after a return that its author has not seen', () => {
  const force = inForce([flag('a')], 4);
  const request = asked([flag('a', 1)], { base: 4 });
  const memory = { unacknowledged: [2, 5], lastEntry: 6 };

  it('is refused, and told the journal entries', () => {
    expect(errorIn(plan(request, force, memory))).toEqual({ code: 'unacknowledged', ids: [2, 5] });
    expect(errorIn(plan({ ...request, acknowledge: 4 }, force, memory))).toEqual({ code: 'unacknowledged', ids: [5] });
  });

  it('is taken once it acknowledges them', () => {
    for (const acknowledge of [5, 6]) expect(valueIn(plan({ ...request, acknowledge }, force, memory))).toBeDefined();
  });

  it('is refused where it acknowledges what is yet to come', () => {
    const refusal = errorIn(plan({ ...request, acknowledge: 7 }, force, memory));
    expect(refusal).toEqual({ code: 'nothing-to-acknowledge', id: 7 });
  });
});

describe('R14, B08: a publish that leaves nothing', () => {
  const force = inForce([flag('a'), flag('b')], 4);

  it('is refused unless that is said to be on purpose', () => {
    const found = 'from 2 entries to none';
    for (const confirm of [[], ['size']] as const) {
      const refusal = errorIn(plan(asked([], { base: 4, confirm }), force));
      expect(refusal).toEqual({ code: 'unconfirmed', confirm: 'emptied', found });
    }
    expect(valueIn(plan(asked([], { base: 4, confirm: ['emptied'] }), force))).toMatchObject({
      emptied: true,
      version: 5,
    });
  });

  it('asks for nothing more, however much there was', () => {
    const large = inForce(many(100), 4);
    expect(valueIn(plan(asked([], { base: 4, confirm: ['emptied'] }), large))?.emptied).toBe(true);
  });
});

describe('R5: a publish that changes the size by more than 30 %', () => {
  const force = inForce(many(100), 4);

  it.each<[string, number, boolean]>([
    ['30 % more', 130, false],
    ['31 % more', 131, true],
    ['30 % fewer', 70, false],
    ['31 % fewer', 69, true],
  ])('of entries: %s', (_, count, asks) => {
    const result = plan(asked(many(count), { base: 4 }), force);
    if (!asks) expect(valueIn(result)?.version).toBe(5);
    else
      expect(errorIn(result)).toEqual({ code: 'unconfirmed', confirm: 'size', found: `from 100 to ${count} entries` });
  });

  it('is taken where that is said to be on purpose', () => {
    expect(valueIn(plan(asked(many(300), { base: 4, confirm: ['size'] }), force))?.version).toBe(5);
  });

  it('asks about bytes too', () => {
    const members = Array.from({ length: 500 }, (_, at) => `user-${at}`);
    const refusal = errorIn(plan(asked([...many(99), segment('s', members)], { base: 4 }), force));
    expect(refusal).toMatchObject({
      code: 'unconfirmed',
      confirm: 'size',
      found: expect.stringMatching(/^from \d+ to \d+ bytes$/),
    });
  });

  it('asks nothing of the first publish', () => {
    expect(valueIn(plan(asked(many(500))))?.version).toBe(1);
  });

  it('asks nothing of small changes in small sets', () => {
    expect(largeChange({ entries: 3, bytes: 500 }, { entries: 7, bytes: 2_547 })).toBeUndefined();
    expect(largeChange({ entries: 3, bytes: 500 }, { entries: 8, bytes: 600 })).toBe('from 3 to 8 entries');
    expect(largeChange({ entries: 3, bytes: 500 }, { entries: 3, bytes: 2_548 })).toBe('from 500 to 2548 bytes');
    expect(largeChange({ entries: 5, bytes: 9_000 }, { entries: 1, bytes: 6_400 })).toBeUndefined();
  });
});

describe('R31: a publish of what no reader takes', () => {
  it('is refused before anything else is said', () => {
    const request = { base: 9, lines: '{"k":"a","r":0,"f":7}\n', confirm: [] };
    expect(errorIn(plan(request, inForce([flag('a')], 4)))).toEqual({
      code: 'invalid-entries',
      issues: [{ key: 'a', message: 'f is 7' }],
    });
  });

  it('R30: is refused where a salt is another than was published', () => {
    const force = inForce([ramp('a', 5)], 4);
    const identities: Memory['identities'] = (key) =>
      key === 'a' ? { salt: 'salt of a', type: 'boolean' } : undefined;
    const refusal = errorIn(plan(asked([ramp('a', 5, { s: 'new' })], { base: 4 }), force, { identities }));
    expect(refusal).toEqual({
      code: 'invalid-entries',
      issues: [{ key: 'a', message: 'salt is immutable: it was "salt of a"' }],
    });
  });
});
