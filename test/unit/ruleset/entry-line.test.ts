import { expect, it } from 'vitest';
import { canonicalJson } from '#ruleset/canonical-json';
import { entryLine } from '#ruleset/write/line';
import type { Entry } from '#schema/entry';

const banner: Entry = {
  k: 'platform.banner',
  r: 3,
  v: [
    ['none', { show: false }, 'QEb1NPPr'],
    ['planned', { show: true, text: 'Sunday, 02:00–04:00', at: { to: 4, from: 2 } }, 'sq8gGyXT'],
  ],
  o: 0,
  f: 1,
};

it('an entry is the same line whoever wrote its values, and from whatever it was read back', () => {
  const line = entryLine(banner);
  expect(line).toContain(
    '["planned",{"at":{"from":2,"to":4},"show":true,"text":"Sunday, 02:00\\u201304:00"},"sq8gGyXT"]',
  );
  // As a log has it, whose keys are all in order.
  expect(entryLine(JSON.parse(canonicalJson(banner)) as Entry)).toBe(line);
  expect(entryLine(JSON.parse(line) as Entry)).toBe(line);
});
