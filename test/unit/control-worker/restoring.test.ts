/** B56: an organisation is restored from its exported log, by a control plane that has nothing else. */
import { describe, expect, it } from 'vitest';
import { signCheckpoint } from '#control/audit/checkpoint';
import { checkpointLine } from '#control/audit/export-line';
import { itemId } from '#control/item';
import { sortedEntries } from '#control/persistent-map';
import { digestOfText } from '#ruleset/write/digest';
import { newKeys } from '../control/audit/fixtures/audit-log.ts';
import {
  archive,
  ask,
  environmentPut,
  itemOf as itemOfState,
  op,
  put,
  requestsOf,
} from '../control/fixtures/organisation.ts';
import { anotherEverybody, editor, everybody } from '../control/fixtures/people.ts';
import { rampFlag } from '../fixtures/authored.ts';
import { apiOver, newApi, type TestApi } from './fixtures/api.ts';
import {
  createTestControl,
  exportOf,
  forceLines,
  foundedControl,
  keys,
  ORIGIN,
  plain,
  type TestControl,
  verified,
} from './fixtures/control.ts';
import type { TestPublisher } from './fixtures/publisher.ts';

type Except = { kind: 'sdk-key' | 'service-token'; key: string };

const HERE = `${ORIGIN}/second`;
const flag = (percent: number) => rampFlag(percent, { salt: 'salt-rank' });

/** Something of each kind has happened to it, all of it published and signed. */
async function first(): Promise<TestControl> {
  const control = await foundedControl();
  await control.accept(ask([put('flag', 'search.rank2', 0, flag(5))]));
  await control.accept(ask([put('flag', 'search.rank2', 1, flag(10))]));
  await control.accept(ask([archive('segment', 'unused', 1)]));
  await control.accept(ask([put('flag', 'search.rank2', 2, flag(20))], { apply: 'by-hand' }));
  await control.calm();
  return control;
}

const second = (publisher?: TestPublisher): TestControl =>
  createTestControl({ origin: HERE, ...(publisher && { publisher }) });

const lines = (text: string): string[] => text.split(/(?<=\n)/);
const entriesIn = (text: string): string[] => lines(text).filter((line) => line.startsWith('{"hash"'));

async function restored(from: string, to: TestControl, portion = 3): Promise<{ entries: number; proven: number }> {
  let last = { entries: 0, proven: 0 };
  for (let at = 0; at < lines(from).length; at += portion) {
    const added = await to.restoring.add(
      lines(from)
        .slice(at, at + portion)
        .join(''),
    );
    if (!added.ok) throw new Error(JSON.stringify(added.error));
    last = added.value;
  }
  return last;
}

const finish = (so: { entries: number; proven: number }, keys: 'keep' | 'revoke' = 'keep', except: Except[] = []) =>
  ({ type: 'finish-restore', ...so, keys, except, justification: 'The first home is lost.' }) as const;

