import { describe, expect, it } from 'vitest';
import { issueText } from '#ruleset/write/yaml-file';
import { readRelayConfig } from '../../../workers/relay/config/relay-config.ts';

const SOUND = `relay:
  streamUri: https://stream.flags.internal
  cache: { persist: true, staleIfError: true }
  region: ap-southeast-1
  cloud: gcp
flagDefaults:
  pricing.fareBundlingV2: "control"
  checkout.newAddressForm: "off"
`;

const faultsIn = (text: string): string => {
  const read = readRelayConfig({ name: 'relay-config.yaml', text });
  return read.ok ? '' : issueText(read.error);
};

describe('relay-config.yaml', () => {
  it('is read', () => {
    expect(readRelayConfig({ name: 'relay-config.yaml', text: SOUND })).toEqual({
      ok: true,
      value: {
        relay: {
          streamUri: 'https://stream.flags.internal',
          cache: { persist: true, staleIfError: true },
          region: 'ap-southeast-1',
          cloud: 'gcp',
        },
        flagDefaults: { 'pricing.fareBundlingV2': 'control', 'checkout.newAddressForm': 'off' },
      },
    });
  });

  it('needs no defaults', () => {
    const read = readRelayConfig({ name: 'relay-config.yaml', text: SOUND.slice(0, SOUND.indexOf('flagDefaults')) });
    expect(read).toMatchObject({ ok: true, value: { flagDefaults: {} } });
  });

  it.each<[string, string, string]>([
    [
      'an unknown section',
      `${SOUND}exposures: {}\n`,
      'relay-config.yaml:9:1  exposures is no key of relay-config.yaml; there are relay and flagDefaults here',
    ],
    [
      'an unknown key of the relay',
      SOUND.replace('  cloud: gcp', '  cloud: gcp\n  key: ls_relay_x'),
      'relay-config.yaml:6:3  relay.key is no key of relay-config.yaml; there are streamUri, cache, region and cloud',
    ],
    [
      'an unknown key of the cache',
      SOUND.replace('{ persist: true,', '{ persist: true, ttl: 60,'),
      'relay-config.yaml:3:27  relay.cache.ttl is no key of relay-config.yaml; there are persist and staleIfError',
    ],
    ['a region that is missing', SOUND.replace('  region: ap-southeast-1\n', ''), 'relay.region is missing'],
    [
      'a text for a switch',
      SOUND.replace('persist: true', 'persist: "yes"'),
      '3:12  relay.cache.persist Invalid input',
    ],
    ['a boolean for a variation', SOUND.replace('"off"', 'true'), '8:3  flagDefaults.checkout.newAddressForm'],
    ['a default of no flag', SOUND.replace('checkout.newAddressForm', 'a flag'), '8:3  flagDefaults.a flag'],
    [
      'an address with a path',
      SOUND.replace('.internal', '.internal/v1/stream'),
      '2:3  relay.streamUri must be an origin',
    ],
    ['B49: an address with a key', SOUND.replace('.internal', '.internal?key=ls_relay_x'), 'must be an origin'],
    ['an address with a password', SOUND.replace('//stream', '//me:secret@stream'), 'must be an origin'],
    ['an address of another protocol', SOUND.replace('https:', 'ftp:'), 'must be an origin'],
    ['a region of other characters', SOUND.replace('ap-southeast-1', 'Zürich'), 'must be printable ASCII'],
    ['an empty file', '', 'relay-config.yaml:1:1'],
    ['a list', '- relay\n', 'relay-config.yaml:1:1'],
    ['no YAML', 'relay: {', 'relay-config.yaml:1:9'],
    ['two documents', `${SOUND}---\nrollout: {}\n`, 'multiple documents'],
    ['a key that is there twice', SOUND.replace('  cloud: gcp', '  cloud: gcp\n  cloud: aws'), '6:3'],
    ['an alias', SOUND.replace('gcp', '&a gcp').replace('ap-southeast-1', '*a'), '4:11  aliases are not taken'],
    ['a prototype', `${SOUND}  __proto__: "on"\n`, '9:3  __proto__ is a name that every object has'],
  ])('refuses %s, and says where', (_, text, message) => {
    expect(faultsIn(text)).toContain(message);
  });

  it('names all mistakes at once, each at its line', () => {
    const text = SOUND.replace('persist: true', 'keep: true').replace('cloud: gcp', 'colour: blue');
    const lines = faultsIn(text).split('\n');
    expect(lines.map((line) => /^relay-config\.yaml:(\d+):/.exec(line)?.[1]).sort()).toEqual(['1', '3', '3', '5']);
  });

  it('is bounded before it is parsed', () => {
    expect(faultsIn(`${SOUND}# ${'x'.repeat(3_000_000)}`)).toContain('characters long, at most 2097152');
  });
});
