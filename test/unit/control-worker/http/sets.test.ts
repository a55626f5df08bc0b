/** Whole sets over the API: out, in again, drift, and what a change would do to a sample. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuthored } from '#ruleset/write/authored-files';
import { admin, editor, everybody, person } from '../../control/fixtures/people.ts';
import { foundedApi, newApi, type TestApi } from '../fixtures/api.ts';

const why = { justification: 'As in the repository.' };
const PRODUCTION = '/v1/environments/production';
const STAGING = '/v1/environments/staging';

const marketplace = (): Record<string, string> =>
  Object.fromEntries(readdirSync('flags').map((file) => [file, readFileSync(`flags/${file}`, 'utf8')]));

/** Whatever needs another person gets one. */
async function approved(api: TestApi, path: string, body: object): Promise<void> {
  const answer = await api.ask(`POST ${path}`, { as: everybody, body: { ...body, ...why } });
  expect(answer.status, answer.text).toBeLessThan(300);
  if (answer.status !== 202) return;
  const { id, hash } = answer.body.request;
  const other = { ...everybody, id: 'sso:otto', person: 'otto' };
  const done = await api.ask(`POST /v1/change-requests/${id}/approve`, {
    as: other,
    headers: { 'if-match': `"${hash}"` },
  });
  expect(done.body, done.text).toMatchObject({ status: 'applied' });
}

const ARCHIVED = ['pricing.old', 'ui.old'];

async function apiWithArchive(): Promise<TestApi> {
  const api = await foundedApi();
  const operations = ARCHIVED.map((key) => ({ op: 'archive', kind: 'flag', environment: 'production', key, base: 1 }));
  await approved(api, '/v1/changes', { operations });
  return api;
}