describe('B56: restored from its log', () => {
  it('an organisation is what it was, goes on behind its log, and proves all of it under its new name', async () => {
    const lost = await first();
    const text = exportOf(lost);
    let control = second(lost.publisher);
    const half = Math.floor(lines(text).length / 2);
    await restored(lines(text).slice(0, half).join(''), control);
    // Between two pages it may end; and whoever sends a page once more does no harm.
    control = control.restarted();
    const so = await restored(
      lines(text)
        .slice(half - 2)
        .join(''),
      control,
    );
    const { entries } = lost.status();
    expect(so).toEqual({ entries, proven: entries });
    await control.accept(finish(so));
    expect(plain(control.state())).toBe(plain(lost.state()));
    expect(forceLines(control.state())).toBe(lost.publisher.lines());
    await control.accept(ask([put('flag', 'search.rank2', 2, flag(30))]));
    await control.calm();
    expect(forceLines(control.state())).toBe(control.publisher.lines());
    const whole = exportOf(control);
    expect(entriesIn(whole).slice(0, entries)).toEqual(entriesIn(text));
    const { entries: all } = control.status();
    expect(all).toBeGreaterThan(entries + 1);
    expect(await verified(whole, [keys.named(HERE).verifier])).toMatchObject({ ok: true, entries: all, proven: all });
    expect(plain(control.reread().state())).toBe(plain(control.state()));
  });

  it('what publishers have done behind the end of the export is taken over, and no version is there twice', async () => {
    const lost = await first();
    const text = exportOf(lost);
    const before = lost.publisher.version();
    await lost.accept(ask([put('flag', 'search.rank2', 2, flag(30))]));
    await lost.calm();
    const ahead = lost.publisher.version();
    expect(ahead).toBeGreaterThan(before);
    const control = second(lost.publisher);
    await control.accept(finish(await restored(text, control)));
    expect(control.status().environments).toMatchObject([
      { environment: 'production', version: ahead, frozen: false },
      { environment: 'staging' },
    ]);
    expect(forceLines(control.state())).toBe(lost.publisher.lines());
    const { revision } = itemOf(control, itemId('flag', 'search.rank2'));
    await control.accept(ask([put('flag', 'search.rank2', revision, flag(40))]));
    await control.calm();
    expect(control.publisher.version()).toBeGreaterThan(ahead);
    expect(forceLines(control.state())).toBe(control.publisher.lines());
  });

  it('nothing else is taken, published or signed before it is finished, and only by an admin who names what came', async () => {
    const lost = await first();
    const control = second();
    const so = await restored(exportOf(lost), control);
    const later = ask([put('flag', 'search.rank2', 2, flag(30))]);
    expect(await control.ask(later)).toMatchObject({ error: { code: 'restoring' } });
    expect(control.dueAt()).toBeUndefined();
    await control.tend();
    expect([control.publisher.requests.length, control.status().signed]).toEqual([0, 0]);
    expect(await control.ask(finish({ ...so, entries: so.entries - 1 }))).toMatchObject({
      error: { code: 'restored-otherwise', entries: so.entries },
    });
    expect(await control.ask(finish(so), editor)).toMatchObject({ error: { code: 'not-allowed' } });
    expect((await control.ask(finish(so))).ok).toBe(true);
    expect(await control.ask(finish(so))).toMatchObject({ error: { code: 'not-restoring' } });
  });

  it('a page without an entry begins nothing: the organisation can still be founded', async () => {
    const control = second();
    expect(await control.restoring.add('')).toEqual({ ok: true, value: { entries: 0, proven: 0 } });
    const operations = [environmentPut('production')];
    expect(await control.ask({ type: 'found', operations, justification: 'To begin with.' })).toMatchObject({
      ok: true,
    });
  });

  it('only what has nothing yet is restored', async () => {
    const lost = await first();
    expect(await lost.restoring.add(exportOf(lost))).toEqual({ ok: false, error: { code: 'has-begun' } });
  });

  it.each<[string, (all: string[]) => string[], object]>([
    [
      'an entry that was edited',
      (all) => all.map((line) => line.replace('"Because."', '"Because!"')),
      { code: 'unfit-log', message: expect.stringContaining('is not what was logged') },
    ],
    ['one that is missing', (all) => all.filter((_, at) => at !== 1), { code: 'unfit-log', line: 2 }],
    ['two in another order', ([a = '', b = '', c = '', ...all]) => [a, c, b, ...all], { code: 'unfit-log', line: 2 }],
    ['an empty line', (all) => ['\n', ...all], { code: 'unfit-log', line: 1 }],
    ['a line that is cut', (all) => [...all.slice(0, 1), `${all[1]?.slice(0, 40)}\n`], { code: 'unfit-log', line: 2 }],
    ['no log', () => ['{"a":1}\n'], { code: 'unfit-log', line: 1 }],
  ])('%s is not taken, and nothing of its page', async (_, change, error) => {
    const text = entriesIn(exportOf(await first()));
    const control = second();
    expect(await control.restoring.add(change(text).join(''))).toMatchObject({ ok: false, error });
    expect(control.reread().status().entries).toBe(0);
  });

  it('an event of a later version is not passed over', async () => {
    const { sealAll, entryOf } = await import('../control/audit/fixtures/audit-log.ts');
    const { entryLine } = await import('#control/audit/export-line');
    const [leaf] = sealAll([entryOf(0, { events: [{ type: 'flag-renamed' }] })]);
    const added = await second().restoring.add(entryLine(leaf as { hash: string; text: string }));
    expect(added).toMatchObject({ error: { code: 'unfit-log', message: expect.stringContaining('flag-renamed') } });
  });

  it('checkpoints count that a key of this control plane has signed, under the name of another log, of what is here', async () => {
    const lost = await first();
    const text = exportOf(lost);
    const entries = entriesIn(text).join('');
    const { size, root } = { size: entriesIn(text).length, root: 'A'.repeat(43) };
    const signedBy = async (signer: (typeof keys)['signer'], origin: string, size_ = size) =>
      checkpointLine(await signCheckpoint({ origin, size: size_, root }, [signer]));
    const wrong = { ok: false, error: { code: 'unfit-checkpoint' } };
    const foreign = await newKeys(ORIGIN);
    for (const note of [
      await signedBy(foreign.signer, ORIGIN),
      await signedBy(keys.signer, ORIGIN),
      await signedBy(keys.signer, ORIGIN, size + 1),
      await signedBy(keys.named(HERE).signer, HERE),
    ]) {
      const control = second();
      expect(await control.restoring.add(entries + note)).toMatchObject(wrong);
      expect(control.reread().status().entries).toBe(0);
    }
    const same = createTestControl({});
    expect(await same.restoring.add(text)).toMatchObject({
      error: { code: 'unfit-checkpoint', message: expect.stringContaining('AUDIT_ORIGIN') },
    });
    const unsigned = second();
    expect(await restored(entries, unsigned)).toEqual({ entries: size, proven: 0 });
  });
});

