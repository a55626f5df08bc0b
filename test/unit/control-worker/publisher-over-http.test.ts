/** The outbox against the publisher itself, over its HTTP API. */
import { createHash } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ok } from '#schema/result';
import { createPublishersOverHttp } from '../../../workers/control/publisher-over-http.ts';
import type { PublisherPort } from '../../../workers/control/publisher-port.ts';
import { createApp } from '../../../workers/publisher/app.ts';
import { ask, itemOf, op, put } from '../control/fixtures/organisation.ts';
import { admin, editor } from '../control/fixtures/people.ts';
import { rampFlag, textFlag } from '../fixtures/authored.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';
import { createPress, pressPort, type TestPress, useClock, valueIn } from '../publisher/fixtures/press.ts';
import { createTestControl, exportOf, forceLines, found, type TestControl } from './fixtures/control.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(useClock);
afterEach(() => {
  vi.useRealTimers();
});

const KEY = 'ls_publisher_test';
const ADDRESS = { url: 'https://publisher.example', key: KEY };

function publisherOf(press: TestPress, heard: (body: object) => void = () => {}, isLost = () => false): PublisherPort {
  const sha256 = createHash('sha256').update(KEY).digest('base64url');
  const app = createApp(() => pressPort(press), { keys: [{ sha256, kind: 'publisher', name: 'control' }] });
  const addresses = new Map([['production', ADDRESS]]);
  const fetch = async (request: Request): Promise<Response> => {
    if (request.method === 'POST') heard(await request.clone().json());
    const answer = await app.fetch(request);
    if (request.method === 'POST' && isLost()) throw new TypeError('the connection was lost');
    return answer;
  };
  return createPublishersOverHttp({ addresses, fetch });
}

/** A control plane whose outbox asks that publisher. */
function controlOver(publisher: PublisherPort): TestControl {
  const control = createTestControl();
  Object.assign(control.publisher, publisher);
  return control;
}

const rank = (percent: number, base: number) =>
  ask([put('flag', 'search.rank', base, rampFlag(percent, { salt: 'search-rank' }))]);
const second = (): void => void vi.setSystemTime(Date.now() + 1_000);

