/** What the publisher did while control was dark is taken over: the next publish keeps it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duePublishes } from '#control/due-work';
import { linesInForce, payloadLines } from '#control/payload-lines';
import { get } from '#control/persistent-map';
import type { State } from '#control/state';
import { digestOfText } from '#ruleset/write/digest';
import { parseLines } from '#ruleset/write/line';
import { seedOf } from '#ruleset/write/seeds';
import type { AuthoredFlag } from '#schema/authored';
import type { Command } from '#schema/control-command';
import type { Entry, FlagEntry } from '#schema/entry';
import { rampFlag, segment, textFlag } from '../fixtures/authored.ts';
import {
  accept,
  archive,
  ask,
  attempt,
  environmentOf,
  facts,
  itemOf,
  NOW,
  organisation,
  PRODUCTION,
  put,
  refusalOf,
  remove,
  typesOf,
} from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';
import { type FakePublisher, fakePublisher } from './fixtures/publisher.ts';
import { randomOrder } from './fixtures/random-order.ts';

function publishDue(state: State, publisher: FakePublisher): State {
  const [due] = duePublishes(state);
  if (due === undefined) return state;
  const { environment, generation, version: base, confirm, journalId } = due;
  const lines = payloadLines(environmentOf(state, environment));
  const answer = publisher.publish({ base, lines, confirm, ...(journalId > 0 && { acknowledge: journalId }) });
  if (typeof answer === 'string') throw new Error(`the publisher refused: ${answer}`);
  const { version, digest } = answer;
  return accept(state, { type: 'acknowledge', environment, generation, version, digest }, people.system).state;
}

interface Returned {
  readonly version: number;
  readonly digest: string;
  readonly journalId: number;
}

function returned(publisher: FakePublisher, request: Parameters<FakePublisher['returnTo']>[0]): Returned {
  const answer = publisher.returnTo(request);
  if (typeof answer === 'string') throw new Error(`the publisher refused: ${answer}`);
  return answer;
}

const imported = (publisher: FakePublisher, { version, digest, journalId }: Returned): Command => ({
  ...{ type: 'import-journal', environment: PRODUCTION, version, digest, lines: publisher.force()?.lines ?? '' },
  entries: [{ id: journalId, kind: 'return', time: NOW, actor: 'break-glass-1', reason: 'Errors.', version }],
});

const inForce = (publisher: FakePublisher): string => publisher.force()?.lines ?? '';
const entryOf = (lines: string, key: string): Entry | undefined => parseLines(lines).find(({ k }) => k === key);

const rank = (percent: number, base: number) =>
  put('flag', 'search.rank', base, rampFlag(percent, { salt: 'search-rank' }));

describe('a return by break-glass', () => {
  it('is written down, and what is authored is brought to what is served', () => {
    const publisher = fakePublisher();
    const first = publishDue(organisation(), publisher);
    const grown = publishDue(accept(first, ask([rank(60, 1)]), people.editor).state, publisher);
    const back = returned(publisher, { flags: ['search.rank'], reason: 'Errors.' });
    expect(refusalOf(grown, imported(publisher, back), people.everybody).code).toBe('system-only');
    const { state, events } = accept(grown, imported(publisher, back), people.system);
    expect(typesOf(events)).toEqual(['item-put', 'journal-imported']);
    expect(events[1]).toMatchObject({
      entries: [{ id: back.journalId, actor: 'break-glass-1' }],
      brought: ['search.rank'],
      left: [],
      unlike: [],
    });
    expect(itemOf(state, 'search.rank')).toMatchObject({
      revision: 3,
      body: { fallthrough: { split: { weights: { on: 5 } } } },
    });
    expect(itemOf(state, 'search.rank').body).toEqual(itemOf(first, 'search.rank').body);
    expect(linesInForce(environmentOf(state))).toBe(inForce(publisher));
    // Nothing is to be published, and the next change goes out on top of it.
    expect(duePublishes(state)).toEqual([]);
    const next = publishDue(
      accept(state, ask([put('flag', 'search.other', 0, rampFlag(1, { salt: 'other' }))]), people.editor).state,
      publisher,
    );
    expect(linesInForce(environmentOf(next))).toBe(inForce(publisher));
    expect(entryOf(inForce(publisher), 'search.rank')).toMatchObject({ f: [0, [1, 5_000, 0, 100_000]] });
  });

  it('is taken over once', () => {
    const publisher = fakePublisher();
    const first = publishDue(organisation(), publisher);
    const grown = publishDue(accept(first, ask([rank(60, 1)]), people.editor).state, publisher);
    const order = imported(publisher, returned(publisher, { flags: ['search.rank'], reason: 'Errors.' }));
    const state = accept(grown, order, people.system).state;
    expect(accept(state, order, people.system).events).toEqual([]);
  });

  it('wins over what was changed here and not published, of the same flag, and leaves the rest to be published', () => {
    const publisher = fakePublisher();
    const first = publishDue(organisation(), publisher);
    const grown = publishDue(accept(first, ask([rank(60, 1)]), people.editor).state, publisher);
    // The publisher is dark for control, and somebody goes to it.
    const pending = accept(
      grown,
      ask([rank(80, 2), put('flag', 'ui.banner', 1, rampFlag(30, { salt: 'ui-banner' }))]),
      people.everybody,
    ).state;
    const back = returned(publisher, { flags: ['search.rank'], reason: 'Errors.' });
    const { state, events } = accept(pending, imported(publisher, back), people.system);
    expect(events.at(-1)).toMatchObject({ brought: ['search.rank'], left: ['ui.banner'] });
    expect(duePublishes(state)).toMatchObject([{ version: back.version, journalId: back.journalId }]);
    const after = publishDue(state, publisher);
    expect(linesInForce(environmentOf(after))).toBe(inForce(publisher));
    expect(entryOf(inForce(publisher), 'search.rank')).toMatchObject({ f: [0, [1, 5_000, 0, 100_000]] });
    expect(entryOf(inForce(publisher), 'ui.banner')).toMatchObject({ f: [0, [1, 30_000, 0, 100_000]] });
  });

  it('voids the requests that were made on what it took back', () => {
    const publisher = fakePublisher();
    const first = publishDue(organisation(), publisher);
    const grown = publishDue(accept(first, ask([rank(60, 1)]), people.editor).state, publisher);
    const waiting = accept(grown, ask([rank(70, 2)], { apply: { at: NOW + 1 } }), people.editor).state;
    const order = imported(publisher, returned(publisher, { flags: ['search.rank'], reason: 'Errors.' }));
    expect(typesOf(accept(waiting, order, people.system).events)).toEqual([
      'item-put',
      'journal-imported',
      'request-voided',
    ]);
  });

  it('takes away flags that are new, and brings back those that were archived or deleted', () => {
    const publisher = fakePublisher();
    const first = publishDue(organisation(), publisher);
    const created = publishDue(
      accept(first, ask([put('flag', 'search.new', 0, rampFlag(1, { salt: 'new' }))]), people.editor).state,
      publisher,
    );
    const gone = publishDue(accept(created, ask([archive('flag', 'search.rank', 1)]), people.editor).state, publisher);
    const deleted = accept(gone, ask([remove('flag', 'search.rank', 2)]), people.editor).state;
    const back = returned(publisher, { version: 1, reason: 'All of it.' });
    const { state } = accept(deleted, imported(publisher, back), people.system);
    expect(itemOf(state, 'search.new').archived).toBe(true);
    expect(itemOf(state, 'search.rank')).toMatchObject({ archived: false, revision: 4, body: { salt: 'search-rank' } });
    expect(get(environmentOf(state).tombstones, 'search.rank')).toBeUndefined();
    expect(linesInForce(environmentOf(state))).toBe(inForce(publisher));
    expect(duePublishes(state)).toEqual([]);
  });

  it('brings segments, layers and holdouts back with the flags that use them', () => {
    const publisher = fakePublisher();
    const first = publishDue(organisation(), publisher);
    const change = ask([
      put('segment', 'staff', 1, segment({ included: ['s-1', 's-2'] })),
      put('holdout', 'q4', 1, { description: 'A holdout.', salt: 'holdout-q4', percent: 10 }),
      put('layer', 'experiments', 1, {
        description: 'A layer.',
        salt: 'layer-1',
        slices: { 'pricing.fare': 50, 'ui.theme': 20 },
      }),
    ]);
    const waiting = accept(first, change, people.everybody).state;
    const request = [
      ...(waiting.requests.root.children === undefined ? waiting.requests.root.entries.values() : []),
    ][0];
    const approved = accept(
      waiting,
      { type: 'approve', request: request?.id as string, hash: request?.hash as string },
      people.anotherEverybody,
    ).state;
    const second = publishDue(approved, publisher);
    const back = returned(publisher, { flags: ['pricing.fare'], reason: 'Errors.' });
    const { state, events } = accept(second, imported(publisher, back), people.system);
    expect(events.at(-1)).toMatchObject({ brought: ['pricing.fare', 'segment:staff'], unlike: [] });
    for (const id of ['pricing.fare', 'segment:staff', 'layer:experiments', 'holdout:q4']) {
      expect(itemOf(state, id).body, id).toEqual(itemOf(first, id).body);
    }
    expect(linesInForce(environmentOf(state))).toBe(inForce(publisher));
  });

  it('brings back what the returned flag uses and was archived here, and leaves the rest to be published', () => {
    const publisher = fakePublisher();
    const uses = { salt: 'search-rank', rules: [{ id: 'r', when: [{ segment: 'unused' }], serve: 'on' }] };
    const using = put('flag', 'search.rank', 1, rampFlag(5, uses));
    const first = publishDue(accept(organisation(), ask([using]), people.editor).state, publisher);
    const second = publishDue(accept(first, ask([rank(6, 2)]), people.editor).state, publisher);
    const banner = put('flag', 'ui.banner', 1, rampFlag(30, { salt: 'ui-banner' }));
    const pending = accept(second, ask([archive('segment', 'unused', 1), banner]), people.everybody).state;
    const back = returned(publisher, { flags: ['search.rank'], reason: 'Errors.' });
    const { state, events } = accept(pending, imported(publisher, back), people.system);
    expect(events.at(-1)).toMatchObject({ brought: ['search.rank', 'segment:unused'], left: ['ui.banner'] });
    expect(itemOf(state, 'segment:unused').archived).toBe(false);
  });

  it('says which flags are not what is authored, where a holdout is shared with flags that did not return', () => {
    const publisher = fakePublisher();
    const both = ask([put('flag', 'search.rank', 1, rampFlag(5, { salt: 'search-rank', holdout: 'q4' }))]);
    const first = publishDue(accept(organisation(), both, people.everybody).state, publisher);
    const waiting = accept(
      first,
      ask([put('holdout', 'q4', 1, { description: 'A holdout.', salt: 'holdout-q4', percent: 10 })]),
      people.everybody,
    ).state;
    const request = [
      ...(waiting.requests.root.children === undefined ? waiting.requests.root.entries.values() : []),
    ][0];
    const approved = accept(
      waiting,
      { type: 'approve', request: request?.id as string, hash: request?.hash as string },
      people.anotherEverybody,
    ).state;
    const second = publishDue(approved, publisher);
    const back = returned(publisher, { flags: ['search.rank'], reason: 'Errors.' });
    const { state, events } = accept(second, imported(publisher, back), people.system);
    expect(events.at(-1)).toMatchObject({ brought: ['search.rank'], unlike: ['search.rank'] });
    // It serves what was returned to until somebody changes it, and the change then shows the difference.
    const other = publishDue(
      accept(state, ask([put('flag', 'ui.banner', 1, rampFlag(30, { salt: 'ui-banner' }))]), people.everybody).state,
      publisher,
    );
    expect((entryOf(inForce(publisher), 'search.rank') as FlagEntry).h).toEqual(['q4', 'holdout-q4', 2_000]);
    expect(linesInForce(environmentOf(other))).toBe(inForce(publisher));
  });
});

describe('a layer whose buckets a return gave back', () => {
  const slices = (one: Record<string, number>, base: number) =>
    put('layer', 'mine', base, { description: 'A layer.', salt: 'mine', slices: one });
  const rangesIn = (publisher: FakePublisher, key: string): readonly number[] =>
    (entryOf(inForce(publisher), key) as FlagEntry).l?.[2] ?? [];

  it('is shared out again by its next change, each bucket to one flag', () => {
    const publisher = fakePublisher();
    const flags = ['a', 'b', 'c'].map((name) =>
      put('flag', `search.${name}`, 0, rampFlag(1, { salt: `mine-${name}` })),
    );
    const change = (from: State, one: Record<string, number>, base: number): State =>
      publishDue(accept(from, ask([slices(one, base)]), people.editor).state, publisher);
    const flagged = accept(organisation(), ask(flags), people.editor).state;
    const wide = change(flagged, { 'search.a': 90, 'search.b': 5 }, 0);
    const shrunk = change(wide, { 'search.a': 5, 'search.b': 5 }, 1);
    const taken = change(shrunk, { 'search.a': 5, 'search.b': 5, 'search.c': 10 }, 2);
    const back = returned(publisher, { flags: ['search.a'], version: 1, reason: 'Errors.' });
    const lies = (key: string): number[] => bucketsOf(rangesIn(publisher, key));
    // Wholly within what came back.
    expect(lies('search.c').every((one) => lies('search.a').includes(one))).toBe(true);
    const { state, events } = accept(taken, imported(publisher, back), people.system);
    expect(events.at(-1)).toMatchObject({ brought: ['search.a'] });
    change(state, { 'search.a': 30, 'search.b': 5, 'search.c': 20 }, itemOf(state, 'layer:mine').revision);
    const [a, b, c] = [lies('search.a'), lies('search.b'), lies('search.c')];
    expect([a.length, b.length, c.length]).toEqual([300, 50, 200]);
    expect(new Set([...a, ...b, ...c]).size).toBe(550);
  });
});

/** In hundreds. */
const bucketsOf = (ranges: readonly number[]): number[] =>
  Array.from({ length: 1_000 }, (_, at) => at).filter((at) =>
    ranges.some((start, place) => place % 2 === 0 && start <= at * 100 && at * 100 < (ranges[place + 1] as number)),
  );

