import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicyOperations } from '#control/default-policies';
import { duePublishes } from '#control/due-work';
import type { PublishRequested } from '#control/event';
import { authoredOf, liveItems } from '#control/neighbourhood';
import { changedLines, linesInForce, payloadLines } from '#control/payload-lines';
import { entriesOf, get, set } from '#control/persistent-map';
import { usesOfEntry } from '#control/references';
import type { State } from '#control/state';
import { rowsBetween } from '#control/state-rows';
import { compile } from '#ruleset/write/compile';
import { digestOfText } from '#ruleset/write/digest';
import { parseLines } from '#ruleset/write/line';
import type { Command } from '#schema/control-command';
import type { Entry } from '#schema/entry';
import { booleanFlag, rampFlag, segment } from '../fixtures/authored.ts';
import {
  accept,
  archive,
  ask,
  attempt,
  environmentOf,
  environmentPut,
  facts,
  found,
  organisation,
  PRODUCTION,
  put,
  typesOf,
} from './fixtures/organisation.ts';
import { editor, everybody, system } from './fixtures/people.ts';
import { type FakePublisher, fakePublisher } from './fixtures/publisher.ts';
import { randomOrder } from './fixtures/random-order.ts';

const lines = (state: State): string => payloadLines(environmentOf(state));
const life = fc.array(fc.nat(1_000_000), { minLength: 200, maxLength: 200 });

/** Numbers below a bound, from a list that fast-check can shrink. */
function picker(numbers: readonly number[]): (below: number) => number {
  let at = 0;
  return (below) => (numbers[at++ % numbers.length] as number) % below;
}

/** What a shell does with what is due: send, and acknowledge. */
function publishDue(state: State, publisher: FakePublisher): State {
  let next = state;
  for (const { environment, generation, version, confirm, journalId } of duePublishes(state)) {
    const known = environmentOf(state, environment);
    const request = { base: version, confirm, ...(journalId > 0 && { acknowledge: journalId }) };
    const lines = payloadLines(known);
    const changed = { changes: changedLines(known, generation), digest: known.force.digest };
    const answer = publisher.publish({ ...request, ...(version > 0 ? changed : { lines }) });
    if (typeof answer === 'string') throw new Error(`the publisher refused: ${answer}`);
    // What has changed, upon what is in force, is all of it.
    expect(publisher.publish({ ...request, lines })).toMatchObject({ version: answer.version, published: false });
    const { version: now, digest } = answer;
    next = accept(next, { type: 'acknowledge', environment, generation, version: now, digest }, system).state;
  }
  return next;
}

describe('R26: the payload', () => {
  it('is published if, and only if, its lines are others', () => {
    let [published, unpublished] = [0, 0];
    fc.assert(
      fc.property(life, (numbers) => {
        const pick = picker(numbers);
        let state = organisation();
        for (let step = 0; step < 12; step++) {
          const before = lines(state);
          const { command, actor } = randomOrder(state, pick);
          const outcome = attempt(state, command, actor);
          if (!outcome.ok) continue;
          state = outcome.value.state;
          const asked = outcome.value.events.filter(({ type }) => type === 'publish-requested');
          expect(asked.length === 1).toBe(digestOfText(lines(state)) !== digestOfText(before));
          if (asked.length === 1) published += 1;
          else unpublished += 1;
          expect(environmentOf(state).payload.bytes).toBe(lines(state).length);
        }
      }),
      { numRuns: 150, seed: 26 },
    );
    expect(published).toBeGreaterThan(100);
    expect(unpublished).toBeGreaterThan(50);
  });

  it('is what the whole set compiles to, and what uses what is known', () => {
    fc.assert(
      fc.property(life, (numbers) => {
        const pick = picker(numbers);
        let state = organisation();
        let entries: readonly Entry[] = parseLines(lines(state));
        for (let step = 0; step < 10; step++) {
          const outcome = attempt(state, randomOrder(state, pick).command, everybody);
          if (!outcome.ok) continue;
          state = outcome.value.state;
          const whole = compile(authoredOf(liveItems(environmentOf(state))), entries, 0);
          if (!whole.ok) throw new Error(JSON.stringify(whole.error));
          expect(lines(state)).toBe(whole.value.lines);
          entries = whole.value.entries;
        }
        const { payload } = environmentOf(state);
        const users = [...entriesOf(payload.entries)].flatMap(([key, entry]) =>
          [...usesOfEntry(entry)].map((id) => `${id} ${key}`),
        );
        expect(
          [...entriesOf(payload.usedBy)].flatMap(([id, keys]) => keys.map((key) => `${id} ${key}`)).sort(),
        ).toEqual(users.sort());
      }),
      { numRuns: 100, seed: 27 },
    );
  });
});