const secretOf = (name: string): string => `ls_marketplace.${name}.${'A'.repeat(43)}`;

/** A log with keys and tokens, of which the last of each was revoked behind its end. */
async function withSecrets(): Promise<{ readonly lost: TestControl; readonly text: string }> {
  const lost = await first();
  const sdkKey = { kind: 'server', environment: 'production', namespaces: ['*'] };
  const token = { owner: 'olga', roles: everybody.roles, scopes: everybody.scopes };
  const made = ['good', 'leaked'].flatMap((key) => [
    op({
      ...{ op: 'create', kind: 'sdk-key', key, base: 0 },
      body: { ...sdkKey, service: key, sha256: digestOfText(`sdk ${key}`) },
    }),
    op({ op: 'create', kind: 'service-token', key, base: 0, body: { ...token, sha256: digestOfText(secretOf(key)) } }),
  ]);
  await lost.accept(ask(made));
  const request = requestsOf(lost.state()).find(({ change }) => change.operations.length === made.length);
  await lost.accept({ type: 'approve', request: request?.id ?? '', hash: request?.hash ?? '' }, anotherEverybody);
  await lost.calm();
  const text = exportOf(lost);
  const revoked = (['sdk-key', 'service-token'] as const).map((kind) =>
    op({ op: 'revoke', kind, key: 'leaked', base: 1 }),
  );
  await lost.accept(ask(revoked));
  await lost.calm();
  return { lost, text };
}

const keysIn = (control: TestControl): string[] => [
  ...sortedEntries(control.state().sdkKeys).map(([key]) => `sdk-key:${key}`),
  ...sortedEntries(control.state().serviceTokens).map(([key]) => `service-token:${key}`),
];

describe('B56: keys and tokens of a log that was taken over', () => {
  const leaked: Except[] = [
    { kind: 'sdk-key', key: 'leaked' },
    { kind: 'service-token', key: 'leaked' },
  ];
  const good = leaked.map(({ kind }): Except => ({ kind, key: 'good' }));
  const onlyGood = ['sdk-key:good', 'service-token:good'];

  it.each<[string, 'keep' | 'revoke', Except[], string[]]>([
    ['are kept but for those that are named', 'keep', leaked, onlyGood],
    ['are revoked but for those that are named', 'revoke', good, onlyGood],
    ['are all revoked', 'revoke', [], []],
    ['are all kept', 'keep', [], ['sdk-key:good', 'sdk-key:leaked', 'service-token:good', 'service-token:leaked']],
  ])('%s, and none that is revoked is published', async (_, what, except, left) => {
    const { lost, text } = await withSecrets();
    const control = second(lost.publisher);
    await control.accept(finish(await restored(text, control, 50), what, except));
    await control.calm();
    expect(keysIn(control)).toEqual(left);
    const { lines: published } = lost.publisher.keys;
    for (const key of ['good', 'leaked'])
      if (!left.includes(`sdk-key:${key}`)) expect(published).not.toContain(digestOfText(`sdk ${key}`));
    expect(plain(control.reread().state())).toBe(plain(control.state()));
  });

  it('that are named must be there', async () => {
    const { text } = await withSecrets();
    const control = second();
    const so = await restored(text, control, 50);
    const unknown = await control.ask(finish(so, 'keep', [{ kind: 'sdk-key', key: 'leeked' }]));
    expect(unknown).toMatchObject({ error: { code: 'not-found', what: 'sdk-key', key: 'leeked' } });
    expect(control.status().entries).toBe(so.entries);
  });

  it('are nobody’s before it is finished: a token of the log can neither read, nor finish it, nor give it up', async () => {
    const { text } = await withSecrets();
    const api = apiOver(second(), newApi().ports);
    const so = await restored(text, api.control, 50);
    const asToken = (what: string, body?: object) =>
      api.ask(what, { as: null, ...(body && { body }), headers: { authorization: `Bearer ${secretOf('leaked')}` } });
    expect((await asToken('GET /v1/me')).status).toBe(401);
    const { type: _type, ...end } = finish(so);
    expect((await asToken('POST /v1/organisation/restore/finish', end)).status).toBe(401);
    expect((await asToken('POST /v1/organisation/restore/abandon', { entries: so.entries })).status).toBe(401);
    await api.control.accept(finish(so, 'keep'));
    expect((await asToken('GET /v1/me')).status).toBe(200);
  });
});

