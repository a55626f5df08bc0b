import { beforeAll, describe, expect, it } from 'vitest';
import { readPublisherSettings } from '../../../workers/publisher/settings.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';

let signer: Signer;
let sound: Readonly<Record<string, string>>;
let jwk: JsonWebKey;
beforeAll(async () => {
  signer = await createSigner('key-7');
  jwk = await crypto.subtle.exportKey('jwk', signer.key.privateKey as CryptoKey);
  sound = {
    ENVIRONMENT: 'production',
    PUBLISHER_KEYS: JSON.stringify([{ sha256: 'x'.repeat(43), kind: 'break-glass', name: 'on call' }]),
    SIGNING_KEY: JSON.stringify({ ...jwk, kid: 'key-7', alg: 'ES256', ext: true }),
    PUBLIC_KEYS: JSON.stringify([signer.publicKey]),
  };
});

const faultsIn = (bindings: Readonly<Record<string, string>>): string => {
  try {
    readPublisherSettings({ ...sound, ...bindings });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the settings of the publisher', () => {
  it('are read', () => {
    expect(readPublisherSettings(sound)).toMatchObject({
      environment: 'production',
      keys: [{ kind: 'break-glass', name: 'on call' }],
      signing: { kid: 'key-7', privateKey: { kty: 'EC', crv: 'P-256', alg: 'ES256' } },
      publicKeys: [{ kid: 'key-7' }],
    });
  });

  it('have their faults named all at once, and no secret with them', () => {
    const secret = JSON.stringify({ ...jwk, kid: 7 });
    const faults = faultsIn({ ENVIRONMENT: '', PUBLISHER_KEYS: '{}', SIGNING_KEY: secret, PUBLIC_KEYS: 'x' });
    for (const name of ['ENVIRONMENT', 'PUBLISHER_KEYS', 'SIGNING_KEY', 'PUBLIC_KEYS']) expect(faults).toContain(name);
    expect(faults).not.toContain(jwk.d);
  });

  it.each<[string, () => Record<string, string>]>([
    ['no signing key', () => ({ SIGNING_KEY: '' })],
    ['a signing key that is cut off', () => ({ SIGNING_KEY: sound['SIGNING_KEY']?.slice(0, -9) ?? '' })],
    ['a signing key that is public', () => ({ SIGNING_KEY: JSON.stringify(signer.publicKey) })],
    [
      'B49: a publisher key that is not hashed',
      () => ({ PUBLISHER_KEYS: '[{"key":"ls_publisher","kind":"publisher"}]' }),
    ],
    [
      'a publisher key that is an SDK key',
      () => ({ PUBLISHER_KEYS: `[{"sha256":"${'x'.repeat(43)}","kind":"server"}]` }),
    ],
    ['public keys without that of the signing key', () => ({ PUBLIC_KEYS: '[]' })],
    [
      'public keys with another of its name',
      () => ({ PUBLIC_KEYS: JSON.stringify([{ ...signer.publicKey, x: 'x'.repeat(43) }]) }),
    ],
  ])('%s is a fault', (_, bindings) => {
    expect(faultsIn(bindings())).toContain(Object.keys(bindings())[0]);
  });
});
