import { beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluateAll } from '#core/evaluate';
import type { VerifiedRuleset } from '#ruleset/verify';
import { type Caller, callerOf, etagOf, flagsOf } from './fixtures/caller.ts';
import { PLACE, rulesetInForce } from './fixtures/in-force.ts';
import { BULK } from './fixtures/ofrep-description.ts';
import { type SharedPlanet, sharedPlanet } from './fixtures/shared-planet.ts';
import { createUsers } from './fixtures/users.ts';

const USER = { targetingKey: 'user-1', country: 'DE' };
const OTHER = { targetingKey: 'user-2', country: 'DE' };

let planet: SharedPlanet;
let inForce: VerifiedRuleset;
let server: Caller;
let client: Caller;

beforeAll(async () => {
  planet = await sharedPlanet();
  inForce = await rulesetInForce(planet);
  server = callerOf(planet);
  client = callerOf(planet, 'client');
});

describe('bulk evaluation', () => {
  it('gives every flag in order of key, each as its single evaluation does', async () => {
    for (const user of createUsers(20)) {
      const flags = flagsOf(await server.all(user));
      expect(flags.map(({ key }) => key)).toEqual(inForce.reader.flagKeys());
      const singles = await Promise.all(flags.map(async ({ key }) => (await server.one(key, user)).json));
      expect(flags).toEqual(singles);
    }
  });

  it('decides as the evaluator in this process does', async () => {
    for (const user of createUsers(100, 7)) {
      const context = createContext(JSON.parse(JSON.stringify(user)), PLACE);
      const wanted = evaluateAll(inForce.reader, context).map(({ value, variation, reason }) => [
        value,
        variation,
        reason,
      ]);
      const flags = flagsOf(await server.all(user));
      expect(flags.map(({ value, variant, reason }) => [value, variant, reason])).toEqual(wanted);
    }
  });

  it('carries the version in every answer: of the set, of each flag, and in a header', async () => {
    const { claims } = inForce;
    const all = await server.all(USER);
    expect(all.json).toMatchObject({ metadata: { version: claims.version } });
    expect(all.headers.get('lockstep-version')).toBe(String(claims.version));
    for (const { metadata } of flagsOf(all)) expect(metadata['version']).toBe(claims.version);
    const one = await server.one('pricing.fareBundlingV2', USER);
    expect(one.headers.get('lockstep-version')).toBe(String(claims.version));
  });

  it('leaves out the value, and nothing else, of a flag that has nothing to serve', async () => {
    const users = createUsers(60);
    const pages = await Promise.all(users.map((user) => server.all(user)));
    const quiet = pages.flatMap(flagsOf).filter(({ key }) => key === 'mobile.pushQuietHours');
    const without = quiet.filter((flag) => !('value' in flag));
    expect(without.length).toBeGreaterThan(0);
    for (const flag of without) {
      expect(flag).not.toHaveProperty('variant');
      expect(flag).toMatchObject({ reason: 'DEFAULT', metadata: { prerequisiteFailed: 'mobile.newHome' } });
    }
  });

  it('takes the query parameters that an event stream gives', async () => {
    const body = JSON.stringify({ context: USER });
    const asked = await server.post(`${BULK}?flagConfigEtag=abc&flagConfigLastModified=1771622898`, body);
    expect(asked.json).toEqual((await server.all(USER)).json);
  });
});

describe('the ETag of a bulk answer', () => {
  it('is a strong one, the same for the same question, and kept from shared caches', async () => {
    const [first, second] = [await server.all(USER), await server.all({ country: 'DE', targetingKey: 'user-1' })];
    expect(etagOf(first)).toMatch(/^"[^"]+"$/);
    expect(etagOf(second)).toBe(etagOf(first));
    expect(first.headers.get('cache-control')).toMatch(/private/);
  });

  it.each<[string, (etag: string) => string]>([
    ['itself', (etag) => etag],
    ['itself, marked weak', (etag) => `W/${etag}`],
    ['a list that holds it', (etag) => `"another", ${etag} , "a third"`],
    ['a list that holds it weakly, without spaces', (etag) => `W/"a,b",W/${etag}`],
    ['a star', () => '*'],
  ])('gives 304 without a body for %s', async (_, header) => {
    const etag = etagOf(await server.all(USER));
    const again = await server.all(USER, { 'if-none-match': header(etag) });
    expect([again.status, again.text, etagOf(again)]).toEqual([304, '', etag]);
    expect(again.headers.get('lockstep-version')).toBe(String(inForce.claims.version));
  });

  it.each<[string, (etag: string) => string]>([
    ['another', () => '"another"'],
    ['an empty one', () => '""'],
    ['none', () => ''],
    ['its text without quotes', (etag) => etag.slice(1, -1)],
    ['its beginning', (etag) => `${etag.slice(0, -2)}"`],
    ['a star within quotes', () => '"*"'],
    ['ten kilobytes of others', () => Array.from({ length: 1_000 }, (_, at) => `"t${at}"`).join(', ')],
  ])('gives the flags for %s', async (_, header) => {
    const etag = etagOf(await server.all(USER));
    const again = await server.all(USER, { 'if-none-match': header(etag) });
    expect([again.status, flagsOf(again).length]).toEqual([200, 35]);
  });

  it('is never that of another user, of another attribute, or of another kind of key', async () => {
    const questions: [string, () => Promise<string>][] = [
      ['user', async () => etagOf(await server.all(USER))],
      ['another user', async () => etagOf(await server.all(OTHER))],
      ['no user', async () => etagOf(await server.all({ country: 'DE' }))],
      ['the key as a number', async () => etagOf(await server.all({ targetingKey: 1 }))],
      ['the key as text', async () => etagOf(await server.all({ targetingKey: '1' }))],
      ['another country', async () => etagOf(await server.all({ ...USER, country: 'FR' }))],
      ['one surrogate', async () => etagOf(await server.all({ targetingKey: '\ud800' }))],
      ['another surrogate', async () => etagOf(await server.all({ targetingKey: '\ud801' }))],
      ['a client', async () => etagOf(await client.all(USER))],
    ];
    const etags = await Promise.all(questions.map(([, ask]) => ask()));
    expect(new Set(etags).size).toBe(questions.length);
  });

  it('of another user never yields 304', async () => {
    const users = createUsers(50);
    const answers = await Promise.all(users.map((user) => server.all(user)));
    const etags = answers.map(etagOf);
    const all = await Promise.all(
      users.map((user, at) =>
        server.all(user, { 'if-none-match': etags.filter((one) => one !== etags[at]).join(', ') }),
      ),
    );
    expect(all.filter(({ status }) => status !== 200)).toEqual([]);
    expect(all.map(({ json }) => json)).toEqual(answers.map(({ json }) => json));
  });

  it('that a server got is of no use to a client, nor the other way round', async () => {
    const [ofServer, ofClient] = [etagOf(await server.all(USER)), etagOf(await client.all(USER))];
    expect((await client.all(USER, { 'if-none-match': ofServer })).status).toBe(200);
    expect((await server.all(USER, { 'if-none-match': ofClient })).status).toBe(200);
  });

  it('is looked at only where the body is sound', async () => {
    const asked = await server.post(BULK, '{"context":', { 'if-none-match': '*' });
    expect([asked.status, asked.json]).toMatchObject([400, { errorCode: 'PARSE_ERROR' }]);
  });
});
