/** The outbox: in order, coalesced, until it is acknowledged, whatever the publisher does meanwhile. */
import { describe, expect, it } from 'vitest';
import { digestOfText } from '#ruleset/write/digest';
import { entryLines, parseLines } from '#ruleset/write/line';
import { failedParcel } from '../../../workers/control/parcel.ts';
import { ask, itemOf, put } from '../control/fixtures/organisation.ts';
import { editor, uiOnly } from '../control/fixtures/people.ts';
import { rampFlag } from '../fixtures/authored.ts';
import {
  exportOf,
  foldedElsewhere,
  forceLines,
  foundedControl,
  plain,
  type TestControl,
  waitingLines,
} from './fixtures/control.ts';
import { createTestPublisher } from './fixtures/publisher.ts';

const rank = (percent: number, base: number) =>
  ask([put('flag', 'search.rank', base, rampFlag(percent, { salt: 'search-rank' }))]);
const banner = (percent: number, base: number) =>
  ask([put('flag', 'ui.banner', base, rampFlag(percent, { salt: 'ui-banner' }))]);

const production = (control: TestControl) => control.status().environments[0]!;
const generations = ({ publisher }: TestControl): (string | undefined)[] =>
  publisher.requests.map(({ reason }) => reason);

/** What is in force is what the log comes to, for whoever folds it, and nothing waits. */
function expectInForce(control: TestControl): void {
  expect(production(control).frozen).toBe(false);
  expect(production(control).waiting).toBeUndefined();
  expect(forceLines(control.state())).toBe(control.publisher.lines());
  const elsewhere = foldedElsewhere(exportOf(control));
  expect(plain(elsewhere)).toBe(plain(control.state()));
  expect(forceLines(elsewhere)).toBe(control.publisher.lines());
}

/** What of the publisher's journal was taken over, import by import. */
function journalIn(text: string): unknown[] {
  const leaves = text.split('\n').filter((line) => line.includes('"type":"journal-imported"'));
  return leaves.map((line) => JSON.parse(line).leaf.entry.events.find(isImport).entries);
}
const isImport = ({ type }: { readonly type: string }): boolean => type === 'journal-imported';

