import type { EvaluationContext } from '@openfeature/web-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import type { RulesetReader } from '#ruleset/reader';
import { copyFlags, FARE_SHARE, type FlagsCopy, fareShare } from './fixtures/flags-copy.ts';
import { rulesetInForce } from './fixtures/in-force.ts';
import { CODE_DEFAULTS, type Details, type FlagType, flagTypes, sorted } from './fixtures/open-feature.ts';
import { endPlanets, type Planet, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { asksForPlace, awaken, entryOf, type Pop, popsOf } from './fixtures/pops.ts';
import { publishApproved } from './fixtures/publish-approved.ts';
import { type SharedPlanet, sharedPlanet } from './fixtures/shared-planet.ts';
import { createUsers } from './fixtures/users.ts';
import { openWebPage, type WebPage } from './fixtures/web-page.ts';
import { endClients, evaluateFor, type Flags, startPolling } from './fixtures/web-provider.ts';

const FLAG = 'pricing.fareBundlingV2';
const PAGES = 8;
const POLL_INTERVAL_MS = 500;

let planet: SharedPlanet;
let pops: readonly Pop[];
let inForce: RulesetReader;
let types: ReadonlyMap<string, FlagType>;
let flags: Flags;
let clientKey: string;

beforeAll(async () => {
  planet = await sharedPlanet();
  clientKey = planet.file.keys['client'] as string;
  pops = await popsOf(planet);
  inForce = (await rulesetInForce(planet)).reader;
  types = flagTypes(inForce);
  flags = [...types];
});

afterAll(endClients);

const isForClients = (key: string): boolean => entryOf(inForce, key).n === 1;
const popNamed = (name: string): Pop => pops.find((one) => one.name === name) as Pop;

/** What OpenFeature is to say of a flag to a page's user at a place. */
function expected(key: string, user: EvaluationContext, { place }: Pop): object {
  const codeDefault = CODE_DEFAULTS[types.get(key) as FlagType];
  if (!isForClients(key)) return { key, value: codeDefault, reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' };
  const context = createContext(JSON.parse(JSON.stringify(user)), place);
  const { value, variation, reason, revision, version, metadata } = evaluate(inForce, key, context);
  const { warning } = metadata ?? {};
  return {
    key,
    value: value ?? codeDefault,
    variant: variation,
    reason,
    metadata: { version, revision, ...(warning && { warning }) },
  };
}

function said({ flagKey: key, value, variant, reason, flagMetadata: metadata, errorCode }: Details): object {
  return errorCode === undefined ? { key, value, variant, reason, metadata } : { key, value, reason, errorCode };
}

/** What was said otherwise than it is decided here. */
function differences(pop: Pop, users: readonly EvaluationContext[], told: readonly (readonly Details[])[]): object[] {
  return users.flatMap((user, at) =>
    flags.flatMap(([key], nth) => {
      const [wanted, got] = [expected(key, user, pop), said(told[at]?.[nth] as Details)];
      return sorted(wanted) === sorted(got) ? [] : [{ pop: pop.name, wanted, got }];
    }),
  );
}

describe('the marketplace over OpenFeature in pages, by the web provider as npm has it', () => {
  const users = createUsers(1_000);
  const answers = new Map<string, Set<string>>();

  it.each(['iad', 'dub', 'sin'])(
    'tells a thousand users at %s what the evaluator in this process decides there, of flags that clients may see, and nothing of others',
    async (name) => {
      const pop = popNamed(name);
      await awaken(pop, planet.file.keys['server'] as string);
      const told = await evaluateFor({ name, baseUrl: pop.url, key: clientKey }, users, flags, PAGES);
      expect(differences(pop, users, told).slice(0, 3)).toEqual([]);
      told.forEach((ofUser, at) => {
        for (const details of ofUser) {
          const question = `${details.flagKey} ${at}`;
          answers.set(question, (answers.get(question) ?? new Set()).add(sorted(said(details))));
        }
      });
    },
    120_000,
  );

  it('tells them the same at each POP, but for flags that ask which POP it is', () => {
    expect(answers.size).toBe(users.length * flags.length);
    const differing = [...answers].filter(([, texts]) => texts.size > 1).map(([question]) => question.split(' ')[0]);
    expect(differing.filter((key) => !asksForPlace(inForce, key as string))).toEqual([]);
    expect(flags.filter(([key]) => isForClients(key)).length).toBeGreaterThan(5);
  });
});

describe('a page in Chromium, of another origin than the POPs', () => {
  let page: WebPage;
  beforeAll(async () => {
    page = await openWebPage();
  }, 300_000);
  afterAll(() => page?.close());

  it.each(['iad', 'dub', 'sin'])('is told at %s what is decided in this process', async (name) => {
    const pop = popNamed(name);
    await awaken(pop, planet.file.keys['server'] as string);
    const users = createUsers(50, 11);
    const site = { name, baseUrl: pop.url, key: clientKey };
    const args = [site, users, flags, 4].map((one) => JSON.stringify(one)).join(', ');
    const told = await page.run<Details[][]>(`web.evaluateFor(${args})`);
    expect(new URL(pop.url).origin).not.toBe(page.origin);
    expect(differences(pop, users, told)).toEqual([]);
  });

  it('may read the ETag, and is told 304 as long as nothing changes', async () => {
    const site = { name: 'etag', baseUrl: popNamed('iad').url, key: clientKey };
    await page.run(
      `web.startPolling(${JSON.stringify(site)}, {targetingKey: 'user-1'}, 100).then((polling) => { globalThis.polling = polling; })`,
    );
    const statuses = await until('the page has polled', async () => {
      const seen = await page.run<number[]>('polling.statuses');
      return seen.length > 4 ? seen : undefined;
    });
    expect(statuses.slice(0, 4)).toEqual([200, 304, 304, 304]);
  });

  it('gets nothing with a key of servers, which no page should have', async () => {
    const { url } = popNamed('iad');
    const init = (key: string): string =>
      JSON.stringify({
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: '{"context":{"targetingKey":"user-1"}}',
      });
    const asked = (key: string): string =>
      `fetch(${JSON.stringify(`${url}/ofrep/v1/evaluate/flags`)}, ${init(key)}).then(({ status }) => status, ({ name }) => name)`;
    expect(await page.run(asked(clientKey))).toBe(200);
    expect(await page.run(asked(planet.file.keys['server'] as string))).toBe('TypeError');
  });
});

describe('a page that polls', () => {
  let copy: FlagsCopy;
  // It publishes: others look at that which is shared.
  let own: Planet;
  beforeAll(async () => {
    copy = await copyFlags();
    own = await startPlanet();
  });
  afterAll(async () => {
    await endPlanets();
    await copy?.remove();
  });

  it('hears of a publish by ConfigurationChanged at each POP, and serves it from then on', async () => {
    const key = own.file.keys['client'] as string;
    const before = (await rulesetInForce(own)).claims.version;
    const polling = await Promise.all(
      (await popsOf(own)).map(({ name, url }) =>
        startPolling({ name: `polls-${name}`, baseUrl: url, key }, { targetingKey: 'user-1' }, POLL_INTERVAL_MS),
      ),
    );
    await until('all have polled in vain', () => polling.every(({ statuses }) => statuses.at(-1) === 304));
    expect(polling.map(({ changes }) => changes)).toEqual(pops.map(() => []));
    await copy.edit('pricing.yaml', FARE_SHARE, fareShare(100));
    const version = await publishApproved(own, copy.path);
    await until('all have heard of it', () => polling.every(({ changes }) => changes.length > 0));
    for (const { changes, ask } of polling) {
      expect(changes[0]).toContain(FLAG);
      expect(ask(FLAG, 'string')).toMatchObject({ value: 'v2', variant: 'v2', flagMetadata: { version } });
    }
    expect(version).toBeGreaterThan(before);
  });
});
