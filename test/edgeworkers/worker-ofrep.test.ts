/** OFREP by `responseProvider`: on the built bundle, in the harness, as the edge Worker answers it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { FLAVOURS } from '../../scripts/akamai/bundle.ts';
import { etagOf, flagsOf } from '../e2e/fixtures/caller.ts';
import { BULK } from '../e2e/fixtures/ofrep-description.ts';
import { rawLines } from '../unit/fixtures/lines.ts';
import { FLAG, KEYS, PLACE, readerOfMarketplace } from './fixtures/deployed.ts';
import { bearer, createPops, type ServedPop, USER } from './fixtures/pop.ts';

const { served, stop } = createPops();
afterAll(stop);

const reader = readerOfMarketplace(7);

let pop: ServedPop;
beforeAll(async () => {
  pop = await served({ instances: 'mixed' });
  await pop.publish(7);
});

describe('an evaluation', () => {
  afterEach(() => {
    for (const { status, excesses, subRequests } of pop.reports.splice(0)) {
      expect([status, excesses]).toEqual(['Success', []]);
      expect(subRequests.length).toBeLessThanOrEqual(2);
    }
  });

  it('of one flag is answered as the evaluator in this process decides', async () => {
    const { value, variation, reason, revision, rule } = evaluate(reader, FLAG, createContext(USER, PLACE));
    const { status, json, headers } = await pop.server.one(FLAG, USER);
    expect([status, json]).toEqual([
      200,
      { key: FLAG, value, variant: variation, reason, metadata: { version: 7, revision, ...(rule && { rule }) } },
    ]);
    expect([headers.get('lockstep-version'), headers.get('server-timing')]).toEqual(['7', 'age;dur=0']);
    expect(headers.get('cache-control')).toBe('private, no-store');
  });

  it('of all flags is answered with each as it is by itself, and an ETag by which it is not sent again', async () => {
    const all = await pop.server.all(USER);
    expect(flagsOf(all).map(({ key }) => key)).toEqual(reader.flagKeys());
    for (const flag of flagsOf(all).slice(0, 8)) expect((await pop.server.one(flag.key, USER)).json).toEqual(flag);
    for (const held of [etagOf(all), `W/${etagOf(all)}`, `"x", ${etagOf(all)}`, '*']) {
      const again = await pop.server.all(USER, { 'if-none-match': held });
      expect([held, again.status, again.text, etagOf(again)]).toEqual([held, 304, '', etagOf(all)]);
    }
    expect(all.headers.get('cache-control')).toBe('private, no-store');
  });

  it('is never left out for another user’s ETag, nor for another key’s', async () => {
    const [mine, others] = [await pop.server.all(USER), await pop.server.all({ ...USER, targetingKey: 'user-2' })];
    expect(etagOf(mine)).not.toBe(etagOf(others));
    expect((await pop.server.all(USER, { 'if-none-match': etagOf(others) })).status).toBe(200);
    expect((await pop.client.all(USER, { 'if-none-match': etagOf(mine) })).status).toBe(200);
  });

  it('with a client’s key sees what clients may see', async () => {
    const visible = flagsOf(await pop.client.all(USER)).map(({ key }) => key);
    const ofClients = reader.flagKeys().filter((key) => reader.line(key)?.includes('"n":1'));
    expect(visible).toEqual(ofClients);
    const key = reader.flagKeys().find((one) => !ofClients.includes(one)) as string;
    expect((await pop.client.one(key, USER)).json).toMatchObject({ key, errorCode: 'FLAG_NOT_FOUND' });
    expect((await pop.server.one(key, USER)).status).toBe(200);
    expect((await pop.client.one(visible[0] as string, USER)).status).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ['no key', {}],
    ['an empty one', { authorization: 'Bearer ' }],
    ['a wrong one', bearer('ls_server_of_somebody')],
    ['one that lacks its last character', bearer(KEYS.server.slice(0, -1))],
    ['one that is too long', bearer('x'.repeat(8_000))],
    ['one that is no ASCII', { 'x-api-key': 'ls_server_of_the_t\u00e9st' }],
    ['the bare key', { authorization: KEYS.server }],
    ['a cookie', { cookie: `authorization=${KEYS.server}` }],
  ])('with %s is refused: 401, and what to send', async (_, headers) => {
    const response = await fetch(`${pop.url}${BULK}`, { method: 'POST', headers, body: '{"context":{}}' });
    expect([response.status, response.headers.get('content-type'), response.headers.get('www-authenticate')]).toEqual([
      401,
      'application/problem+json',
      'Bearer',
    ]);
    expect(await response.json()).toMatchObject({ status: 401, detail: expect.stringContaining('Bearer <key>') });
  });
});

describe.each(FLAVOURS)('a view as large as a view may be, flavour %s', (flavour) => {
  it('is answered whole, inside the Basic tier', async () => {
    const lines: { readonly k: string; readonly [name: string]: unknown }[] = [];
    for (let bytes = 0, at = 1_000; bytes < 125_000; at++) {
      const k = `pricing.flag${at}`;
      const text = `${String(at)} ${'é'.repeat(40)} ${'x'.repeat(300)}`;
      lines.push({
        k,
        r: 1,
        n: 1,
        v: [
          ['control', text, 'aaaaaaaa'],
          ['v2', `${text}!`, 'bbbbbbbb'],
        ],
        s: `salt-${at}`,
        o: 0,
        f: [0, [1, 50_000, 0, 100_000]],
      });
      bytes += rawLines([lines.at(-1) as never]).length;
    }
    const large = await served({ flavour, instances: 'reused', memory: 'exact' });
    await large.publish(7, rawLines(lines));
    for (const targetingKey of ['user-1', 'user-2']) {
      const all = await large.server.all({ targetingKey });
      expect([all.status, flagsOf(all).length]).toEqual([200, lines.length]);
      expect(all.text.length).toBeGreaterThan(60_000);
    }
    for (const { status, excesses } of large.reports) expect([status, excesses]).toEqual(['Success', []]);
  });
});
