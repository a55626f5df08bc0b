import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJsonText } from '#http/json-text';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

it('refuses JSON that nests deeper than it may, lists and objects alike, and no other', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 6 }), (value, maxDepth) => {
      const text = JSON.stringify(value);
      const found = parseJsonText(text, maxDepth);
      const isTooDeep = depthOf(JSON.parse(text)) > maxDepth;
      expect(found).toEqual(isTooDeep ? { ok: false, error: 'too-deep' } : { ok: true, value: JSON.parse(text) });
    }),
  );
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":1,"b":', '}'],
    ['[0,{"a":', '}]'],
  ] as const) {
    const text = (times: number): string => `${open.repeat(times)}0${close.repeat(times)}`;
    const levels = open.includes('[') && open.includes('{') ? 2 : 1;
    expect(parseJsonText(text(16), 16 * levels).ok).toBe(true);
    expect(parseJsonText(text(17), 16 * levels)).toEqual({ ok: false, error: 'too-deep' });
  }
});