describe('what was found at the publisher', () => {
  it('becomes what is authored, with all that entries can say', () => {
    const publisher = fakePublisher();
    publishDue(organisation(), publisher);
    const strangers = organisation();
    const { version } = publisher.force() ?? { version: 0 };
    const found: Command = {
      ...{
        type: 'import-journal',
        environment: 'staging',
        version,
        digest: publisher.digest(),
        lines: inForce(publisher),
      },
      entries: [{ id: 1, kind: 'adopt', time: NOW, actor: 'publisher', version }],
    };
    const { state } = accept(strangers, found, people.system);
    expect(linesInForce(environmentOf(state, 'staging'))).toBe(inForce(publisher));
    expect(duePublishes(state).map(({ environment }) => environment)).toEqual([PRODUCTION]);
    const known = environmentOf(state, 'staging');
    const own = itemOf(strangers, 'pricing.fare').body as AuthoredFlag;
    const taken = get(known.items, 'pricing.fare')?.body as AuthoredFlag | undefined;
    const salt = taken?.salt ?? '';
    expect(seedOf(salt)).toBe(seedOf(own.salt));
    expect(taken).toEqual({ ...own, salt, description: 'Taken over from the publisher.' });
    expect(payloadLines(known)).toBe(payloadLines(environmentOf(strangers)));
  });

  it('R30: has the text of its salt again from whoever puts it, and no salt of another seed', () => {
    const publisher = fakePublisher();
    publishDue(organisation(), publisher);
    const { version } = publisher.force() ?? { version: 0 };
    const lines = inForce(publisher);
    const { state } = accept(
      organisation(),
      {
        ...{ type: 'import-journal', environment: 'staging', version, digest: publisher.digest(), lines },
        entries: [{ id: 1, kind: 'adopt', time: NOW, actor: 'publisher', version }],
      },
      people.system,
    );
    const again = (salt: string) => ({
      ...put('flag', 'search.rank', 1, rampFlag(5, { salt })),
      environment: 'staging',
    });
    const after = accept(state, ask([again('search-rank')]), people.editor).state;
    const known = environmentOf(after, 'staging');
    expect(get(known.items, 'search.rank')).toMatchObject({ revision: 2, body: { salt: 'search-rank' } });
    expect(payloadLines(known)).toBe(payloadLines(environmentOf(state, 'staging')));
    expect(refusalOf(state, ask([again('another')]), people.editor)).toMatchObject({
      code: 'immutable',
      field: 'salt',
    });
  });

  it('is refused where lines and digest differ, or where there is no such environment', () => {
    const publisher = fakePublisher();
    const state = publishDue(organisation(), publisher);
    const order = { ...imported(publisher, { version: 2, digest: publisher.digest(), journalId: 2 }) } as Extract<
      Command,
      { type: 'import-journal' }
    >;
    expect(refusalOf(state, { ...order, digest: digestOfText('other') }, people.system).code).toBe('digest-differs');
    for (const bad of ['no lines', '{"k":"a.b"}\n', `${inForce(publisher)}${inForce(publisher)}`]) {
      const garbage = { ...order, lines: bad, digest: digestOfText(bad) };
      expect(refusalOf(state, garbage, people.system).code).toBe('invalid');
    }
    expect(refusalOf(state, { ...order, environment: 'theirs' }, people.system)).toMatchObject({ code: 'not-found' });
  });
});

