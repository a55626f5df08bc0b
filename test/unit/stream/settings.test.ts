import { describe, expect, it } from 'vitest';
import { readStreamSettings } from '../../../workers/stream/settings.ts';
import { createSigner } from '../fixtures/signing.ts';

const { publicKey } = await createSigner();
const sound = { ENVIRONMENT: 'production', PUBLIC_KEYS: JSON.stringify([publicKey]) };
const ORIGIN = 'https://ingest.flags.internal';

describe('the settings of the stream', () => {
  it('say who hears when keys were last used, where anybody does', () => {
    expect(readStreamSettings(sound).uses).toBeUndefined();
    const { uses } = readStreamSettings({ ...sound, INGEST_URL: ORIGIN, INGEST_KEY: 'ls_pop' });
    expect(uses).toEqual({ url: ORIGIN, key: 'ls_pop' });
  });

  it.each([
    ['without a key', { INGEST_URL: ORIGIN }, 'INGEST_KEY'],
    ['with a path', { INGEST_URL: `${ORIGIN}/v1/exposures`, INGEST_KEY: 'ls_pop' }, 'INGEST_URL'],
    ['with a password', { INGEST_URL: 'https://me:secret@ingest.flags.internal', INGEST_KEY: 'ls_pop' }, 'INGEST_URL'],
    ['of another protocol', { INGEST_URL: 'file:///ingest', INGEST_KEY: 'ls_pop' }, 'INGEST_URL'],
  ])('name an address of ingest %s as a fault', (_, more, fault) => {
    expect(() => readStreamSettings({ ...sound, ...more })).toThrow(fault);
  });
});
