/** Webhooks as what is of the whole organisation: who may change them, and what there is to tell of an entry. */
import { describe, expect, it } from 'vitest';
import { type Announcement, announcementsOf } from '#control/announcements';
import { get } from '#control/persistent-map';
import { emptyState, type State } from '#control/state';
import { rowsOf, stateOfRows } from '#control/state-rows';
import type { Command } from '#schema/control-command';
import { type Operation, operation } from '#schema/control-operation';
import { rampFlag } from '../fixtures/authored.ts';
import { accept, ask, changeOf, NOW, onlyRequest, op, organisation, put, refusalOf } from './fixtures/organisation.ts';
import * as people from './fixtures/people.ts';

const URL = 'https://hooks.example.com/lockstep';
const hook = (key: string, fields: object = {}, base = 0): Operation =>
  op({ op: 'put', kind: 'webhook', key, base, body: { url: URL, events: ['*'], environments: ['*'], ...fields } });

const state = organisation();
const made = accept(state, ask([hook('deploys')]), people.admin).state;

describe('a webhook', () => {
  it('is made, changed and deleted by an admin alone, and its key is never used again', () => {
    expect(get(made.webhooks, 'deploys')).toMatchObject({ revision: 1, body: { url: URL, enabled: true } });
    expect(refusalOf(state, ask([hook('deploys')]), people.editor).code).toBe('not-allowed');
    const changed = accept(made, ask([hook('deploys', { enabled: false }, 1)]), people.admin).state;
    expect(get(changed.webhooks, 'deploys')).toMatchObject({ revision: 2, body: { enabled: false } });
    const remove = op({ op: 'delete', kind: 'webhook', key: 'deploys', base: 2 });
    const gone = accept(changed, ask([remove]), people.admin).state;
    expect(gone.webhooks.size).toBe(0);
    expect(refusalOf(gone, ask([hook('deploys')]), people.admin).code).toBe('used-before');
    expect(refusalOf(made, ask([hook('deploys', {}, 7)]), people.admin).code).toBe('stale');
  });

  it('is in the state that is read back', () => {
    expect(get(stateOfRows(rowsOf(made)).webhooks, 'deploys')).toEqual(get(made.webhooks, 'deploys'));
  });

  it('are at most 50', () => {
    const many = Array.from({ length: 50 }, (_, at) => hook(`hook-${at}`));
    const full = accept(state, ask(many), people.admin).state;
    expect(refusalOf(full, ask([hook('one-more')]), people.admin)).toMatchObject({ code: 'too-many', most: 50 });
  });

  it.each([
    ['no URL', { url: 'hooks.example.com' }],
    ['a password', { url: 'https://user:pass@hooks.example.com/' }],
    ['a fragment', { url: `${URL}#x` }],
    ['a space', { url: `${URL}/a b` }],
    ['a URL of 3,000 characters', { url: `${URL}/${'x'.repeat(3_000)}` }],
    ['an event that there is not', { events: ['flag.evaluated'] }],
    ['no event', { events: [] }],
    ['no environment', { environments: [] }],
    ['a secret', { secret: 'whsec_x' }],
  ])('is refused with %s', (_what, fields) => {
    expect(() => hook('deploys', fields)).toThrow();
  });

  it('is not called keys, where those to verify with are', () => {
    expect(operation.safeParse({ ...hook('deploys'), key: 'keys' }).success).toBe(false);
  });

  it('whose receiver is gone is disabled by the control plane, once, and by nobody else', () => {
    const gone: Command = { type: 'disable-webhook', webhook: 'deploys', revision: 1, reason: 'It answered 410.' };
    expect(refusalOf(made, gone, people.admin).code).toBe('system-only');
    const disabled = accept(made, gone, people.system);
    expect(disabled.events).toMatchObject([
      { type: 'webhook-put', key: 'deploys', revision: 2, body: { enabled: false } },
    ]);
    for (const [from, order] of [
      [disabled.state, gone],
      [disabled.state, { ...gone, revision: 2 }],
      [made, { ...gone, revision: 2 }],
      [made, { ...gone, webhook: 'other' }],
    ] as const) {
      expect(accept(from, order, people.system).events).toEqual([]);
    }
  });
});