describe('the outbox', () => {
  it('publishes behind the answer, and writes down the version and the digest', async () => {
    const control = await foundedControl();
    const { publish } = control.publisher;
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    control.publisher.publish = async (...request) => {
      await arrived;
      return publish.apply(control.publisher, request);
    };
    expect(await control.ask(rank(60, 1), editor)).toMatchObject({ ok: true });
    // Whoever asks is answered before, and the log has it.
    expect(control.status()).toMatchObject({
      entries: 3,
      environments: [{ version: 1, waiting: { attempts: 0 } }, {}],
    });
    arrive();
    await control.settled();
    expectInForce(control);
    const last = JSON.parse(exportOf(control).trim().split('\n').at(-1) as string) as {
      leaf: { entry: { action: string; actor: object; events: object[] } };
    };
    expect(last.leaf.entry).toMatchObject({
      action: 'publish.acknowledge',
      actor: { id: 'lockstep', kind: 'system', via: 'outbox' },
      events: [{ type: 'published', version: 2, digest: digestOfText(control.publisher.lines()) }],
    });
  });

  it('publishes nothing for what alters no payload', async () => {
    const control = await foundedControl();
    const order = put('flag', 'search.rank', 1, rampFlag(5, { salt: 'search-rank' }), {
      people: { owner: 'erin', tags: [] },
    });
    await control.accept(ask([order]), editor);
    expect(itemOf(control.state(), 'search.rank').revision).toBe(2);
    expect(control.publisher.requests).toHaveLength(1);
    expectInForce(control);
  });

  it('says that config is frozen while the publisher is dark, and goes on', async () => {
    const control = await foundedControl();
    control.publisher.fault = 'down';
    expect((await control.accept(rank(60, 1), editor)).frozen).toEqual([]);
    expect(production(control)).toMatchObject({ frozen: true, waiting: { attempts: 1, trouble: { kind: 'dark' } } });
    const people = put('flag', 'ui.gate', 1, itemOf(control.state(), 'ui.gate').body, {
      people: { owner: 'uma', tags: [] },
    });
    expect((await control.accept(ask([people]), uiOnly)).frozen).toEqual(['production']);
    expect((await control.accept(rank(70, 2), editor)).frozen).toEqual(['production']);
    expect(production(control.reread())).toEqual(production(control));
    control.publisher.fault = 'none';
    await control.calm();
    expectInForce(control);
  });

  it('sends what it tried just so, and then the newest alone', async () => {
    const control = await foundedControl();
    control.publisher.fault = 'lost';
    await control.accept(rank(60, 1), editor);
    for (const percent of [61, 62, 63, 64]) await control.accept(rank(percent, percent - 59), editor);
    control.publisher.fault = 'none';
    await control.restarted().calm();
    expect([...new Set(generations(control))]).toEqual(['generation 1', 'generation 2', 'generation 6']);
    expect(new Set(control.publisher.requests.slice(1, -1).map(({ lines, base }) => `${base} ${lines()}`)).size).toBe(
      1,
    );
    expect(control.publisher.published()).toBe(3);
    expectInForce(control.reread());
  });

  it('puts the newest in the place of what was refused, at once', async () => {
    const control = await foundedControl();
    control.publisher.fault = 'refuses';
    await control.accept(rank(60, 1), editor);
    await control.alarm();
    await control.alarm();
    expect(production(control)).toMatchObject({
      frozen: true,
      waiting: { trouble: { kind: 'refused', message: 'no' } },
    });
    control.publisher.fault = 'none';
    const refused = control.publisher.requests.length;
    await control.accept(rank(61, 2), editor);
    expect(generations(control).slice(refused)).toEqual(['generation 3']);
    expect(control.publisher.published()).toBe(2);
    expectInForce(control);
  });

  it('backs off up to a minute with full jitter, and not for a return', async () => {
    const waits = [0, 1, 2, 5, 6, 30].map((attempts) => {
      const parcel = { attempts, since: 0, nextAt: 0 };
      return failedParcel(parcel, { kind: 'dark', message: '' }, 1_000, 0.999_999).nextAt - 1_000;
    });
    expect(waits).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
    const control = await foundedControl();
    await control.accept(rank(60, 1), editor);
    control.publisher.fault = 'down';
    await control.accept(banner(90, 1), uiOnly);
    for (let turn = 0; turn < 8; turn++) await control.alarm();
    const { waiting } = production(control);
    expect(waiting?.nextAt).toBeGreaterThan(control.clock.now);
    control.publisher.fault = 'none';
    // Another change waits for its time ...
    await control.accept(banner(91, 2), uiOnly);
    expect(control.publisher.requests).toHaveLength(2);
    // ... and what was once in force does not.
    await control.accept(rank(5, 2), editor);
    expectInForce(control);
  });

  it('lets a return wait for no backoff either that came while an attempt was under way', async () => {
    const control = await foundedControl();
    await control.accept(rank(60, 1), editor);
    const { publish } = control.publisher;
    let fail = (): void => undefined;
    control.publisher.publish = () =>
      new Promise((resolve) => {
        fail = () => resolve({ kind: 'dark', message: 'cut' });
      });
    await control.ask(banner(90, 1), uiOnly);
    await control.ask(rank(5, 2), editor);
    control.publisher.publish = publish;
    fail();
    await control.settled();
    expectInForce(control);
  });

  it('takes over a return by break-glass before it publishes again, and what goes with it', async () => {
    const control = await foundedControl();
    await control.accept(rank(60, 1), editor);
    control.publisher.returnTo({ flags: ['search.rank'], reason: 'Errors.' });
    await control.accept(banner(90, 1), uiOnly);
    await control.calm();
    expectInForce(control);
    expect(itemOf(control.state(), 'search.rank').body).toMatchObject({
      fallthrough: { split: { weights: { on: 5 } } },
    });
    expect(control.publisher.requests.at(-1)).toMatchObject({ acknowledge: 3, base: 3 });
    expect(exportOf(control)).toContain('"reason":"Errors."');
  });

  it('acknowledges what was taken though its answer was lost, also where a return came on top of it', async () => {
    const control = await foundedControl();
    await control.accept(rank(60, 1), editor);
    control.publisher.fault = 'lost';
    await control.accept(banner(90, 1), uiOnly);
    control.publisher.fault = 'none';
    control.publisher.returnTo({ flags: ['search.rank'], reason: 'Errors.' });
    await control.calm();
    expectInForce(control);
    expect(production(control)).toMatchObject({ version: 4 });
    // Its own publish is in the log already.
    expect(journalIn(exportOf(control))).toMatchObject([[{ id: 4, kind: 'return', version: 4 }]]);
    const actions = [...exportOf(control).matchAll(/"action":"(publish[^"]*)"/g)].map(([, action]) => action);
    expect(actions).toEqual([
      'publish.acknowledge',
      'publish.acknowledge',
      'publish.acknowledge',
      'publish.import-journal',
    ]);
  });

  it('takes over what another writer has put in force, and publishes its own on top', async () => {
    const control = await foundedControl();
    control.publisher.fault = 'down';
    await control.accept(banner(90, 1), uiOnly);
    control.publisher.fault = 'none';
    const entries = parseLines(control.publisher.lines()).filter(({ k }) => k !== 'billing.pay');
    control.publisher.intrude(entryLines(entries));
    await control.calm();
    expectInForce(control);
    expect(control.publisher.version()).toBe(3);
    expect(control.publisher.lines()).not.toContain('billing.pay');
    expect(itemOf(control.state(), 'billing.pay').archived).toBe(true);
    expect(parseLines(control.publisher.lines()).find(({ k }) => k === 'ui.banner')).toMatchObject({
      f: [0, [1, 90_000, 0, 100_000]],
    });
  });

  it('takes over a long journal in parts, and none of one that does not end with what is in force', async () => {
    const control = await foundedControl();
    control.publisher.fault = 'down';
    await control.accept(banner(90, 1), uiOnly);
    control.publisher.fault = 'none';
    control.publisher.intrude(entryLines(parseLines(control.publisher.lines()).filter(({ k }) => k !== 'billing.pay')));
    const { news } = control.publisher;
    let lag = 1;
    control.publisher.news = async (...asked) => {
      const told = await news.apply(control.publisher, asked);
      if (told.kind !== 'news') return told;
      const [first] = told.entries.filter(({ version }) => version === told.version);
      const entries = Array.from({ length: 1_500 }, (_, at) => ({
        ...first!,
        id: first!.id + at,
        kind: 'resign' as const,
      }));
      return { ...told, entries, version: told.version + lag };
    };
    await control.alarm();
    await control.alarm();
    expect(production(control)).toMatchObject({
      frozen: true,
      waiting: { trouble: { message: expect.stringContaining('meanwhile') } },
    });
    expect(journalIn(exportOf(control))).toEqual([]);
    lag = 0;
    await control.alarm();
    expect(journalIn(exportOf(control))).toMatchObject([{ length: 1_000 }, { length: 500 }]);
  });

  it('is estranged where the publisher knows nothing of what it had in force, and says so', async () => {
    const control = await foundedControl();
    await control.accept(rank(60, 1), editor);
    const empty = createTestPublisher(() => control.clock.now);
    Object.assign(control.publisher, { publish: empty.publish.bind(empty), news: empty.news.bind(empty) });
    await control.accept(banner(90, 1), uiOnly);
    expect(production(control)).toMatchObject({
      frozen: true,
      waiting: { trouble: { kind: 'estranged', message: expect.stringContaining('the log knows version 2') } },
    });
    expect(waitingLines(control.state())).not.toBe(forceLines(control.state()));
  });
});
