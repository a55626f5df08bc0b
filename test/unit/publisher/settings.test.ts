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
    ['an environment too long for its keys document', () => ({ ENVIRONMENT: 'e'.repeat(60) })],
    [
      'a public key whose name no line could hold',
      () => ({ PUBLIC_KEYS: JSON.stringify([signer.publicKey, { ...signer.publicKey, kid: 'key 8' }]) }),
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

describe('the settings of Akamai', () => {
  const SECRET = 'secret-of-the-test';
  const edgeGrid = { host: 'akab-x.luna.akamaiapis.net', clientToken: 't', clientSecret: SECRET, accessToken: 'a' };
  const akamai = {
    AKAMAI_VIEWS: '[{"name":"pricing","namespace":"pricing"},{"name":"page_2","flags":["search.map","promo"]}]',
    EDGEKV_NAMESPACE: 'lockstep',
    EDGEKV_GROUP: 'production',
    EDGEGRID: JSON.stringify(edgeGrid),
  };

  it('are not asked for where no view is declared', () => {
    expect(readPublisherSettings(sound).akamai).toBeUndefined();
    expect(readPublisherSettings({ ...sound, AKAMAI_VIEWS: '[]', EDGEGRID: '{' }).akamai).toBeUndefined();
  });

  it('are read; both networks are written unless one is chosen', () => {
    expect(readPublisherSettings({ ...sound, ...akamai }).akamai).toEqual({
      views: JSON.parse(akamai.AKAMAI_VIEWS),
      namespace: 'lockstep',
      group: 'production',
      networks: ['staging', 'production'],
      account: edgeGrid,
    });
    const chosen = { ...sound, ...akamai, EDGEKV_NETWORKS: '["production"]' };
    expect(readPublisherSettings(chosen).akamai?.networks).toEqual(['production']);
    const switched = { ...edgeGrid, accountSwitchKey: '1-5BYUG1:1-8BYUX' };
    const all = { ...akamai, AKAMAI_VIEWS: '[{"name":"all","namespace":"*"}]', EDGEGRID: JSON.stringify(switched) };
    expect(readPublisherSettings({ ...sound, ...all }).akamai).toMatchObject({
      views: [{ name: 'all', namespace: '*' }],
      account: switched,
    });
  });

  it('have their faults named all at once, and no secret with them', () => {
    const faults = faultsIn({
      AKAMAI_VIEWS: akamai.AKAMAI_VIEWS,
      EDGEKV_NETWORKS: '["prod"]',
      EDGEGRID: JSON.stringify({ ...edgeGrid, host: 'https://akab-x' }),
    });
    for (const name of ['EDGEKV_NAMESPACE', 'EDGEKV_GROUP', 'EDGEKV_NETWORKS', 'EDGEGRID'])
      expect(faults).toContain(name);
    expect(faults).not.toContain(SECRET);
  });

  const views = (...declared: readonly unknown[]) => ({ AKAMAI_VIEWS: JSON.stringify(declared) });
  it.each<[string, Record<string, string>]>([
    ['a view without a name', views({ namespace: 'a' })],
    ['a view by a name that EdgeKV does not take', views({ name: 'a.b', namespace: 'a' })],
    ['a view of nothing', views({ name: 'a' })],
    ['a view of a namespace and a list', views({ name: 'a', namespace: 'a', flags: ['b'] })],
    ['a view of a list that is empty', views({ name: 'a', flags: [] })],
    ['a view of what is no flag', views({ name: 'a', flags: ['segment:b'] })],
    ['a view of a flag in the place of a namespace', views({ name: 'a', namespace: 'pricing.fares' })],
    ['a view with a field that is misspelled', views({ name: 'a', namespace: 'a', flag: 'b' })],
    ['two views by one name', views({ name: 'a', namespace: 'a' }, { name: 'a', namespace: 'b' })],
    ['a view by the name of the keys document', views({ name: 'keys', namespace: 'a' })],
    ['a view whose environment is longer than a header holds', views({ name: 'a'.repeat(54), namespace: 'a' })],
    [
      'more views than have their turns',
      views(...Array.from({ length: 21 }, (_, at) => ({ name: `v${at}`, namespace: 'a' }))),
    ],
    ['a namespace that EdgeKV does not take', { EDGEKV_NAMESPACE: '-a' }],
    ['a group that EdgeKV does not take', { EDGEKV_GROUP: 'a/b' }],
    ['an account that is no JSON', { EDGEGRID: '[default]' }],
    ['an account without a secret', { EDGEGRID: JSON.stringify({ ...edgeGrid, clientSecret: '' }) }],
    ['an account with a line feed in a token', { EDGEGRID: JSON.stringify({ ...edgeGrid, accessToken: 'a\nb' }) }],
    ['an account that is of null', { EDGEGRID: 'null' }],
  ])('%s is a fault', (_, wrong) => {
    expect(faultsIn({ ...akamai, ...wrong })).toContain(Object.keys(wrong)[0]);
    expect(faultsIn({ ...akamai, ...wrong })).not.toContain(SECRET);
  });
});