const fare = (percent: number) => put('flag', 'pricing.net', 1, rampFlag(percent, { salt: 'pricing-net' }));
const rank = (percent: number) => put('flag', 'search.rank', 1, rampFlag(percent, { salt: 'search-rank' }));

/** What there is to tell of one command, and the state behind it. */
function told(before: State, command: Command, actor: Parameters<typeof accept>[2]) {
  const { state: after, events } = accept(before, command, actor);
  return { after, announcements: announcementsOf({ before, events }) };
}

const typesOf = (announcements: readonly Announcement[]): string[] => announcements.map(({ type }) => type);
const about = (from: State): { request: string; hash: string } => {
  const { id, hash } = onlyRequest(from);
  return { request: id, hash };
};

describe('what there is to tell', () => {
  it('of a change that is applied at once: that it is, what it changed, and that it is to be published', () => {
    const { announcements } = told(state, ask([rank(60)]), people.editor);
    expect(announcements).toMatchObject([
      { type: 'publish.requested', environments: ['production'], items: [], details: { environment: 'production' } },
      {
        type: 'change.applied',
        environments: ['production'],
        items: [{ kind: 'flag', environment: 'production', key: 'search.rank', revision: 2 }],
      },
    ]);
  });

  it('is never what anything holds: no body, no value, no rule', () => {
    const { announcements } = told(state, ask([rank(60)]), people.editor);
    expect(JSON.stringify(announcements)).not.toMatch(/salt|percent|variations|rules|"on"/);
  });

  it('of a request: each step, in the environments that it is about', () => {
    const opened = told(state, ask([fare(9)]), people.pricing);
    expect(opened.announcements).toMatchObject([
      {
        type: 'change.opened',
        environments: ['production'],
        items: [{ kind: 'flag', key: 'pricing.net', revision: 1 }],
        details: { status: 'open', ...about(opened.after) },
      },
    ]);
    const amend = told(
      opened.after,
      { type: 'amend', ...about(opened.after), change: changeOf([fare(8)]) },
      people.pricing,
    );
    expect(typesOf(amend.announcements)).toEqual(['change.amended']);
    const approved = told(amend.after, { type: 'approve', ...about(amend.after) }, people.otherPricing);
    expect(typesOf(approved.announcements)).toEqual(['change.approved', 'publish.requested', 'change.applied']);
    for (const { environments } of approved.announcements) expect(environments).toEqual(['production']);
  });

  it('of a request that comes to nothing: why, and where', () => {
    const opened = accept(state, ask([fare(9)]), people.pricing).state;
    const { request } = about(opened);
    for (const [type, actor] of [
      ['decline', people.otherPricing],
      ['withdraw', people.pricing],
    ] as const) {
      const { announcements } = told(opened, { type, request, reason: 'No.' }, actor);
      expect(announcements).toMatchObject([
        {
          type: type === 'decline' ? 'change.declined' : 'change.withdrawn',
          environments: ['production'],
          details: { request },
        },
      ]);
    }
    const scheduled = accept(state, ask([rank(9)], { apply: { at: NOW + 1_000 } }), people.editor).state;
    const drifted = told(scheduled, ask([rank(7)]), people.otherEditor);
    expect(drifted.announcements).toContainEqual(
      expect.objectContaining({
        type: 'change.voided',
        environments: ['production'],
        details: expect.objectContaining({ why: 'stale', request: about(scheduled).request }),
      }),
    );
  });

  it('of what is of the whole organisation: no environment', () => {
    const { announcements } = told(state, ask([hook('deploys')]), people.admin);
    expect(announcements).toMatchObject([
      { type: 'change.applied', environments: [], items: [{ kind: 'webhook', key: 'deploys', revision: 1 }] },
    ]);
  });

  it('of the first entry: nothing, since nobody can have asked for it', () => {
    const founding: Command = { type: 'found', operations: [hook('deploys')], justification: 'To begin with.' };
    expect(told(emptyState, founding, people.everybody).announcements).toEqual([]);
  });
});
