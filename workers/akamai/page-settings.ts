/** The settings of what is decided for pages. */
import { type Bindings, readSettings } from '#http/settings';
import { KEY_PATTERN, MAX_KEY, MAX_NAME, NAME_PATTERN } from '#schema/limits';
import { HEADER_ROOM, longestHandOff } from './hand-off.ts';
import type { ViewSettings } from './settings.ts';

export interface PageSettings {
  /** Flags that are decided for each request: those that pages differ by, and then the others, in order of importance. */
  readonly flags: readonly string[];
  /** Those of them that pages differ by. */
  readonly varyBy: readonly string[];
  /** The cookie that holds the user's key. */
  readonly unitCookie: string;
}

/** Throws a `SettingsError`. */
export const readPageSettings = (
  bindings: Bindings,
  { offlineDefaults }: Pick<ViewSettings, 'offlineDefaults'>,
): PageSettings =>
  readSettings(bindings, (settings) => {
    const flags = settings.list('FLAGS', isKey, 'flag keys');
    const varyBy = settings.list('VARY_BY', isKey, 'flag keys');
    const strange = varyBy.find((key) => !flags.includes(key));
    if (strange !== undefined) settings.fault(`VARY_BY has ${strange}, which FLAGS has not: it would never be decided`);
    const longest = longestHandOff(varyBy);
    if (longest > HEADER_ROOM) {
      settings.fault(
        `VARY_BY: decisions of its flags can take ${longest} characters of a header, at most ${HEADER_ROOM}: what the origin ` +
          'misses it decides itself, and pages would be cached by another decision',
      );
    }
    const unitCookie = settings.optional('UNIT_COOKIE') ?? UNIT_COOKIE;
    if (!COOKIE_NAME.test(unitCookie)) settings.fault('UNIT_COOKIE must be the name of a cookie');
    // Whoever reads what is handed on tells names by what separates them.
    if (![...offlineDefaults.values()].every(({ variation }) => isName(variation))) {
      settings.fault('OFFLINE_DEFAULTS: a variation is a name of letters, digits, ".", "_", "-"');
    }
    return { flags: [...new Set([...varyBy, ...flags])], varyBy, unitCookie };
  });

const isName = (text: string): boolean => text.length <= MAX_NAME && NAME_PATTERN.test(text);

const isKey = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_KEY && KEY_PATTERN.test(value);

/** The cookie that holds the user's key, whatever is wrong with the settings. */
export function unitCookieIn({ UNIT_COOKIE: named }: Bindings): string {
  return typeof named === 'string' && COOKIE_NAME.test(named) ? named : UNIT_COOKIE;
}

const UNIT_COOKIE = 'visitor';

/** RFC 6265, 4.1.1. */
const COOKIE_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
