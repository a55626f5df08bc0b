/** B45: approvals, amendments and applications of one change request in any order come to at most one application, of what was approved. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeHash } from '#control/change-hash';
import type { State } from '#control/state';
import type { Command } from '#schema/control-command';
import { rampFlag } from '../fixtures/authored.ts';
import {
  accept,
  ask,
  attempt,
  changeOf,
  facts,
  itemOf,
  onlyRequest,
  organisation,
  put,
  requestsOf,
} from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';

const start = organisation();
const net = (percent: number) => put('flag', 'pricing.net', 1, rampFlag(percent, { salt: 'pricing-net' }));

const actors = [people.pricing, people.otherPricing, people.manager, people.everybody, people.system];
const step = fc.record({
  what: fc.constantFrom('approve', 'amend', 'apply', 'withdraw', 'rival', 'leave'),
  by: fc.nat(actors.length - 1),
  /** Whether the caller looked again, or goes by what it saw at first. */
  fresh: fc.boolean(),
  percent: fc.integer({ min: 6, max: 9 }),
});

describe('a change request, asked for many things at once', () => {
  it.each(['when-approved', 'by-hand'] as const)('is applied once at most, as approved: %s', (apply) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        let state = accept(start, ask([net(6)], { apply }), people.pricing).state;
        const { id, hash: first } = onlyRequest(state);
        const gone = new Set<string>();
        let applications = 0;
        for (const { what, by, fresh, percent } of steps) {
          const before = state;
          const request = requestsOf(state).find((one) => one.id === id);
          const hash = (fresh && request?.hash) || first;
          const actor = actors[by] as (typeof actors)[number];
          if (what === 'leave') {
            if (actor.kind !== 'system' && actor !== people.pricing) gone.add(actor.id);
            continue;
          }
          const known = facts({ principals: new Map([...facts().principals].filter(([one]) => !gone.has(one))) });
          const orders: Record<Exclude<typeof what, 'leave'>, Command> = {
            approve: { type: 'approve', request: id, hash },
            amend: { type: 'amend', request: id, hash, change: changeOf([net(percent)], { apply }) },
            apply: { type: 'apply', request: id, hash },
            withdraw: { type: 'withdraw', request: id, reason: 'Enough.' },
            rival: ask([put('flag', 'ui.banner', 1, rampFlag(percent, { salt: 'ui-banner' }))]),
          };
          const outcome = attempt(state, orders[what], what === 'rival' ? people.uiOnly : actor, known);
          if (!outcome.ok) continue;
          state = outcome.value.state;
          const own = outcome.value.events.flatMap((event) =>
            event.type === 'request-applied' && event.request === id ? [event] : [],
          );
          applications += own.length;
          for (const applied of own) {
            const approving = outcome.value.events.find(({ type }) => type === 'request-approved');
            const was = requestsOf(before).find((one) => one.id === id);
            // What took effect is what the request was, and every approval that it went by was for that.
            expect(applied.hash).toBe(was?.hash);
            expect(applied.hash).toBe(was && changeHash(was.change));
            expect(applied.approvals.length).toBeGreaterThan(0);
            for (const approval of applied.approvals) {
              expect(approval.hash).toBe(applied.hash);
              expect(was?.editors.map(({ person }) => person)).not.toContain(approval.by.person);
              if (approving === undefined) expect(gone.has(approval.by.id)).toBe(false);
            }
          }
        }
        expect(applications).toBeLessThanOrEqual(1);
        expect(itemOf(state, 'pricing.net').revision).toBe(1 + applications);
      }),
      { numRuns: 500, seed: 45 },
    );
  });

  it('reaches both ends: some orders apply it, some do not', () => {
    const applied = (state: State): boolean => itemOf(state, 'pricing.net').revision === 2;
    const waiting = accept(start, ask([net(6)]), people.pricing).state;
    const { id, hash } = onlyRequest(waiting);
    const approved = accept(waiting, { type: 'approve', request: id, hash }, people.manager).state;
    expect([applied(waiting), applied(approved)]).toEqual([false, true]);
    expect(attempt(approved, { type: 'approve', request: id, hash }, people.otherPricing).ok).toBe(false);
    expect(attempt(approved, { type: 'apply', request: id, hash }, people.system).ok).toBe(false);
  });
});
