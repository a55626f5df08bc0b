import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '#core/base64url';
import { SettingsError } from '#http/settings';
import { readWorkerSettings } from '../../workers/edge/settings.ts';
import { createSigner, webCrypto } from '../unit/fixtures/signing.ts';
import { createEdge, createStore, linesOf } from './fixtures/edge.ts';

interface Worker {
  fetch(request: Request, env: object, context: object): Response | Promise<Response>;
}

// By pattern: its types are those of Workers, which tests in Node do not have.
const workers = import.meta.glob<Worker>('../../workers/edge/index.ts', { eager: true, import: 'default' });
const [worker] = Object.values(workers) as [Worker];

type EdgeVars = Readonly<Record<string, string>>;

const faultsIn = (vars: EdgeVars): string => {
  try {
    readWorkerSettings(vars);
    return '';
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message;
  }
};

const POINT = 'A'.repeat(43);
const PUBLIC_KEY = { kid: 'k', kty: 'EC', crv: 'P-256', x: POINT, y: POINT } as const;
const SDK_KEY = { sha256: POINT, kind: 'server' } as const;
const SOUND: EdgeVars = {
  ENVIRONMENT: 'production',
  PUBLIC_KEYS: JSON.stringify([PUBLIC_KEY]),
  SDK_KEYS: JSON.stringify([SDK_KEY]),
};

describe('the settings of a POP', () => {
  it('has its faults named all at once', () => {
    const faults = faultsIn({
      PUBLIC_KEYS: '{"kid":"k"}',
      SDK_KEYS: 'x',
      REVALIDATE_AFTER_MS: 'soon',
      STALE_AFTER_MS: '-1',
    });
    for (const name of ['ENVIRONMENT', 'PUBLIC_KEYS', 'SDK_KEYS', 'REVALIDATE_AFTER_MS', 'STALE_AFTER_MS']) {
      expect(faults).toContain(name);
    }
  });

  it('does without what may be left out', () => {
    expect(readWorkerSettings(SOUND)).toEqual({
      edge: {
        environment: 'production',
        place: {},
        publicKeys: [PUBLIC_KEY],
        revalidateAfterMs: 5_000,
        staleAfterMs: 60_000,
        offlineDefaults: new Map(),
        exposures: undefined,
      },
      access: { sdkKeys: [SDK_KEY], allowedOrigins: ['*'] },
    });
  });

  it('takes numbers and JSON where a deployment has them instead of text', () => {
    const vars = { PUBLIC_KEYS: [PUBLIC_KEY], SDK_KEYS: [SDK_KEY], ALLOWED_ORIGINS: ['https://www.example.com'] };
    const read = readWorkerSettings({ ENVIRONMENT: 'production', STALE_AFTER_MS: 120_000, ...vars });
    expect(read.edge).toMatchObject({ publicKeys: [PUBLIC_KEY], staleAfterMs: 120_000 });
    expect(read.access).toEqual({ sdkKeys: [SDK_KEY], allowedOrigins: ['https://www.example.com'] });
  });

  it.each<[string, EdgeVars]>([
    ['a key that is said to be own by a word', { SDK_KEYS: JSON.stringify([{ ...SDK_KEY, own: 'yes' }]) }],
    [
      'a key for some namespaces, which only control issues',
      { SDK_KEYS: JSON.stringify([{ ...SDK_KEY, scope: ['pricing'] }]) },
    ],
    [
      'a key that is said to be issued, as none of the settings is',
      { SDK_KEYS: JSON.stringify([{ ...SDK_KEY, issued: true }]) },
    ],
    ['no key that a ruleset could be signed with', { PUBLIC_KEYS: '[]' }],
    ['a staleness bound below the time of a look', { STALE_AFTER_MS: '4999' }],
    ['a region that no exposure could tell', { REGION: 'é'.repeat(65) }],
  ])('%s is a fault: it would be one at every request', (_, vars) => {
    expect(faultsIn({ ...SOUND, ...vars })).toContain(Object.keys(vars)[0]);
  });

  it.each<[string, EdgeVars]>([
    ['an environment without a name', { ENVIRONMENT: '' }],
    ['keys that are null', { SDK_KEYS: 'null' }],
    ['keys that are a text', { PUBLIC_KEYS: '"key"' }],
    ['keys that are cut off', { PUBLIC_KEYS: '[{"kid":' }],
    ['a time that is no number', { STALE_AFTER_MS: '60s' }],
    ['a time below zero', { REVALIDATE_AFTER_MS: '-5000' }],
  ])('%s is a fault', (_, vars) => {
    expect(faultsIn({ ...SOUND, ...vars })).toContain(Object.keys(vars)[0]);
  });

  it.each<[string, EdgeVars]>([
    ['an SDK key that is null', { SDK_KEYS: '[null]' }],
    ['an SDK key without a hash', { SDK_KEYS: '[{"kind":"server"}]' }],
    ['an SDK key of a kind that there is not', { SDK_KEYS: '[{"sha256":"x","kind":"admin"}]' }],
    ['a public key that is null', { PUBLIC_KEYS: '[null]' }],
    ['a public key without a point', { PUBLIC_KEYS: '[{"kid":"k","kty":"EC","crv":"P-256"}]' }],
    ['a time that is empty', { STALE_AFTER_MS: '' }],
    ['offline defaults that are a list', { OFFLINE_DEFAULTS: '[]' }],
    ['an offline default without a variation', { OFFLINE_DEFAULTS: '{"a":{"value":1,"visibility":"client"}}' }],
    ['one of no value', { OFFLINE_DEFAULTS: '{"a":{"variation":"on","visibility":"client"}}' }],
    ['one of null', { OFFLINE_DEFAULTS: '{"a":{"variation":"on","value":null,"visibility":"client"}}' }],
    ['one for nobody', { OFFLINE_DEFAULTS: '{"a":{"variation":"on","value":1}}' }],
    ['an origin with a path', { ALLOWED_ORIGINS: '["https://www.marketplace.example/"]' }],
    ['an origin without a scheme', { ALLOWED_ORIGINS: '["www.marketplace.example"]' }],
    ['a unit key that is too short', { UNIT_KEY: 'AAAA', INGEST_KEY: 'k' }],
    ['a unit key that is none', { UNIT_KEY: '!'.repeat(43), INGEST_KEY: 'k' }],
  ])('%s is a fault too: none is guessed around', (_, vars) => {
    expect(faultsIn({ ...SOUND, ...vars })).toContain(Object.keys(vars)[0]);
  });
});

