import { type Client, type EvaluationContext, OpenFeature } from '@openfeature/server-sdk';
import { afterAll, expect, it } from 'vitest';
import { createGenerations } from '#ruleset/generations';
import { readLines } from '#ruleset/reader';
import type { VerifiedRuleset } from '#ruleset/verify';
import { createLockstepClient } from '#sdk/client/create-lockstep-client';
import { createLockstepProvider } from '#sdk/openfeature/lockstep-provider';
import { loadVectors } from '../vectors/load.ts';
import { runVectorsRemotely, type VectorCase, type VectorFile } from '../vectors/run.ts';
import { linesOf } from './ofrep-vectors.ts';

/** The code's own values, which no flag serves. */
const DEFAULTS = { boolean: false, string: 'the code default', number: -12_345, object: { the: 'code default' } };
type FlagType = keyof typeof DEFAULTS;

const closed: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all([OpenFeature.clearProviders(), ...closed.map((close) => close())]);
});

/** The entries as they are, also those that no compiler would write and no relay would take: as if they had been kept. */
function rulesetOf({ ruleset: { version, entries } }: VectorFile): VerifiedRuleset {
  const claims = { format: 1, hash: 1, env: 'test', version, iat: 0, exp: 10 ** 10, sha256: 'x'.repeat(43) } as const;
  return { claims, kid: '', header: '', reader: readLines(linesOf(entries), version) };
}

/** An upstream that says that this is what is in force. */
const confirming =
  ({ claims: { version, sha256 } }: VerifiedRuleset) =>
  async (url: string): Promise<Response> => {
    if (!url.endsWith('/v1/stream')) return new Response(null, { status: 503 });
    const bookmark = JSON.stringify({ version, digest: sha256, floor: version });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(`event: bookmark\ndata: ${bookmark}\n\n`)),
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };

/** The real OpenFeature's client of one file's ruleset, as it is decided at one place. */
async function clientOf(file: VectorFile, place: VectorCase['place'] = {}): Promise<Client> {
  const ruleset = rulesetOf(file);
  const client = createLockstepClient({
    ...{ url: 'http://upstream.test', key: 'key', environment: 'test', publicKeys: [], place },
    fetch: confirming(ruleset),
    kept: {
      start: async () => ({ ruleset, nack: undefined }),
      inForce: () => {},
      barred: () => undefined,
      close: async () => {},
      generations: createGenerations({ now: Date.now }),
    },
  });
  closed.push(client.close);
  const live = new Promise<void>((resolve) => {
    client.listen((event) => {
      if (event.type === 'state' && event.state === 'live') resolve();
    });
  });
  await live;
  const domain = `${file.name} ${JSON.stringify(place)}`;
  await OpenFeature.setProviderAndWait(domain, createLockstepProvider(client));
  return OpenFeature.getClient(domain);
}

/** Of what type the flags of a file are, by what any case of theirs is served. */
function typesOf({ cases }: VectorFile): ReadonlyMap<string, FlagType> {
  const served = cases.filter(({ expect: { value } }) => value !== undefined);
  return new Map(served.map(({ flag, expect: { value } }) => [flag, typeof value as FlagType]));
}

/** What OpenFeature is to say of a decision. */
function expected({ expect: decision }: VectorCase, otherwise: unknown): VectorCase['expect'] {
  const { value, variation, reason, rule, revision, version, errorCode, metadata } = decision;
  if (errorCode !== undefined && value === undefined) {
    return { value: otherwise, reason: 'ERROR', errorCode, metadata: { version } };
  }
  return {
    value: value ?? otherwise,
    variant: variation,
    // What a flag that is refused serves is its default.
    reason: errorCode === undefined ? reason : 'DEFAULT',
    metadata: { version, revision, rule, errorCode, ...(metadata as object) },
  };
}

/** The same cases, each expecting what OpenFeature is to say. */
function asAsked(file: VectorFile): VectorFile {
  const types = typesOf(file);
  const cases = file.cases.map((one) => ({
    ...one,
    expect: expected(one, DEFAULTS[types.get(one.flag) ?? 'boolean']),
  }));
  return { ...file, cases };
}

async function ask(client: Client, key: string, type: FlagType, context: EvaluationContext): Promise<object> {
  const asked = {
    boolean: () => client.getBooleanDetails(key, DEFAULTS.boolean, context),
    string: () => client.getStringDetails(key, DEFAULTS.string, context),
    number: () => client.getNumberDetails(key, DEFAULTS.number, context),
    object: () => client.getObjectDetails(key, DEFAULTS.object, context),
  };
  const { value, variant, reason, errorCode, flagMetadata: metadata } = await asked[type]();
  return { value, variant, reason, errorCode, metadata };
}

it('B20: decides every golden vector by the real OpenFeature and our provider, in this process', async () => {
  const files = await loadVectors();
  const { passed, failed } = await runVectorsRemotely(
    files.map(asAsked),
    async (file) => {
      const types = typesOf(files.find(({ name }) => name === file.name) as VectorFile);
      const clients = new Map<string, Promise<Client>>();
      return async (flag, context, place) => {
        const name = JSON.stringify(place ?? {});
        const client = clients.get(name) ?? clientOf(file, place);
        clients.set(name, client);
        return ask(await client, flag, types.get(flag) ?? 'boolean', context as EvaluationContext);
      };
    },
    1,
  );
  expect(failed.slice(0, 3)).toEqual([]);
  expect(failed).toHaveLength(0);
  expect(passed).toBeGreaterThan(10_000);
});
