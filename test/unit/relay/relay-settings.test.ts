import { beforeAll, describe, expect, it } from 'vitest';
import { readRelaySettings } from '../../../workers/relay/config/relay-settings.ts';
import { createSigner } from '../fixtures/signing.ts';

let sound: Readonly<Record<string, string>>;
beforeAll(async () => {
  const { publicKey } = await createSigner();
  sound = {
    ENVIRONMENT: 'production',
    LOCKSTEP_KEY: 'ls_relay_secret',
    PUBLIC_KEYS: JSON.stringify([publicKey]),
    CACHE_DIR: '/var/lib/lockstep',
  };
});

const faultsIn = (environment: Readonly<Record<string, string>>, persist = true): string => {
  try {
    readRelaySettings({ ...sound, ...environment }, persist);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe("a relay's settings", () => {
  it('are read, and have defaults', () => {
    expect(readRelaySettings({ ...sound, SDK_KEYS: '[]', INGEST_URL: 'https://ingest.flags.internal' }, true)).toEqual({
      environment: 'production',
      key: 'ls_relay_secret',
      publicKeys: [expect.objectContaining({ kid: 'key-1' })],
      access: { sdkKeys: [], allowedOrigins: ['*'] },
      host: '0.0.0.0',
      port: 8_080,
      cacheDir: '/var/lib/lockstep',
      ingestUrl: 'https://ingest.flags.internal',
      canary: false,
      staleAfterMs: 60_000,
      soakMs: 60_000,
      drainMs: 10_000,
      maxStreams: 20_000,
      bundledDefaults: new Map(),
    });
  });

  it('have their faults named all at once, and no secret with them', () => {
    const faults = faultsIn({ ENVIRONMENT: '', PUBLIC_KEYS: '[]', PORT: '70000', CANARY: 'yes', CACHE_DIR: '' });
    for (const name of ['ENVIRONMENT', 'PUBLIC_KEYS', 'PORT', 'CANARY', 'CACHE_DIR']) expect(faults).toContain(name);
    expect(faults).not.toContain('ls_relay_secret');
  });

  it('need no folder where nothing is kept', () => {
    expect(faultsIn({ CACHE_DIR: '' }, false)).toBe('');
  });

  it.each<[string, Record<string, string>]>([
    ['no key', { LOCKSTEP_KEY: '' }],
    ['a port that is no number', { PORT: '80a' }],
    ['a unit key that is too short', { UNIT_KEY: 'AAAA', INGEST_URL: 'https://ingest.flags.internal' }],
    ['a unit key without a way to ingest', { UNIT_KEY: 'A'.repeat(43) }],
    ['an address of ingest with a path', { INGEST_URL: 'https://ingest.flags.internal/v1/exposures' }],
    ['an address of ingest with a password', { INGEST_URL: 'https://me:secret@ingest.flags.internal' }],
    ['B49: an SDK key that is not hashed', { SDK_KEYS: '[{"key":"ls_server_x","kind":"server"}]' }],
    ['defaults without a value', { OFFLINE_DEFAULTS: '{"a.flag":{"variation":"on","visibility":"client"}}' }],
    ['times that are none', { DRAIN_MS: '10s' }],
  ])('refuse %s', (_, environment) => {
    expect(faultsIn(environment)).not.toBe('');
  });
});
