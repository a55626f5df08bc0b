import { describe, expect, it } from 'vitest';
import { readSettings } from '#http/settings';
import { readViewSettings } from '../../../workers/akamai/settings.ts';
import { akamaiSettings } from '../../../workers/publisher/akamai-settings.ts';

const KEY = { kid: 'key-1', kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) };
const SOUND = {
  ENVIRONMENT: 'production',
  VIEW: 'pricing',
  EDGEKV_NAMESPACE: 'lockstep',
  EDGEKV_GROUP: 'production',
  PUBLIC_KEYS: JSON.stringify([KEY]),
};
const PUBLISHERS = {
  AKAMAI_VIEWS: '[{"name": "pricing", "namespace": "pricing"}]',
  EDGEGRID: '{"host": "akab-x.luna.akamaiapis.net", "clientToken": "c", "clientSecret": "s", "accessToken": "a"}',
};

const atReader = (more: object) => () => readViewSettings({ ...SOUND, ...more });
const atPublisher = (more: object) => () =>
  readSettings({ ...SOUND, ...PUBLISHERS, ...more }, (settings) => akamaiSettings(settings, 'production'));

describe('names in EdgeKV', () => {
  it.each(['lockstep', '_x', 'A-1', 'x'.repeat(32)])('a namespace may be %s, to who writes and who reads', (name) => {
    expect(atReader({ EDGEKV_NAMESPACE: name })().item).toEqual({
      namespace: name,
      group: 'production',
      item: 'pricing',
    });
    expect(atPublisher({ EDGEKV_NAMESPACE: name })()).toMatchObject({ namespace: name });
  });

  it.each<[string, string]>([
    ['EDGEKV_NAMESPACE', '-lockstep'],
    ['EDGEKV_NAMESPACE', 'x'.repeat(33)],
    ['EDGEKV_NAMESPACE', 'a.b'],
    ['EDGEKV_NAMESPACE', 'lockstep\n'],
    ['EDGEKV_GROUP', 'a/b'],
    ['EDGEKV_GROUP', 'x'.repeat(129)],
  ])('%s may not be %j, to either', (setting, name) => {
    for (const read of [atReader({ [setting]: name }), atPublisher({ [setting]: name })]) {
      expect(read).toThrow(new RegExp(`^${setting} must be 1 to `));
    }
  });

  it('an item may be any but the view’s name', () => {
    expect(atReader({ EDGEKV_ITEM: '-other' })().item.item).toBe('-other');
    expect(atReader({ EDGEKV_ITEM: 'x'.repeat(513) })).toThrow(/^EDGEKV_ITEM must be 1 to 512/);
    expect(atReader({ VIEW: 'a.b' })).toThrow(/^EDGEKV_ITEM must be/);
  });
});

it.each(['1', '1500'])('EdgeKV may be waited for %s ms', (ms) => {
  expect(atReader({ READ_TIMEOUT_MS: ms })().readTimeoutMs).toBe(Number(ms));
});

it.each(['0', '1501', '4000'])('EdgeKV may not be waited for %s ms: a handler of the Basic tier has 4 s', (ms) => {
  expect(atReader({ READ_TIMEOUT_MS: ms })).toThrow('READ_TIMEOUT_MS must be 1 to 1500');
});
