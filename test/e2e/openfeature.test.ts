import { OFREPProvider } from '@openfeature/ofrep-provider';
import {
  type Client,
  type EvaluationContext,
  type EvaluationDetails,
  type JsonValue,
  OpenFeature,
} from '@openfeature/server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import type { VerifiedRuleset } from '#ruleset/verify';
import type { FlagEntry } from '#schema/entry';
import { PLACE, rulesetInForce } from './fixtures/in-force.ts';
import { endPlanets, type Planet, planetFile, startPlanet } from './fixtures/planet.ts';
import { isRunning } from './fixtures/processes.ts';
import { createUsers } from './fixtures/users.ts';

type FlagType = 'boolean' | 'string' | 'number' | 'object';

/** What code gives that no flag serves. */
const CODE_DEFAULTS = { boolean: false, string: 'the code default', number: -12_345, object: { the: 'code default' } };

let planet: Planet;
let inForce: VerifiedRuleset;
let types: ReadonlyMap<string, FlagType>;
let client: Client;

beforeAll(async () => {
  planet = await startPlanet();
  inForce = await rulesetInForce(planet);
  types = new Map(inForce.reader.flagKeys().map((key) => [key, typeOf(inForce.reader.line(key) as string)]));
  const headers = { authorization: `Bearer ${planet.file.keys['server']}` };
  await OpenFeature.setProviderAndWait('marketplace', new OFREPProvider({ baseUrl: planet.edge, headers }));
  client = OpenFeature.getClient('marketplace');
});

afterAll(async () => {
  await OpenFeature.close();
  await endPlanets();
});

function typeOf(line: string): FlagType {
  const { v } = JSON.parse(line) as FlagEntry;
  return v === undefined ? 'boolean' : (typeof v[0]?.[1] as FlagType);
}

function ask(key: string, context: EvaluationContext): Promise<EvaluationDetails<JsonValue>> {
  const type = types.get(key) as FlagType;
  switch (type) {
    case 'boolean':
      return client.getBooleanDetails(key, CODE_DEFAULTS.boolean, context);
    case 'string':
      return client.getStringDetails(key, CODE_DEFAULTS.string, context);
    case 'number':
      return client.getNumberDetails(key, CODE_DEFAULTS.number, context);
    case 'object':
      return client.getObjectDetails<JsonValue>(key, CODE_DEFAULTS.object, context);
    default:
      return type satisfies never;
  }
}

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

function said(
  { flagKey: key, value, variant, reason, flagMetadata }: EvaluationDetails<JsonValue>,
  served: boolean,
): object {
  return served ? { key, value, variant, reason, metadata: flagMetadata } : { key, value };
}

describe('the marketplace over OpenFeature, by the provider as npm has it', () => {
  it('has all 35 flags, of all four types', () => {
    expect(types.size).toBe(35);
    expect(new Set(types.values())).toEqual(new Set(['boolean', 'string', 'number', 'object']));
  });

  it('decides every flag for a thousand users at the POP as the evaluator in this process does', async () => {
    const users = createUsers(1_000);
    const seen = { reasons: new Set<string>(), rules: new Set<string>(), codeDefaults: 0, decisions: 0 };
    const differences: object[] = [];
    await inLanes(32, users, async (user) => {
      const context = createContext(JSON.parse(JSON.stringify(user)), PLACE);
      for (const key of types.keys()) {
        const decision = evaluate(inForce.reader, key, context);
        const details = await ask(key, user);
        const [wanted, got] = [expected(key, decision), said(details, decision.value !== undefined)];
        if (!same(wanted, got)) differences.push({ user, wanted, got, error: details.errorMessage });
        seen.decisions++;
        seen.reasons.add(decision.reason);
        if (decision.rule !== undefined) seen.rules.add(`${key}/${decision.rule}`);
        if (decision.value === undefined) seen.codeDefaults++;
      }
    });
    expect(differences.slice(0, 3)).toEqual([]);
    expect(differences).toHaveLength(0);
    expect(seen.decisions).toBe(35_000);
    expect(seen.codeDefaults).toBeGreaterThan(100);
    expect([...seen.reasons].sort()).toEqual(['DEFAULT', 'DISABLED', 'SPLIT', 'STATIC', 'TARGETING_MATCH']);
    // Users so varied that all decide but the rules for other places.
    const idle = rulesOf(inForce).filter((rule) => !seen.rules.has(rule));
    expect(idle).toEqual(['platform.logLevel/canary-pops', 'pricing.fxProvider/singapore', 'pricing.fxProvider/azure']);
  }, 120_000);

  it('gives the code default of a flag that has nothing to serve', async () => {
    const [without] = createUsers(200).filter((user) => nothingToServe(user));
    for (const codeDefault of [true, false]) {
      const { value } = await client.getBooleanDetails('mobile.pushQuietHours', codeDefault, without);
      expect(value).toBe(codeDefault);
    }
  });

  it('gives the code default and says why for a flag that there is not, and for one of another type', async () => {
    const unknown = await client.getStringDetails('pricing.noSuchFlag', 'mine', { targetingKey: 'user-1' });
    expect(unknown).toMatchObject({ value: 'mine', reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' });
    const mistyped = await client.getBooleanDetails('pricing.fareBundlingV2', true, { targetingKey: 'user-1' });
    expect(mistyped).toMatchObject({ value: true, reason: 'ERROR', errorCode: 'TYPE_MISMATCH' });
  });

  // Last: it ends the planet.
  it('ends at an interrupt with everything that it started', async () => {
    const pids = await planet.stop('SIGINT');
    expect(pids.length).toBeGreaterThan(1);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(await planetFile(planet.state)).toBeUndefined();
  });
});

const nothingToServe = (user: EvaluationContext): boolean =>
  evaluate(inForce.reader, 'mobile.pushQuietHours', createContext(user, PLACE)).value === undefined;

/** Every rule of every flag that is enabled. */
const rulesOf = ({ reader }: VerifiedRuleset): string[] =>
  reader.flagKeys().flatMap((key) => {
    const { e, u = [] } = JSON.parse(reader.line(key) as string) as FlagEntry;
    return e === 0 ? [] : u.map(([id]) => `${key}/${id}`);
  });

const same = (a: object, b: object): boolean => sorted(a) === sorted(b);

/** JSON with keys in order. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );

async function inLanes<T>(lanes: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
