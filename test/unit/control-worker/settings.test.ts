import { describe, expect, it } from 'vitest';
import { readControlSettings } from '../../../workers/control/settings.ts';

const KEY = { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43), d: 'd'.repeat(43) };
const ADA = {
  ...{ sha256: 's'.repeat(43), id: 'sso:ada', person: 'ada', kind: 'person', roles: ['admin'] },
  scopes: { environments: ['*'], namespaces: ['*'], actions: ['*'] },
};
const directory = (...principals: object[]): string => JSON.stringify({ shop: { principals } });
const sound: Readonly<Record<string, string>> = {
  AUDIT_ORIGIN: 'audit.marketplace.example/production',
  CHECKPOINT_KEYS: JSON.stringify([KEY]),
  PUBLISHERS: '{"production": {"url": "https://publisher.example/base", "key": "ls_publisher"}}',
  INGESTS: '{"production": {"url": "https://ingest.example", "key": "ls_control"}}',
  WEBHOOK_KEYS: JSON.stringify([KEY]),
  DIRECTORY: directory(ADA),
};

const faultsIn = (bindings: Readonly<Record<string, string>>): string => {
  try {
    readControlSettings({ ...sound, ...bindings });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the settings of the control plane', () => {
  it('are read', () => {
    expect(readControlSettings(sound)).toEqual({
      auditOrigin: 'audit.marketplace.example/production',
      checkpointKeys: [KEY],
      publishers: new Map([['production', { url: 'https://publisher.example/base', key: 'ls_publisher' }]]),
      ingests: new Map([['production', { url: 'https://ingest.example', key: 'ls_control' }]]),
      webhookKeys: [KEY],
      webhooksAllowPrivate: false,
      directories: new Map([['shop', { principals: [ADA] }]]),
    });
  });

  it("let webhooks into one's own network where that is said", () => {
    expect(readControlSettings({ ...sound, WEBHOOKS_ALLOW_PRIVATE: 'true' }).webhooksAllowPrivate).toBe(true);
  });

  it('have their faults named all at once, and no secret with them', () => {
    const secret = JSON.stringify([{ ...KEY, kty: 'EC' }]);
    const faults = faultsIn({
      AUDIT_ORIGIN: '',
      CHECKPOINT_KEYS: secret,
      WEBHOOK_KEYS: secret,
      WEBHOOKS_ALLOW_PRIVATE: 'perhaps',
      PUBLISHERS: '{"a": {"key": "ls_secret"}}',
      INGESTS: '{"a": {"key": "ls_secret"}}',
      DIRECTORY: directory({ ...ADA, sha256: 'ls_secret' }),
    });
    const names = ['AUDIT_ORIGIN', 'CHECKPOINT_KEYS', 'PUBLISHERS', 'INGESTS', 'DIRECTORY'];
    for (const name of [...names, 'WEBHOOK_KEYS', 'WEBHOOKS_ALLOW_PRIVATE']) expect(faults).toContain(name);
    expect(faults).not.toMatch(/ddd|ls_secret/);
  });

  it.each<[string, Record<string, string>]>([
    ['a log whose name has a space', { AUDIT_ORIGIN: 'a b' }],
    ['no key', { CHECKPOINT_KEYS: '[]' }],
    ['a public key', { CHECKPOINT_KEYS: JSON.stringify([{ ...KEY, d: undefined }]) }],
    ['an address that ends in a slash', { PUBLISHERS: '{"a": {"url": "https://a.example/", "key": "k"}}' }],
    ['an address with a query', { PUBLISHERS: '{"a": {"url": "https://a.example?x", "key": "k"}}' }],
    ['an address of another scheme', { PUBLISHERS: '{"a": {"url": "file:///a", "key": "k"}}' }],
    ['no key of a publisher', { PUBLISHERS: '{"a": {"url": "https://a.example", "key": ""}}' }],
    ['a principal without a token', { DIRECTORY: directory({ ...ADA, sha256: undefined }) }],
    ['two principals with one id', { DIRECTORY: directory(ADA, { ...ADA, sha256: 'z'.repeat(43) }) }],
    ['two principals with one token', { DIRECTORY: directory(ADA, { ...ADA, id: 'sso:b' }) }],
    ['a principal that names itself after a service token', { DIRECTORY: directory({ ...ADA, id: 'token:ci' }) }],
  ])('are refused: %s', (_what, bindings) => {
    expect(faultsIn(bindings)).not.toBe('');
  });
});