describe('an environment', () => {
  it('is exported and imported again without a difference, as JSON and as files', async () => {
    const api = await foundedApi();
    for (const query of ['', '?format=yaml']) {
      const { body: exported } = await api.ask(`GET ${PRODUCTION}/export${query}`);
      const again = await api.ask(`POST ${PRODUCTION}/import`, { body: { ...exported, ...why, prune: true } });
      expect(again).toMatchObject({ status: 200, body: { status: 'unchanged' } });
      expect((await api.ask(`POST ${PRODUCTION}/drift`, { body: exported })).body).toEqual({
        missing: [],
        extra: [],
        different: [],
      });
    }
  });

  it('takes the marketplace’s files, and gives the same set back', async () => {
    const api = await foundedApi();
    // There is one publisher in these tests, and it has production's.
    api.control.publisher.fault = 'down';
    await approved(api, `${STAGING}/import`, { files: marketplace(), ticket: 'CHG1' });
    const read = parseAuthored(Object.entries(marketplace()).map(([name, text]) => ({ name, text })));
    if (!read.ok) throw new Error('flags/ does not lint');
    expect((await api.ask(`GET ${STAGING}/export`)).body.authored).toEqual(read.value.authored);
    const { files } = (await api.ask(`GET ${STAGING}/export?format=yaml`)).body;
    const written = parseAuthored(Object.entries<string>(files).map(([name, text]) => ({ name, text })));
    expect(written.ok && written.value.authored).toEqual(read.value.authored);
  });

  it('keeps any text through its files', async () => {
    const api = await foundedApi();
    const texts = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), {
      minLength: 1,
      maxLength: 5,
    });
    let base = 1;
    await fc.assert(
      fc.asyncProperty(texts, async (included) => {
        const body = { body: { description: included[0]?.trim() || 'D', included }, ...why };
        const put = await api.ask(`PUT ${PRODUCTION}/segments/unused`, { body, headers: { 'if-match': `"${base}"` } });
        fc.pre(put.status === 200);
        if (put.body.status === 'applied') base += 1;
        const { body: exported } = await api.ask(`GET ${PRODUCTION}/export?format=yaml`);
        expect((await api.ask(`POST ${PRODUCTION}/drift`, { body: exported })).body.different).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('shows drift, and is brought back by an import that goes through the policies', async () => {
    const api = await foundedApi();
    const { body: exported } = await api.ask(`GET ${PRODUCTION}/export`);
    const { 'search.rank': rank, ...flags } = exported.authored.flags;
    const changed = { ...exported.authored, flags: { ...flags, 'search.more': { ...rank, salt: 'search-more' } } };
    changed.flags['ui.gate'] = { ...changed.flags['ui.gate'], description: 'Other.' };
    const drift = await api.ask(`POST ${PRODUCTION}/drift`, { body: { authored: changed } });
    expect(drift.body).toEqual({ missing: ['search.more'], extra: ['search.rank'], different: ['ui.gate'] });
    const refusedTo = await api.ask(`POST ${PRODUCTION}/import`, {
      as: editor,
      body: { authored: changed, prune: true, ...why },
    });
    expect(refusedTo).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    const dry = await api.ask(`POST ${PRODUCTION}/import?dryRun=1`, {
      body: { authored: changed, prune: true, ...why },
    });
    expect(dry.body.items.map(({ key }: { key: string }) => key).sort()).toEqual([
      'search.more',
      'search.rank',
      'ui.gate',
    ]);
    await approved(api, `${PRODUCTION}/import`, { authored: changed, prune: true });
    expect((await api.ask(`POST ${PRODUCTION}/drift`, { body: { authored: changed } })).body).toEqual({
      missing: [],
      extra: [],
      different: [],
    });
  });

  it('is imported once with a key, though nothing was to be done, and somebody changed it since', async () => {
    const { ask, control } = await foundedApi();
    const { body: exported } = await ask(`GET ${PRODUCTION}/export`);
    const again = { body: { ...exported, ...why }, headers: { 'idempotency-key': 'once' } };
    const first = await ask(`POST ${PRODUCTION}/import`, again);
    expect(first).toMatchObject({ status: 200, body: { status: 'unchanged' } });
    const gate = exported.authored.flags['ui.gate'];
    const put = { body: { body: { ...gate, description: 'Said better.' }, ...why }, headers: { 'if-match': '"1"' } };
    expect(await ask(`PUT ${PRODUCTION}/flags/ui.gate`, put)).toMatchObject({ body: { status: 'applied' } });
    const { entries } = control.status();
    expect((await ask(`POST ${PRODUCTION}/import`, again)).text).toBe(first.text);
    expect(control.status().entries).toBe(entries);
    const other = { ...again, body: { authored: exported.authored, ...why } };
    expect(await ask(`POST ${PRODUCTION}/import`, other)).toMatchObject({ body: { code: 'key-used-before' } });
  });

  it('is without its archive, as files are, and what is missing in files goes there', async () => {
    const api = await apiWithArchive();
    const { body: exported } = await api.ask(`GET ${PRODUCTION}/export`);
    expect(Object.keys(exported)).toEqual(['authored', 'people']);
    expect(exported.authored.flags).not.toHaveProperty(['ui.old']);
    const withArchive = { ...exported, archived: {}, ...why };
    expect((await api.ask(`POST ${PRODUCTION}/import`, { body: withArchive })).status).toBe(422);
    const { 'search.rank': rank, ...flags } = exported.authored.flags;
    await approved(api, `${PRODUCTION}/import`, { authored: { ...exported.authored, flags }, prune: true });
    const { archived } = (await api.ask('GET /v1/export')).body.environments.production;
    expect(Object.keys(archived.flags)).toEqual(['pricing.old', 'search.rank', 'ui.old']);
    expect(archived.flags['search.rank']).toEqual(rank);
  });

  it('tells mistakes in files at their lines, and takes files or a set', async () => {
    const { ask } = await foundedApi();
    const files = { 'a.yaml': 'segments:\n  staff:\n    description: S\n    include: [x]\n' };
    expect(await ask(`POST ${PRODUCTION}/import`, { body: { files, ...why } })).toMatchObject({
      status: 422,
      body: {
        code: 'malformed',
        issues: [{ file: 'a.yaml', line: expect.any(Number), column: expect.any(Number), path: 'segments.staff' }],
      },
    });
    for (const body of [why, { ...why, files: {}, authored: {} }])
      expect((await ask(`POST ${PRODUCTION}/import`, { body })).status).toBe(422);
  });

  it('B51: is given whole or not at all', async () => {
    const api = await foundedApi();
    const scopes = { environments: ['production'], namespaces: ['ui'], actions: ['*' as const] };
    api.ports.principals.set('sso:uma', person('uma', ['ui-dev'], { scopes }));
    const as = { ...person('uma', []), id: 'sso:uma' };
    for (const path of [`GET ${PRODUCTION}/export`, `GET ${STAGING}/export`])
      expect((await api.ask(path, { as })).status).toBe(404);
    expect((await api.ask('GET /v1/export', { as })).status).toBe(403);
  });
});

describe('the organisation', () => {
  it('is exported, imported into another, and the same there; and again without a difference', async () => {
    const api = await apiWithArchive();
    const { body: exported, text } = await api.ask('GET /v1/export');
    expect(Object.keys(exported)).toEqual(['projects', 'policies', 'environments', 'webhooks']);
    expect(exported.environments.production.ranges.flags['search.rank']).toEqual({
      fallthrough: [
        ['on', 5_000],
        ['off', 100_000],
      ],
    });
    expect(Object.keys(exported.environments.production.archived.flags)).toEqual(ARCHIVED);
    expect((await api.ask('POST /v1/import', { body: { ...exported, prune: true, ...why } })).body).toEqual({
      status: 'unchanged',
    });
    const other = newApi();
    const begun = await other.ask('POST /v1/organisation', { as: admin, body: { ...why, operations: [] } });
    expect(begun.body, begun.text).toMatchObject({ status: 'applied' });
    const policies = { ...exported.policies };
    const { projects } = exported;
    await approved(other, '/v1/import', {
      projects,
      policies,
      ticket: 'CHG1',
      environments: mapped(exported.environments),
    });
    await approved(other, '/v1/import', { ticket: 'CHG1', environments: exported.environments });
    expect((await other.ask('GET /v1/export')).text).toBe(text);
    expect((await other.ask('POST /v1/import', { body: { ...exported, prune: true, ...why } })).body).toEqual({
      status: 'unchanged',
    });
    const archived = await other.ask(`GET ${PRODUCTION}/flags/ui.old`);
    expect(archived.body).toMatchObject({ archived: true, revision: 1 });
  });

  it('shows in a dry run what is for the archive', async () => {
    const { ask } = await apiWithArchive();
    const { body: exported } = await ask('GET /v1/export');
    const { body: environment, archived } = exported.environments.staging;
    const flags = exported.environments.production.archived.flags;
    const environments = { staging: { body: environment, authored: {}, archived: { ...archived, flags } } };
    const dry = await ask('POST /v1/import?dryRun=1', { body: { environments, ...why } });
    const old = { environment: 'staging', kind: 'flag', key: 'ui.old', old: null, archived: true };
    expect(dry.body.items).toEqual([
      expect.objectContaining({ ...old, key: 'pricing.old', new: flags['pricing.old'] }),
      expect.objectContaining({ ...old, new: flags['ui.old'] }),
    ]);
    expect(dry.body).toMatchObject({ flags: [], publishes: [] });
  });

  it('takes ranges of what it has, in the right order and size, and no others', async () => {
    const api = await foundedApi();
    const { body: exported } = await api.ask('GET /v1/export');
    const { production } = exported.environments;
    const importing = (flags: object) => {
      const environments = { production: { ...production, ranges: { flags } } };
      return api.ask('POST /v1/import', { body: { environments, ...why } });
    };
    const at = 'body.environments.production.ranges.flags';
    const nowhere = await importing({ 'search.gone': {} });
    expect(nowhere).toMatchObject({ status: 422, body: { issues: [{ path: `${at}.search.gone` }] } });
    const short = await importing({ 'search.rank': { fallthrough: [['on', 5_000]] } });
    expect(short).toMatchObject({ status: 422, body: { issues: [{ path: `${at}.search.rank.fallthrough` }] } });
    const unfit = await importing({ 'search.rank': { fallthrough: [['on', 100_000]] } });
    expect(unfit).toMatchObject({ status: 422, body: { code: 'invalid' } });
    const pairs = [
      ['off', 95_000],
      ['on', 100_000],
    ];
    const moved = await importing({ 'search.rank': { fallthrough: pairs } });
    expect(moved).toMatchObject({ status: 200, body: { effects: [{ flags: { 'search.rank': 'move' } }] } });
    const { body: after } = await api.ask('GET /v1/export');
    expect(after.environments.production.ranges.flags['search.rank']).toEqual({ fallthrough: pairs });
  });

  it('has no key both in its archive and outside', async () => {
    const { ask } = await foundedApi();
    const { environments } = (await ask('GET /v1/export')).body;
    const { flags } = environments.production.authored;
    const archived = { flags: { 'ui.gate': flags['ui.gate'] } };
    const body = { environments: { ...environments, production: { ...environments.production, archived } }, ...why };
    expect(await ask('POST /v1/import', { body })).toMatchObject({
      status: 422,
      body: {
        issues: [
          { path: 'body.environments.production.archived.flags.ui.gate', message: expect.stringContaining('both') },
        ],
      },
    });
  });
});

/** Environments without items: who may change those is said by policies that come with them. */
const mapped = (environments: Record<string, { body: object }>): object =>
  Object.fromEntries(Object.entries(environments).map(([key, { body }]) => [key, { body, authored: {} }]));

describe('a preview', () => {
  it('says who of a sample would be served something else', async () => {
    const { ask, control } = await foundedApi();
    const before = control.status().entries;
    const put = (await ask(`GET ${PRODUCTION}/segments/mine`)).body;
    const operations = [
      {
        op: 'put',
        kind: 'segment',
        environment: 'production',
        key: 'mine',
        base: 1,
        body: { ...put.body, included: ['m-2'] },
      },
    ];
    const contexts = [{ targetingKey: 'm-1' }, { targetingKey: 'm-2' }, { targetingKey: 'nobody' }];
    const answer = await ask('POST /v1/preview', { body: { environment: 'production', operations, contexts } });
    expect(answer.body.flags).toMatchObject([
      {
        flag: 'ui.banner',
        changed: [
          { context: 0, after: { variation: 'off' } },
          { context: 1, after: { variation: 'on', rule: 'mine' } },
        ],
      },
    ]);
    expect(control.status().entries).toBe(before);
    const many = { environment: 'production', operations, contexts: Array(1_001).fill({}) };
    expect((await ask('POST /v1/preview', { body: many })).status).toBe(422);
  });
});
