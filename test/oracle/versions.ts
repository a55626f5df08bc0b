/** A version; a part that is not written is undefined and counts as 0. */
export type Version = {
  readonly major: number;
  readonly minor: number | undefined;
  readonly patch: number | undefined;
  readonly preRelease: readonly string[];
};

const PART = '(0|[1-9][0-9]{0,14})';
const IDENTIFIERS = '([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)';
const VERSION = new RegExp(`^${PART}(?:\\.${PART}(?:\\.${PART})?)?(?:-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?$`);
const DIGITS = /^[0-9]+$/;
const LEADING_ZERO = /^0[0-9]+$/;

/** Parses a version, or gives undefined where the value is none. */
export function parseVersion(value: unknown): Version | undefined {
  if (typeof value !== 'string' || value.length > 256) return undefined;
  const parts = VERSION.exec(value);
  if (parts === null) return undefined;
  const preRelease = parts[4] === undefined ? [] : parts[4].split('.');
  if (preRelease.some((identifier) => LEADING_ZERO.test(identifier))) return undefined;
  const written = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return { major: Number(parts[1]), minor: written(parts[2]), patch: written(parts[3]), preRelease };
}

function sign(difference: number | bigint): number {
  return difference > 0 ? 1 : difference < 0 ? -1 : 0;
}

function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0;
  if (DIGITS.test(a) && DIGITS.test(b)) return sign(BigInt(a) - BigInt(b));
  if (DIGITS.test(a)) return -1;
  if (DIGITS.test(b)) return 1;
  return a < b ? -1 : 1;
}

function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return sign(b.length - a.length);
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareIdentifiers(a[index] ?? '', b[index] ?? '');
    if (order !== 0) return order;
  }
  return sign(a.length - b.length);
}

/** Precedence by Semantic Versioning 2.0.0, section 11: negative, 0 or positive. */
export function compareVersions(a: Version, b: Version): number {
  if (a.major !== b.major) return sign(a.major - b.major);
  if ((a.minor ?? 0) !== (b.minor ?? 0)) return sign((a.minor ?? 0) - (b.minor ?? 0));
  if ((a.patch ?? 0) !== (b.patch ?? 0)) return sign((a.patch ?? 0) - (b.patch ?? 0));
  return comparePreReleases(a.preRelease, b.preRelease);
}

/** `semverTilde`. */
export function withinTilde(version: Version, base: Version): boolean {
  if (compareVersions(version, base) < 0 || version.major !== base.major) return false;
  return base.minor === undefined || (version.minor ?? 0) === base.minor;
}

/** `semverCaret`. */
export function withinCaret(version: Version, base: Version): boolean {
  if (compareVersions(version, base) < 0 || version.major !== base.major) return false;
  if (base.major !== 0 || base.minor === undefined) return true;
  if ((version.minor ?? 0) !== base.minor) return false;
  if (base.minor !== 0 || base.patch === undefined) return true;
  return (version.patch ?? 0) === base.patch;
}
