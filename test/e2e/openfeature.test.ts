import { OFREPProvider } from '@openfeature/ofrep-provider';
import { type EvaluationContext, OpenFeature } from '@openfeature/server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Context, createContext } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import type { RulesetReader } from '#ruleset/reader';
import { fetchOver, openConnections } from './fixtures/connections.ts';
import { rulesetInForce } from './fixtures/in-force.ts';
import { inLanes } from './fixtures/lanes.ts';
import { askFor, CODE_DEFAULTS, type Details, type FlagType, flagTypes, sorted } from './fixtures/open-feature.ts';
import { asksForPlace, awaken, entryOf, type Pop, popsOf } from './fixtures/pops.ts';
import { type SharedPlanet, sharedPlanet } from './fixtures/shared-planet.ts';
import { createUsers } from './fixtures/users.ts';
import { endClients, evaluateFor } from './fixtures/web-provider.ts';

const LANES = 32;
const PAGES = 8;

/** The POP where each user's each flag is a question of its own. */
const FIRST = 'iad';
/** Where all flags are asked for at once and, for so many users, each by itself: a sandbox measures each event, which takes its time. */
const OTHERS = { dub: 1_000, sin: 1_000, ams: 60, nrt: 60 };

const connections = openConnections(LANES);

let planet: SharedPlanet;
let pops: readonly Pop[];
let inForce: RulesetReader;
let types: ReadonlyMap<string, FlagType>;

beforeAll(async () => {
  planet = await sharedPlanet();
  pops = await popsOf(planet);
  inForce = (await rulesetInForce(planet)).reader;
  types = flagTypes(inForce);
  const headers = { authorization: `Bearer ${planet.file.keys['server']}` };
  await Promise.all(
    pops.map(({ name, url, place }) => {
      // A hundred thousand questions are for the POPs to answer; those to Akamai's go by the platform's own `fetch`.
      const more = place.cloud === 'akamai' ? {} : { fetchImplementation: fetchOver(connections) };
      return OpenFeature.setProviderAndWait(name, new OFREPProvider({ baseUrl: url, headers, ...more }));
    }),
  );
});

afterAll(async () => {
  await Promise.all([OpenFeature.close(), endClients()]);
  connections.close();
});

const ask = ({ name }: Pop, key: string, user: EvaluationContext): Promise<Details> =>
  askFor(OpenFeature.getClient(name), key, types.get(key) as FlagType, user);

/** What OpenFeature is to say of a decision. */
function expected(key: string, { value, variation, reason, rule, revision, version, metadata }: Decision): object {
  // The provider knows no answer without a value: the code default it serves, but calls that an error.
  if (value === undefined) return { key, value: CODE_DEFAULTS[types.get(key) as FlagType] };
  return {
    key,
    value,
    variant: variation,
    reason,
    metadata: { version, revision, ...(rule && { rule }), ...metadata },
  };
}

const said = ({ flagKey: key, value, variant, reason, flagMetadata }: Details, served: boolean): object =>
  served ? { key, value, variant, reason, metadata: flagMetadata } : { key, value };

