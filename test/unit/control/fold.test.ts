import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duePublishes } from '#control/due-work';
import type { Event } from '#control/event';
import { evolve, fold } from '#control/evolve';
import { payloadLines } from '#control/payload-lines';
import { emptyState, type State } from '#control/state';
import { type Row, rowsBetween, rowsOf, stateOfRows } from '#control/state-rows';
import { canonicalJson } from '#ruleset/canonical-json';
import { attempt, environmentOf, facts, organisation, PRODUCTION } from './fixtures/organisation.ts';
import { system } from './fixtures/people.ts';
import { fakePublisher } from './fixtures/publisher.ts';
import { randomOrder } from './fixtures/random-order.ts';

const life = fc.array(fc.nat(1_000_000), { minLength: 150, maxLength: 150 });

/** States that no caller could tell apart. */
const plain = (state: State): string => canonicalJson(rowsOf(state).sort(byTableAndKey));
const byTableAndKey = (a: Row, b: Row): number => (`${a.table} ${a.key}` < `${b.table} ${b.key}` ? -1 : 1);

interface Lived {
  readonly state: State;
  readonly log: readonly Event[];
}

/** What an organisation went through, event by event, publishes included. */
function live(numbers: readonly number[], watch: (before: State, after: State) => void = () => undefined): Lived {
  let at = 0;
  const pick = (below: number): number => (numbers[at++ % numbers.length] as number) % below;
  const publisher = fakePublisher();
  let state = organisation();
  const log: Event[] = [];
  const step = (command: Parameters<typeof attempt>[1], actor: Parameters<typeof attempt>[2]): void => {
    const outcome = attempt(state, command, actor);
    if (!outcome.ok) return;
    watch(state, outcome.value.state);
    state = outcome.value.state;
    log.push(...outcome.value.events);
  };
  for (let round = 0; round < 10; round++) {
    const { command, actor } = randomOrder(state, pick);
    step(command, actor);
    const [due] = pick(2) === 0 ? duePublishes(state) : [];
    if (due === undefined) continue;
    const { generation, version: base, confirm } = due;
    const answer = publisher.publish({ base, confirm, lines: payloadLines(environmentOf(state)) });
    if (typeof answer === 'string') throw new Error(answer);
    const { version, digest } = answer;
    step({ type: 'acknowledge', environment: PRODUCTION, generation, version, digest }, system);
  }
  return { state, log };
}

describe('the state', () => {
  it('is the fold of the log, at once, in two halves, and over a snapshot in between', () => {
    const start = organisation();
    const seen = new Set<string>();
    fc.assert(
      fc.property(life, fc.double({ min: 0, max: 1, noNaN: true }), (numbers, share) => {
        const { state, log } = live(numbers);
        for (const { type } of log) seen.add(type);
        // Ids are counted on: the organisation that it began with has others.
        const kept = log.slice(0, Math.floor(log.length * share));
        const rest = log.slice(kept.length);
        const half = fold(start, kept);
        const snapshot = JSON.parse(JSON.stringify(rowsOf(half))) as Row[];
        expect(plain(fold(start, log))).toBe(plain(state));
        expect(plain(fold(half, rest))).toBe(plain(state));
        expect(plain(stateOfRows(snapshot))).toBe(plain(half));
        expect(plain(fold(stateOfRows(snapshot), rest))).toBe(plain(state));
      }),
      { numRuns: 60, seed: 5 },
    );
    const ofRequests = ['opened', 'approved', 'applied', 'voided', 'withdrawn'].map((one) => `request-${one}`);
    const others = ['item-put', 'item-archived', 'item-deleted', 'publish-requested', 'published'];
    expect([...seen].sort()).toEqual([...ofRequests, ...others].sort());
  });

  it('is kept by a store that changes the rows which a command changed, and no others', () => {
    fc.assert(
      fc.property(life, (numbers) => {
        const store = new Map(rowsOf(organisation()).map((row) => [`${row.table} ${row.key}`, row]));
        const { state } = live(numbers, (before, after) => {
          for (const row of JSON.parse(JSON.stringify([...rowsBetween(before, after)])) as Row[]) {
            if (row.value === undefined) store.delete(`${row.table} ${row.key}`);
            else store.set(`${row.table} ${row.key}`, row);
          }
          expect(plain(stateOfRows(store.values()))).toBe(plain(after));
        });
        expect(plain(stateOfRows(store.values()))).toBe(plain(state));
      }),
      { numRuns: 30, seed: 6 },
    );
  });

  it('refuses an event that it does not know, and one of what there is not, rather than pass over it', () => {
    const state = organisation();
    expect(() => evolve(state, { type: 'flag-frozen' } as never)).toThrow(
      'an event that this version does not know: "flag-frozen"',
    );
    expect(() =>
      fold(emptyState, [{ type: 'item-archived', environment: 'none', kind: 'flag', key: 'a', revision: 2 }]),
    ).toThrow('environment none');
    const withdrawn = { type: 'request-held', request: 'none', at: 0, why: { code: 'nothing-changes' } } as const;
    expect(() => evolve(state, withdrawn)).toThrow('change request none');
    expect(() => stateOfRows([{ table: 'items', key: 'none a', value: {} }])).toThrow('environment none');
  });

  it('decides the same of the same, and asks nothing of the world', () => {
    const state = organisation();
    const ids = () => facts({ newId: () => 'the-same' });
    fc.assert(
      fc.property(life, (numbers) => {
        let at = 0;
        const { command, actor } = randomOrder(state, (below) => (numbers[at++] as number) % below);
        expect(attempt(state, command, actor, ids())).toEqual(attempt(state, command, actor, ids()));
      }),
      { numRuns: 50, seed: 7 },
    );
  });
});