describe('what is published', () => {
  it('is accepted by the publisher, and known to the letter from the log alone', () => {
    fc.assert(
      fc.property(life, (numbers) => {
        const pick = picker(numbers);
        const publisher = fakePublisher();
        let state = publishDue(organisation(), publisher);
        for (let step = 0; step < 12; step++) {
          const { command, actor } = randomOrder(state, pick);
          const outcome = attempt(state, command, actor);
          if (outcome.ok) state = outcome.value.state;
          // Several changes may go out as one.
          if (pick(3) > 0) state = publishDue(state, publisher);
        }
        state = publishDue(state, publisher);
        expect(linesInForce(environmentOf(state))).toBe(publisher.force()?.lines);
        expect(environmentOf(state).force).toMatchObject({
          version: publisher.force()?.version,
          digest: publisher.digest(),
        });
        expect(duePublishes(state)).toEqual([]);
      }),
      { numRuns: 100, seed: 28 },
    );
  });

  it('may be overtaken by a change before it is acknowledged', () => {
    const publisher = fakePublisher();
    const first = publishDue(organisation(), publisher);
    const edited = accept(first, ask([put('segment', 'unused', 1, segment({ included: ['u-5'] }))]), editor).state;
    const [due] = duePublishes(edited);
    const answer = publisher.publish({ base: due?.version as number, lines: lines(edited), confirm: [] });
    const using = rampFlag(5, {
      salt: 'search-rank',
      rules: [{ id: 'r', when: [{ segment: 'unused' }], serve: 'on' }],
    });
    const overtaken = accept(edited, ask([put('flag', 'search.rank', 1, using)]), editor).state;
    if (due === undefined || typeof answer === 'string') throw new Error('nothing was published');
    const { version, digest } = answer;
    const acknowledge: Command = {
      ...{ type: 'acknowledge', environment: PRODUCTION, generation: due.generation, version, digest },
    };
    const known = accept(overtaken, acknowledge, system).state;
    expect(linesInForce(environmentOf(known))).toBe(publisher.force()?.lines);
    expect(duePublishes(known)).toMatchObject([{ generation: due.generation + 1, version }]);
    expect(linesInForce(environmentOf(publishDue(known, publisher)))).toBe(publisher.force()?.lines);
  });

  it('has the revisions that it had when it was sent, whatever was changed since', () => {
    const publisher = fakePublisher();
    const first = publishDue(organisation(), publisher);
    const edited = accept(first, ask([put('segment', 'mine', 1, segment({ included: ['m-2'] }))]), everybody).state;
    const [due] = duePublishes(edited);
    const answer = publisher.publish({ base: due?.version as number, lines: lines(edited), confirm: [] });
    if (due === undefined || typeof answer === 'string') throw new Error('nothing was published');
    // By now the flag does not use the segment any more; what is in force still does.
    const without = put('flag', 'ui.banner', 1, rampFlag(10, { salt: 'ui-banner' }));
    const overtaken = accept(edited, ask([without]), everybody).state;
    const { version, digest } = answer;
    const { generation } = due;
    const acknowledge: Command = { type: 'acknowledge', environment: PRODUCTION, generation, version, digest };
    const known = accept(overtaken, acknowledge, system);
    expect(known.events).toMatchObject([{ type: 'published', stamped: ['segment:mine', 'ui.banner'] }]);
    expect(linesInForce(environmentOf(known.state))).toBe(publisher.force()?.lines);
  });

  it('is checked against a digest that was found before, where that is of the very lines, and else against its own', () => {
    const publisher = fakePublisher();
    const before = publishDue(organisation(), publisher);
    const state = accept(
      before,
      ask([put('flag', 'search.rank', 1, rampFlag(6, { salt: 'search-rank' }))]),
      editor,
    ).state;
    const [due] = duePublishes(state);
    const answer = publisher.publish({ base: due?.version as number, lines: lines(state), confirm: [] });
    if (due === undefined || typeof answer === 'string') throw new Error('nothing was published');
    const { version, digest } = answer;
    const { generation } = due;
    const { force } = environmentOf(state);
    const acknowledge: Command = { type: 'acknowledge', environment: PRODUCTION, generation, version, digest };
    const digestedAs = (fields: object) =>
      attempt(
        state,
        acknowledge,
        system,
        facts({ digested: { force, generation, version, digest, bytes: 1, ...fields } }),
      );
    expect(digestedAs({})).toMatchObject({ ok: true, value: { events: [{ bytes: 1 }] } });
    expect(digestedAs({ digest: 'x' })).toMatchObject({ ok: false, error: { code: 'digest-differs', found: 'x' } });
    const bytes = publisher.force()?.lines.length;
    for (const other of [{ force: { ...force } }, { generation: generation + 1 }, { version: version + 1 }])
      expect(digestedAs({ ...other, digest: 'x' })).toMatchObject({ ok: true, value: { events: [{ bytes }] } });
  });

  it('is acknowledged once, for what was sent, and by the control plane itself', () => {
    const publisher = fakePublisher();
    const state = publishDue(organisation(), publisher);
    const { force, payload } = environmentOf(state);
    const again = {
      type: 'acknowledge',
      environment: PRODUCTION,
      generation: payload.generation,
      version: force.version,
      digest: force.digest,
    } as const;
    expect(accept(state, again, system).events).toEqual([]);
    expect(attempt(state, again, everybody)).toMatchObject({ ok: false, error: { code: 'system-only' } });
    expect(attempt(state, { ...again, generation: 99 }, system)).toMatchObject({
      ok: false,
      error: { code: 'unknown-generation' },
    });
    const edited = accept(
      state,
      ask([put('flag', 'search.rank', 1, rampFlag(9, { salt: 'search-rank' }))]),
      editor,
    ).state;
    const wrong = { ...again, generation: payload.generation + 1, version: force.version + 1 };
    expect(attempt(edited, wrong, system)).toMatchObject({ ok: false, error: { code: 'digest-differs' } });
  });

  it('asks the author first where the publisher would ask back', () => {
    const publisher = fakePublisher();
    const state = publishDue(organisation(), publisher);
    const many = Array.from({ length: 20 }, (_, at) =>
      put('flag', `search.n${at}`, 0, rampFlag(1, { salt: `n${at}` })),
    );
    expect(attempt(state, ask(many), editor)).toMatchObject({
      ok: false,
      error: { code: 'unconfirmed', confirm: 'size' },
    });
    expect(
      publisher.publish({
        base: 1,
        lines: lines(accept(state, ask(many, { confirm: ['size'] }), editor).state),
        confirm: [],
      }),
    ).toBe('unconfirmed');
    const confirmed = accept(state, ask(many, { confirm: ['size'] }), editor).state;
    // Said once for all that goes out together.
    const more = accept(confirmed, ask([put('flag', 'search.n0', 1, rampFlag(2, { salt: 'n0' }))]), editor).state;
    const grown = publishDue(more, publisher);
    expect(linesInForce(environmentOf(grown))).toBe(publisher.force()?.lines);
  });
});