describe('the marketplace over OpenFeature, by the provider as npm has it', () => {
  /** Texts of what was said: by flag and user, once for each POP. */
  const answers = new Map<string, Set<string>>();
  const seen = { reasons: new Set<string>(), rules: new Set<string>(), codeDefaults: 0, decisions: 0 };

  it('has all 35 flags, of all four types', () => {
    expect(types.size).toBe(35);
    expect(new Set(types.values())).toEqual(new Set(['boolean', 'string', 'number', 'object']));
  });

  it('is answered by five POPs, at five places, of two clouds', () => {
    expect(pops.map(({ name }) => name).sort()).toEqual([FIRST, ...Object.keys(OTHERS)].sort());
    expect(new Set(pops.map(({ place }) => sorted(place))).size).toBe(5);
    expect(new Set(pops.map(({ place }) => place.cloud))).toEqual(new Set(['cloudflare', 'akamai']));
  });

  const users = createUsers(1_000);
  const popNamed = (name: string): Pop => pops.find((one) => one.name === name) as Pop;

  const contextOf = (user: EvaluationContext, { place }: Pop): Context =>
    createContext(JSON.parse(JSON.stringify(user)), place);

  /** Holds what a POP said to a user against what is decided here; the difference, if there is one. */
  function compare(context: Context, at: number, key: string, details: Details): object | undefined {
    const decision = evaluate(inForce, key, context);
    const [wanted, got] = [expected(key, decision), said(details, decision.value !== undefined)].map(sorted);
    const question = `${key} ${at}`;
    answers.set(question, (answers.get(question) ?? new Set()).add(got as string));
    seen.decisions++;
    seen.reasons.add(decision.reason);
    if (decision.rule !== undefined) seen.rules.add(`${key}/${decision.rule}`);
    if (decision.value === undefined) seen.codeDefaults++;
    return wanted === got ? undefined : { user: users[at], wanted, got, error: details.errorMessage };
  }

  /** Each flag by a question of its own, by the provider for servers. */
  async function askForEach(pop: Pop, many: number): Promise<object[]> {
    const differences: object[] = [];
    await awaken(pop, planet.file.keys['server'] as string);
    await inLanes(LANES, users.slice(0, many).entries(), async ([at, user]) => {
      const context = contextOf(user, pop);
      for (const key of types.keys()) {
        const difference = compare(context, at, key, await ask(pop, key, user));
        if (difference !== undefined) differences.push(difference);
      }
    });
    return differences;
  }

  it(`decides every flag for a thousand users at ${FIRST} as the evaluator in this process does there`, async () => {
    const differences = await askForEach(popNamed(FIRST), users.length);
    expect(differences.slice(0, 3)).toEqual([]);
    expect(differences).toHaveLength(0);
  }, 600_000);

  /** All flags at once, by the provider for pages. */
  async function askForAll(pop: Pop): Promise<object[]> {
    const site = { name: pop.name, baseUrl: pop.url, key: planet.file.keys['server'] as string };
    await awaken(pop, site.key);
    const told = await evaluateFor(site, users, [...types], PAGES);
    return users.flatMap((user, at) => {
      const context = contextOf(user, pop);
      return [...types.keys()].flatMap((key, nth) => compare(context, at, key, told[at]?.[nth] as Details) ?? []);
    });
  }

  it.each(Object.entries(OTHERS))(
    'decides every flag for a thousand users the same at %s, asked for all at once, and for each by itself for %i of them',
    async (name, many) => {
      const pop = popNamed(name);
      const differences = [...(await askForAll(pop)), ...(await askForEach(pop, many))];
      expect(differences.slice(0, 3)).toEqual([]);
      expect(differences).toHaveLength(0);
    },
    600_000,
  );

  it('was asked by users so varied that every kind of decision is among the answers, and all rules but those for other places', () => {
    const again = Object.values(OTHERS).reduce((sum, many) => sum + many, 0);
    expect(seen.decisions).toBe(35 * (5 * users.length + again));
    expect(seen.codeDefaults).toBeGreaterThan(300);
    expect([...seen.reasons].sort()).toEqual(['DEFAULT', 'DISABLED', 'SPLIT', 'STATIC', 'TARGETING_MATCH']);
    const idle = rulesOf(inForce).filter((rule) => !seen.rules.has(rule));
    expect(idle.filter((rule) => !asksForPlace(inForce, rule.split('/')[0] as string))).toEqual([]);
  });

  it('gives everybody the same at each POP, but for flags that ask which POP it is', () => {
    const differing = new Set(
      [...answers].filter(([, texts]) => texts.size > 1).map(([question]) => question.split(' ')[0] as string),
    );
    expect([...differing].filter((key) => !asksForPlace(inForce, key))).toEqual([]);
    // There are such flags, and they do differ: what was compared is what each POP said.
    expect([...differing]).toContain('search.cacheSeconds');
  });

  it('gives the code default of a flag that has nothing to serve', async () => {
    const [pop] = pops as [Pop];
    const [without] = createUsers(200).filter((user) => nothingToServe(user, pop)) as [EvaluationContext];
    for (const codeDefault of [true, false]) {
      const client = OpenFeature.getClient(pop.name);
      expect((await client.getBooleanDetails('mobile.pushQuietHours', codeDefault, without)).value).toBe(codeDefault);
    }
  });

  it('gives the code default and says why for a flag that there is not, and for one of another type', async () => {
    const client = OpenFeature.getClient((pops[0] as Pop).name);
    const unknown = await client.getStringDetails('pricing.noSuchFlag', 'mine', { targetingKey: 'user-1' });
    expect(unknown).toMatchObject({ value: 'mine', reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' });
    const mistyped = await client.getBooleanDetails('pricing.fareBundlingV2', true, { targetingKey: 'user-1' });
    expect(mistyped).toMatchObject({ value: true, reason: 'ERROR', errorCode: 'TYPE_MISMATCH' });
  });
});

const nothingToServe = (user: EvaluationContext, { place }: Pop): boolean =>
  evaluate(inForce, 'mobile.pushQuietHours', createContext(JSON.parse(JSON.stringify(user)), place)).value ===
  undefined;

/** Every rule of every flag that is enabled. */
const rulesOf = (reader: RulesetReader): string[] =>
  reader.flagKeys().flatMap((key) => {
    const { e, u = [] } = entryOf(reader, key);
    return e === 0 ? [] : u.map(([id]) => `${key}/${id}`);
  });