describe('the outbox and the publisher', () => {
  it('agree on every version, to the letter', async () => {
    const press = createPress(signer);
    const control = controlOver(publisherOf(press));
    await control.accept(found);
    for (const percent of [60, 61, 62]) {
      second();
      await control.accept(rank(percent, percent - 59), editor);
    }
    const { version, lines } = valueIn(await press.lines());
    expect(control.status().environments[0]).toMatchObject({ version, frozen: false });
    expect([version, forceLines(control.state())]).toEqual([4, lines]);
    expect(press.journal(0, 10).entries.at(-1)).toMatchObject({ actor: 'control', reason: 'generation 4' });
  });

  it('agree on every document of SDK keys', async () => {
    const press = createPress(signer);
    const control = controlOver(publisherOf(press));
    await control.accept(found);
    const change = (operation: object) =>
      control.accept(ask([op({ kind: 'sdk-key', key: 'shop', ...operation })]), admin);
    const body = {
      kind: 'server',
      service: 'shop',
      environment: 'production',
      namespaces: ['*'],
      sha256: 'x'.repeat(43),
    };
    const before = valueIn(await press.putKeys({ lines: '' }, 'somebody'));
    for (const [operation, keys] of [
      [{ op: 'create', base: 0, body }, 1],
      [{ op: 'rotate', base: 1, sha256: 'y'.repeat(43), overlapMs: 60_000 }, 2],
      [{ op: 'revoke', base: 2 }, 0],
    ] as const) {
      second();
      await change(operation);
      const { version } = press.keys();
      expect(press.keys()).toMatchObject({ keys });
      expect(control.status().environments[0]?.keys).toEqual({ version });
    }
    expect(press.keys().version).toBe(before.version + 3);
    expect(press.keysJournal(0, 10).entries.at(-1)).toMatchObject({ actor: 'control', kind: 'publish' });
  });

  it('agree again after a return by break-glass', async () => {
    const press = createPress(signer);
    const control = controlOver(publisherOf(press));
    await control.accept(found);
    second();
    await control.accept(rank(60, 1), editor);
    second();
    valueIn(await press.returnTo({ flags: ['search.rank'], reason: 'Errors.' }, 'on call'));
    second();
    await control.accept(ask([put('flag', 'search.new', 0, rampFlag(1, { salt: 'search-new' }))]), editor);
    await control.calm();
    const { version, lines } = valueIn(await press.lines());
    expect([version, forceLines(control.state())]).toEqual([4, lines]);
    expect(itemOf(control.state(), 'search.rank').body).toMatchObject({
      fallthrough: { split: { weights: { on: 5 } } },
    });
    expect((await press.status()).unacknowledged).toBe(0);
  });

  describe('where a session flag is expanded first', () => {
    const fares = (names: readonly string[], base: number, fields: object = {}) =>
      ask(
        [put('flag', 'search.fares', base, textFlag(names, { salt: 'search-fares', consistency: 'session' }))],
        fields,
      );

    /** A stream where everybody takes what there is, but that somebody lacks what a version needs while that is so. */
    async function withStream(isLost = () => false) {
      const state = { isBehind: true };
      const behind = { places: [{ region: 'dub', cloud: 'azure', instances: 1 }], targets: [] };
      const offer = async (_edition: unknown, _audience: unknown, { needs }: { readonly needs?: unknown }) =>
        needs !== undefined && state.isBehind
          ? ok({ verdict: 'behind' as const, asked: 0, refusals: [], behind })
          : ok({ verdict: 'applied' as const, asked: 1, refusals: [] });
      const press = createPress(signer, { stream: { offers: { offer }, soakMs: 5_000 } });
      const control = controlOver(publisherOf(press, () => {}, isLost));
      const pass = async (): Promise<void> => {
        for (const seconds of [6, 11, 6]) {
          vi.setSystemTime(Date.now() + seconds * 1_000);
          await press.tend();
        }
      };
      await control.accept(found);
      await pass();
      await control.accept(fares(['old'], 0), editor);
      state.isBehind = false;
      await pass();
      state.isBehind = true;
      expect([press.store.released()?.version, control.status().environments[0]?.version]).toEqual([3, 3]);
      return { press, control, pass, state };
    }

    async function expectAgreed(press: TestPress, control: TestControl, version: number): Promise<void> {
      const inForce = valueIn(await press.lines());
      expect([inForce.version, forceLines(control.state())]).toEqual([version, inForce.lines]);
      expect(control.status().environments[0]).toMatchObject({ version, frozen: false });
    }

    it('agree on the version that was asked for, while it waits and behind that', async () => {
      const { press, control, pass, state } = await withStream();
      await control.accept(fares(['new', 'old'], 1), editor);
      await expectAgreed(press, control, 5);
      await pass();
      expect(press.store.released()?.version).toBe(4);
      await control.accept(rank(60, 1), editor);
      await expectAgreed(press, control, 7);
      state.isBehind = false;
      await pass();
      expect(press.store.released()?.version).toBe(7);
    });

    it('find their own where the answer was lost, also below a return', async () => {
      let isLost = false;
      const { press, control } = await withStream(() => isLost);
      isLost = true;
      await control.accept(fares(['new', 'old'], 1), editor);
      expect(control.status().environments[0]?.version).toBe(3);
      isLost = false;
      second();
      valueIn(await press.returnTo({ flags: ['search.fares'], reason: 'Errors.' }, 'on call'));
      await control.calm();
      await expectAgreed(press, control, 6);
      expect(itemOf(control.state(), 'search.fares').body).toMatchObject({ variations: { old: 'old' } });
    });

    it('let a flag that is named wait for nobody, with its change or behind that, and nobody else’s', async () => {
      const { press, control, pass } = await withStream();
      const named = { override: ['search.fares'] };
      const others = ask([put('flag', 'search.rank', 1, rampFlag(60, { salt: 'search-rank' }))], named);
      await expect(control.accept(others, editor)).rejects.toThrow('override-of-others');
      await control.accept(fares(['new', 'old'], 1), editor);
      await pass();
      expect(press.store.stage()).toMatchObject({ phase: 'waiting', needs: { 'search.fares': 4 } });
      second();
      await control.accept(fares(['new', 'old'], 2, named), editor);
      expect(press.store.stage()).not.toHaveProperty('needs');
      expect(press.journal(0, 99).entries.at(-1)).toMatchObject({ kind: 'override', ...named });
      expect(exportOf(control)).toContain('"override":["search.fares"]');
      await expectAgreed(press, control, 5);
      await pass();
      expect(press.store.released()?.version).toBe(5);
    });

    it('agree on what gives yet more while that waits, and on a kill switch, which does not', async () => {
      const { press, control, pass, state } = await withStream();
      const looked = vi.spyOn(control.publisher, 'news');
      await control.accept(fares(['new', 'old'], 1), editor);
      await expectAgreed(press, control, 5);
      second();
      await control.accept(fares(['newer', 'new', 'old'], 2), editor);
      await expectAgreed(press, control, 7);
      second();
      await control.accept(rank(60, 1), editor);
      await expectAgreed(press, control, 9);
      await pass();
      const everybodys = press.store.released();
      expect(everybodys?.version).toBe(8);
      const lineIn = (lines = '', key: string): string | undefined =>
        lines.split('\n').find((line) => line.includes(`"${key}"`));
      expect(lineIn(everybodys?.lines, 'search.rank')?.replace(/"r":\d+/, '')).toBe(
        lineIn(forceLines(control.state()), 'search.rank')?.replace(/"r":\d+/, ''),
      );
      state.isBehind = false;
      await pass();
      await expectAgreed(press, control, 9);
      expect(press.store.released()?.version).toBe(9);
      expect(looked).not.toHaveBeenCalled();
    });
  });

  it('exchange what has changed, and all lines where other ones are in force than are known here', async () => {
    const press = createPress(signer);
    const bodies: string[][] = [];
    const control = controlOver(publisherOf(press, (body) => bodies.push(Object.keys(body))));
    await control.accept(found);
    second();
    await control.accept(rank(60, 1), editor);
    const changed = ['base', 'confirm', 'reason', 'changes', 'digest'];
    const whole = ['base', 'confirm', 'reason', 'lines'];
    expect(bodies).toEqual([whole, changed]);
    second();
    valueIn(await press.returnTo({ flags: ['search.rank'], reason: 'Errors.' }, 'on call'));
    second();
    await control.accept(ask([put('flag', 'search.new', 0, rampFlag(1, { salt: 'search-new' }))]), editor);
    await control.calm();
    // Refused, refused as a whole; and once the return is taken over, what has changed is enough again.
    expect(bodies.slice(2)).toEqual([changed, whole, [...changed.slice(0, 2), 'acknowledge', ...changed.slice(2)]]);
    const { version, lines } = valueIn(await press.lines());
    expect([version, forceLines(control.state())]).toEqual([4, lines]);
  });

  it('say what is wrong where the publisher does not take it', async () => {
    const press = createPress(signer);
    const port = publisherOf(press);
    const lines = '{"k":"a.b","r":0}\n';
    expect(await port.publish('production', { base: 0, lines: () => lines, confirm: [], reason: 'x' })).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^422: /),
    });
    await press.put([]);
    const behind = { base: 7, lines: () => '', confirm: [], reason: 'x' };
    const taken = await port.publish('production', behind);
    expect(taken).toMatchObject({ kind: 'in-force', version: 1 });
    expect(await port.publish('staging', behind)).toEqual({
      kind: 'dark',
      message: 'Error: no publisher is set for staging (PUBLISHERS)',
    });
  });
});