describe('the way of exposures', () => {
  const unitKey = encodeBase64url(new Uint8Array(32).fill(7));

  it('takes both of its keys, or neither', () => {
    expect(faultsIn({ ...SOUND, INGEST_KEY: 'k' })).toContain('UNIT_KEY');
    expect(faultsIn({ ...SOUND, UNIT_KEY: unitKey })).toContain('INGEST_KEY');
    const { edge } = readWorkerSettings({ ...SOUND, INGEST_KEY: 'k', UNIT_KEY: unitKey });
    expect(edge.exposures).toEqual({ ingestKey: 'k', unitKey: new Uint8Array(32).fill(7) });
  });
});

describe('a Worker that is not configured', () => {
  it('says so with a problem, and nothing of what is missing', async () => {
    const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} };
    const response = await worker.fetch(new Request('https://edge.example/v1/status'), {}, context);
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
    const problem = await response.text();
    expect(JSON.parse(problem)).toMatchObject({ status: 500, title: 'Misconfigured' });
    expect(problem).not.toMatch(/ENVIRONMENT|KEYS/);
  });
});

describe('where a POP stands', () => {
  it('B23: is the platform’s word for the colo, never a header’s or the context’s', async () => {
    const signer = await createSigner();
    const edge = await createEdge(signer, createStore(await signer.sign(linesOf(1))));
    const headers = { 'cf-colo': 'SIN', 'cf-ray': '0-SIN', 'x-pop': 'sin' };
    const spoofed = await edge.ask('/v1/status', { headers });
    expect(spoofed.json).toMatchObject({ region: 'us-east', cloud: 'cloudflare' });
    expect(spoofed.json).not.toHaveProperty('pop');
    const told = await edge.ask('/v1/status', { headers, cf: { colo: 'DUB' } } as RequestInit);
    expect(told.json).toMatchObject({ pop: 'dub' });
  });

  it('is its own word where it is set', async () => {
    const signer = await createSigner();
    const edge = await createEdge(signer, createStore(await signer.sign(linesOf(1))), { POP: 'iad' });
    expect((await edge.ask('/v1/status', { cf: { colo: 'DUB' } } as RequestInit)).json).toMatchObject({ pop: 'iad' });
  });
});

describe('a public key that is no point of the curve', () => {
  it('is not told as an error of the store', async () => {
    const signer = await createSigner();
    const publicKey = { ...signer.publicKey, x: signer.publicKey.y };
    const broken = { ...signer, publicKey, crypto: webCrypto([publicKey]) };
    const edge = await createEdge(broken, createStore(await signer.sign(linesOf(1))));
    expect((await edge.flag()).json).toMatchObject({ reason: 'DEFAULT', metadata: { warning: 'NO_RULESET' } });
    expect(await edge.status()).toMatchObject({ version: null, refusals: 1, storeErrors: 0 });
  });
});
