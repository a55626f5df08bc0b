/** B56: an organisation is restored from its exported log, by a control plane that has nothing else. */
import { describe, expect, it } from 'vitest';
import { signCheckpoint } from '#control/audit/checkpoint';
import { checkpointLine } from '#control/audit/export-line';
import { itemId } from '#control/item';
import { newKeys } from '../control/audit/fixtures/audit-log.ts';
import { archive, ask, environmentPut, itemOf as itemOfState, put } from '../control/fixtures/organisation.ts';
import { editor, everybody } from '../control/fixtures/people.ts';
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

const finish = (so: { entries: number; proven: number }) =>
  ({ type: 'finish-restore', ...so, justification: 'The first home is lost.' }) as const;

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
    const end = { ...body, justification: 'The first home is lost.' };
    expect(await api.ask(`POST ${path}/finish`, { body: end, as: editor })).toMatchObject({ status: 403 });
    expect(await api.ask(`POST ${path}/finish`, { body: end })).toMatchObject({
      status: 200,
      body: { status: 'applied' },
    });
    expect(await post(api, path, text)).toMatchObject({ status: 409, body: { code: 'has-begun' } });
    expect((await api.ask('GET /v1/audit?limit=1')).body.items).toMatchObject([{ action: 'organisation.restore' }]);
  });
});

const itemOf = (control: TestControl, id: string) => itemOfState(control.state(), id);
