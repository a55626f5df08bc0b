import { expect, it } from 'vitest';
import { sightingsText } from '../../../scripts/cli/who-saw.ts';

const SIGHTING = {
  ...{ revision: 7, rule: 'us-5-percent', variation: 'v2' },
  ...{ region: 'us-east-1', cloud: 'cloudflare', pop: 'iad', time: 1_795_420_800_000 },
};

it('tells who saw what as a table, with a dash for what is not known', () => {
  const unknown = { ...SIGHTING, revision: 8, rule: '', region: '', cloud: '', pop: '' };
  expect(sightingsText([SIGHTING, unknown]).split('\n')).toEqual([
    'first at                  revision  variation  rule          where',
    '2026-11-23T08:00:00.000Z  7         v2         us-5-percent  us-east-1 cloudflare iad',
    '2026-11-23T08:00:00.000Z  8         v2         -             -',
  ]);
  expect(sightingsText([])).toBe('nothing that has arrived');
});