describe('a return', () => {
  const fare = (percent: number, base: number, fields: object = {}) =>
    put(
      'flag',
      'pricing.net',
      base,
      rampFlag(percent, {
        salt: 'pricing-net',
        prerequisites: [{ flag: 'ui.gate', variations: ['on', 'off'] }],
        ...fields,
      }),
    );

  const approved = (state: State, operation: ReturnType<typeof fare>): State => {
    const waiting = accept(state, ask([operation]), everybody).state;
    const node = [...entriesOf(waiting.requests)][0]?.[1];
    const { id, hash } = node as { id: string; hash: string };
    return accept(waiting, { type: 'approve', request: id, hash }, { ...everybody, id: 'sso:otto', person: 'otto' })
      .state;
  };

  /** Published, grown, and published again. */
  function grownTo(percent: number): State {
    const publisher = fakePublisher();
    return publishDue(approved(publishDue(organisation(), publisher), fare(percent, 1)), publisher);
  }

  it('needs nobody else, and no ticket', () => {
    const grown = grownTo(50);
    const back = accept(grown, ask([fare(5, 2)]), { ...everybody, roles: ['pricing-on-call'] });
    expect(typesOf(back.events)).toContain('request-applied');
    expect(back.events).toContainEqual(
      expect.objectContaining({ type: 'publish-requested', flags: { 'pricing.net': 'return' } }),
    );
    // What never served is no return.
    expect(typesOf(accept(grown, ask([fare(6, 2)]), everybody).events)).toEqual(['request-opened']);
  });

  it('still takes somebody who may change the flag', () => {
    const grown = grownTo(51);
    expect(attempt(grown, ask([fare(5, 2)]), { ...everybody, roles: ['editor'] })).toMatchObject({
      ok: false,
      error: { code: 'not-allowed' },
    });
  });

  it('carries nothing along that is not a return', () => {
    const grown = grownTo(52);
    const owner = { ...fare(5, 2), people: { owner: 'me', tags: [] } };
    const unused = put('segment', 'unused', 1, segment({ included: ['u-7'] }));
    const words = put('flag', 'ui.theme', 1, rampFlag(50, { salt: 'ui-theme', description: 'Other words.' }));
    // What a returning flag uses, and does not show.
    const used = put('flag', 'ui.gate', 1, booleanFlag({ salt: 'ui-gate', description: 'Other words.' }));
    for (const operations of [[owner], [fare(5, 2), unused], [fare(5, 2), words], [fare(5, 2), used]]) {
      expect(typesOf(accept(grown, ask(operations as never), everybody).events)).toEqual(['request-opened']);
    }
  });

  it('is not what was gone back from, before or behind the publish', () => {
    const publisher = fakePublisher();
    const grown = publishDue(approved(publishDue(organisation(), publisher), fare(50, 1)), publisher);
    const back = accept(grown, ask([fare(5, 2)]), everybody).state;
    const published = publishDue(back, publisher);
    for (const state of [back, published]) {
      expect(typesOf(accept(state, ask([fare(50, 3)]), everybody).events)).toEqual(['request-opened']);
    }
    const again = publishDue(approved(published, fare(50, 3)), publisher);
    const further = publishDue(approved(again, fare(60, 4)), publisher);
    for (const percent of [50, 5]) {
      expect(typesOf(accept(further, ask([fare(percent, 5)]), everybody).events)).toContain('request-applied');
    }
  });

  it('is not what was authored but never in force', () => {
    const grown = approved(publishDue(organisation(), fakePublisher()), fare(53, 1));
    const shrunk = approved(grown, fare(54, 2));
    expect(typesOf(accept(shrunk, ask([fare(53, 3)]), everybody).events)).toEqual(['request-opened']);
  });
});