describe('a publisher that answers what none does', () => {
  const portTo = (answer: (request: Request) => Response | Promise<Response>): PublisherPort =>
    createPublishersOverHttp({
      addresses: new Map([['production', ADDRESS]]),
      fetch: async (request) => answer(request),
    });
  const request = { base: 0, lines: () => '', confirm: [], reason: 'x' };

  it.each<[string, () => Response | Promise<Response>]>([
    ['a page of something before it', () => new Response('<html>', { status: 502 })],
    ['no JSON', () => new Response('<html>')],
    ['JSON of another form', () => Response.json({ version: '1', digest: 7, entries: {} })],
    ['that the key is none', () => Response.json({ detail: 'no' }, { status: 401 })],
    ['that it conflicts with a store', () => Response.json({ detail: 'unreadable' }, { status: 409 })],
    ['more than is read', () => new Response(new Uint8Array(21 * 1024 * 1024))],
    ['nothing', () => Promise.reject(new TypeError('connection refused'))],
  ])('is dark: %s', async (_what, answer) => {
    expect(await portTo(answer).publish('production', request)).toMatchObject({ kind: 'dark' });
    expect(await portTo(answer).news('production', 0)).toMatchObject({ kind: 'dark' });
  });

  it('is dark where it does not answer in time', async () => {
    const asked = portTo(() => new Promise(() => undefined)).publish('production', request);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await asked).toMatchObject({ kind: 'dark', message: expect.stringContaining('30 s') });
  });

  it('is not asked for the same page of its journal for ever', async () => {
    let asked = 0;
    const port = portTo(({ url }) => {
      asked += 1;
      if (!url.includes('/v1/journal')) return new Response('', { headers: { 'lockstep-version': '1', etag: '"x"' } });
      return Response.json({ entries: [], next: 0 });
    });
    expect(await port.news('production', 0)).toEqual({ kind: 'news', entries: [], version: 1, digest: 'x', lines: '' });
    expect(asked).toBe(2);
  });
});