describe('any life with returns in it', () => {
  it('ends with the publisher and the log in agreement, and no returned flag undone', () => {
    let returns = 0;
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 200, maxLength: 200 }), (numbers) => {
        let at = 0;
        const pick = (below: number): number => (numbers[at++ % numbers.length] as number) % below;
        const publisher = fakePublisher();
        let state = publishDue(organisation(), publisher);
        for (let step = 0; step < 10; step++) {
          const { command, actor } = randomOrder(state, pick);
          const outcome = attempt(state, command, actor, facts());
          if (outcome.ok) state = outcome.value.state;
          const version = publisher.force()?.version ?? 1;
          const answer =
            pick(3) === 0 && version > 1
              ? publisher.returnTo({ version: 1 + pick(version - 1), reason: 'Errors.' })
              : 'nothing';
          if (typeof answer !== 'string' && answer.version > version) {
            returns += 1;
            state = accept(state, imported(publisher, answer), people.system).state;
            expect(linesInForce(environmentOf(state))).toBe(inForce(publisher));
          }
          if (pick(2) === 0) state = publishDue(state, publisher);
        }
        state = publishDue(state, publisher);
        expect(linesInForce(environmentOf(state))).toBe(inForce(publisher));
        expect(environmentOf(state).payload.bytes).toBe(payloadLines(environmentOf(state)).length);
        expect(environmentOf(state).force.bytes).toBe(inForce(publisher).length);
      }),
      { numRuns: 100, seed: 10 },
    );
    expect(returns).toBeGreaterThan(50);
  });

  it('authors texts and variations as they were', () => {
    const publisher = fakePublisher();
    const text = put(
      'flag',
      'search.text',
      0,
      textFlag(['a', 'b', 'c'], { salt: 'text', fallthrough: { split: { rest: 'a', weights: { b: 10, c: 20 } } } }),
    );
    const first = publishDue(accept(organisation(), ask([text]), people.editor).state, publisher);
    const grown = put(
      'flag',
      'search.text',
      1,
      textFlag(['a', 'b', 'c', 'd'], { salt: 'text', enabled: false, fallthrough: { serve: 'd' } }),
    );
    const second = publishDue(accept(first, ask([grown]), people.editor).state, publisher);
    const back = returned(publisher, { flags: ['search.text'], reason: 'Errors.' });
    const { state } = accept(second, imported(publisher, back), people.system);
    expect(itemOf(state, 'search.text').body).toEqual(itemOf(first, 'search.text').body);
    // A name that was taken away with the return still means what it meant.
    const other = put(
      'flag',
      'search.text',
      3,
      textFlag(['a', 'b', 'c'], { salt: 'text', variations: { a: 'a', b: 'b', c: 'c', d: 'x' } }),
    );
    expect(refusalOf(state, ask([other]), people.editor)).toMatchObject({ code: 'immutable', field: 'variation d' });
  });
});