describe('over the API', () => {
  const post = (api: TestApi, path: string, body: string, type = 'application/x-ndjson', as = everybody) =>
    api.ask(`POST ${path}`, { as, body, headers: { 'content-type': type } });

  it('B56: it is restored page by page by an admin, and by nobody else', async () => {
    const text = exportOf(await first());
    const { ports } = newApi();
    const api = apiOver(second(), ports);
    const path = '/v1/organisation/restore';
    expect((await post(api, path, text, 'application/x-ndjson', editor)).status).toBe(403);
    expect((await post(api, path, text, 'application/json')).status).toBe(415);
    expect(await post(api, path, text.slice(0, -9))).toMatchObject({ status: 422, body: { code: 'unfit-log' } });
    const { status, body } = await post(api, path, text);
    expect([status, body.entries]).toEqual([200, body.proven]);
    const put_ = { body: { name: 'S' }, justification: 'So.' };
    expect(await api.ask('PUT /v1/projects/late', { body: put_, headers: { 'if-none-match': '*' } })).toMatchObject({
      ...{ status: 409, body: { code: 'restoring' } },
    });
    const end = { ...body, keys: 'keep', justification: 'The first home is lost.' };
    expect(await api.ask(`POST ${path}/finish`, { body: end, as: editor })).toMatchObject({ status: 403 });
    const { keys: _keys, ...undecided } = end;
    expect(await api.ask(`POST ${path}/finish`, { body: undecided })).toMatchObject({
      ...{ status: 422, body: { issues: [{ path: 'body.keys' }] } },
    });
    expect(await api.ask(`POST ${path}/finish`, { body: end })).toMatchObject({
      status: 200,
      body: { status: 'applied' },
    });
    expect(await post(api, path, text)).toMatchObject({ status: 409, body: { code: 'has-begun' } });
    expect((await api.ask('GET /v1/audit?limit=1')).body.items).toMatchObject([{ action: 'organisation.restore' }]);
  });

  it('B56: one with the wrong log is given up, by an admin who names what came, and another is taken', async () => {
    const text = exportOf(await first());
    const wrong = exportOf(await foundedControl());
    const api = apiOver(second(), newApi().ports);
    const path = '/v1/organisation/restore';
    const abandon = (entries: number, as = everybody) => api.ask(`POST ${path}/abandon`, { body: { entries }, as });
    expect(await abandon(1)).toMatchObject({ status: 409, body: { code: 'not-restoring' } });
    const { entries } = (await post(api, path, wrong)).body;
    expect(await abandon(entries, editor)).toMatchObject({ status: 403 });
    expect(await abandon(entries + 1)).toMatchObject({ status: 409, body: { code: 'restored-otherwise', entries } });
    expect(await abandon(entries)).toMatchObject({ status: 200, body: { entries } });
    for (const one of [api.control, api.control.reread()]) {
      expect(one.status().entries).toBe(0);
      expect(plain(one.state())).toBe(plain(second().state()));
      expect(one.executing.held().restoring).toBeUndefined();
    }
    expect((await api.ask('GET /v1/audit')).body.items).toEqual([]);
    const taken = await post(api, path, text);
    await api.control.accept(finish(taken.body));
    expect(await abandon(taken.body.entries)).toMatchObject({ status: 409, body: { code: 'not-restoring' } });
    expect(() => api.control.storage.sql.exec('DELETE FROM log')).toThrow(/only added to/);
    expect(entriesIn(exportOf(api.control)).slice(0, taken.body.entries)).toEqual(entriesIn(text));
  });

  it('a page that was still looked at when the rest was given up is not taken behind another', async () => {
    const text = exportOf(await first());
    const control = second();
    const so = await restored(lines(text).slice(0, 2).join(''), control);
    const late = control.restoring.add(lines(text).slice(2).join(''));
    expect(control.restoring.abandon(so.entries)).toMatchObject({ ok: true });
    expect(await late).toMatchObject({ error: { code: 'restored-otherwise' } });
    expect(control.reread().status().entries).toBe(0);
  });
});

const itemOf = (control: TestControl, id: string) => itemOfState(control.state(), id);