describe('one change among 5,000 flags', () => {
  const flags = Array.from({ length: 5_000 }, (_, at) =>
    put('flag', `search.n${at}`, 0, rampFlag(1 + (at % 50), { salt: `n${at}` })),
  );
  const large = found([...defaultPolicyOperations(), environmentPut(PRODUCTION), ...flags]);

  it('compiles one entry: all others are the very objects that they were', () => {
    const before = environmentOf(large).payload.entries;
    const { state, events } = accept(large, ask([put('flag', 'search.n17', 1, rampFlag(99, { salt: 'n17' }))]), editor);
    const after = environmentOf(state).payload.entries;
    const differing = [...entriesOf(after)].filter(([key, entry]) => get(before, key) !== entry);
    expect(differing.map(([key]) => key)).toEqual(['search.n17']);
    expect((events.find(({ type }) => type === 'publish-requested') as PublishRequested).changes).toHaveLength(1);
  });

  it('changes few rows of a store, however much waits to be published', () => {
    let state = large;
    for (let at = 0; at < 20; at++) {
      const next = accept(
        state,
        ask([put('flag', `search.n${at}`, 1, rampFlag(99, { salt: `n${at}` }))]),
        editor,
      ).state;
      const rows = [...rowsBetween(state, next)].map(({ table, key }) => `${table} ${key}`).sort();
      expect(rows).toEqual([
        ...['environments production', `items production search.n${at}`, `payload.entries production search.n${at}`],
        `pending production ${at + 2}`,
      ]);
      state = next;
    }
  });

  it('is refused where it would be one more than readers take', () => {
    const { environments } = large;
    const environment = environmentOf(large);
    const { payload } = environment;
    const full = (size: number): State => ({
      ...large,
      environments: set(environments, PRODUCTION, {
        ...environment,
        payload: { ...payload, entries: { ...payload.entries, size } },
      }),
    });
    const one = ask([put('flag', 'search.more', 0, rampFlag(1, { salt: 'more' }))]);
    expect(attempt(full(9_999), one, editor).ok).toBe(true);
    expect(attempt(full(10_000), one, editor)).toMatchObject({
      ok: false,
      error: { code: 'invalid', issues: [{ message: 'there are 10001 flags and segments, at most 10000' }] },
    });
    expect(attempt(full(10_000), ask([archive('flag', 'search.n1', 1)]), editor).ok).toBe(true);
    const long: State = {
      ...large,
      environments: set(environments, PRODUCTION, { ...environment, payload: { ...payload, bytes: 20_900_000 } }),
    };
    expect(attempt(long, one, editor)).toMatchObject({ ok: false, error: { code: 'invalid' } });
  });
});
