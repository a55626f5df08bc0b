import { describe, expect, it } from 'vitest';
import { readLines } from '#ruleset/reader';
import { longestHandOff } from '../../../workers/akamai/hand-off.ts';
import type { InForce } from '../../../workers/akamai/lockstep.ts';
import { decidePage } from '../../../workers/akamai/page.ts';
import { readPageSettings, unitCookieIn } from '../../../workers/akamai/page-settings.ts';
import { rawLines } from '../fixtures/lines.ts';

const OFFLINE = { offlineDefaults: new Map() };
const settingsOf = (flags: readonly string[], varyBy: readonly string[]) =>
  readPageSettings({ FLAGS: JSON.stringify(flags), VARY_BY: JSON.stringify(varyBy) }, OFFLINE);

const keys = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_, at) => `pricing.${String(at).padStart(length - 'pricing.'.length, 'x')}`);

const request = { getHeader: () => undefined };

/** Of a view in which each flag has variations of names as long as may be, and serves the second. */
function inForce(flags: readonly string[]): InForce {
  const [off, on] = ['a', 'b'].map((letter) => letter.repeat(64));
  const entry = (k: string) => ({
    k,
    r: 7,
    v: [
      [off, false, 'aaaaaaaa'],
      [on, true, 'bbbbbbbb'],
    ],
    o: 0,
    f: 1,
  });
  const ruleset = readLines(rawLines(flags.map((k) => entry(k) as never)), 7);
  const line = (flag: string): string | undefined => ruleset.line(flag);
  return { ruleset, line, digest: '', place: {}, version: 7, ageMs: 0, stale: false, offline: false, fault: undefined };
}

const flagsIn = (text = ''): string[] =>
  text
    .split(',')
    .slice(1)
    .map((one) => one.split('=', 1)[0] as string);

describe('what a page is cached by', () => {
  it.each([
    [71, 40],
    [200, 24],
    [1_000, 128],
  ])('is told to the origin, whatever else finds no room: of %i flags with keys of %i characters', (count, length) => {
    const flags = keys(count, length);
    const varyBy = flags.slice(-3);
    const { headers, variables } = decidePage(inForce(flags), settingsOf(flags, varyBy), request);
    const [told] = Object.values(headers);
    expect(flagsIn(told).slice(0, 3)).toEqual(varyBy);
    expect(flagsIn(told).length).toBeLessThan(count);
    expect(varyBy.slice(0, 1)).toEqual(flagsIn(variables['PMUSER_LOCKSTEP']).slice(0, 1));
    expect(variables['PMUSER_LOCKSTEP_KEY']).toBe('bbbbbbbb.bbbbbbbb.bbbbbbbb');
  });

  it('is at most what has room in the header, whatever is decided: more is refused', () => {
    const fitting = keys(31, 24);
    expect(longestHandOff(fitting)).toBeLessThanOrEqual(4_000);
    const { headers } = decidePage(inForce(fitting), settingsOf(fitting, fitting), request);
    expect(flagsIn(Object.values(headers)[0])).toEqual(fitting);
    const more = keys(33, 24);
    expect(() => settingsOf(more, more)).toThrow(
      /^VARY_BY: decisions of its flags can take 40\d\d characters .* at most 4000/,
    );
  });

  it('is decided once where it is named twice', () => {
    const [a, b] = keys(2, 24) as [string, string];
    expect(settingsOf([a, b, a], [b, b]).flags).toEqual([b, a]);
  });
});

it.each<[string, unknown, string]>([
  ['the one that is set', 'session', 'session'],
  ['its default', undefined, 'visitor'],
  ['its default where no cookie can be named so', 'a=b; c', 'visitor'],
  ['its default where it is no text', 7, 'visitor'],
])('the cookie of a page that nobody decided for is %s', (_, named, cookie) => {
  expect(unitCookieIn({ UNIT_COOKIE: named })).toBe(cookie);
});
