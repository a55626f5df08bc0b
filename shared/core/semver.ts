/**
 * Semantic versions, without allocating where there is no pre-release: https://semver.org/spec/v2.0.0.html, sections 9 to 11.
 *
 * Minor and patch may be left out (`2` is `2.0.0`); a leading `v` or zero is refused; build metadata is ignored.
 */

const MAX_LENGTH = 256;
/** 15 digits always fit a double exactly. */
const MAX_DIGITS = 15;

const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

export interface Version {
  /** How many of major, minor and patch were written. */
  parts: number;
  major: number;
  minor: number;
  patch: number;
  /** Empty where there is none. */
  preRelease: string;
}

export const blankVersion = (): Version => ({ parts: 0, major: 0, minor: 0, patch: 0, preRelease: '' });

/** What may follow the numbers: a pre-release, whose numbers have no leading zero, and build metadata. */
const TAIL =
  /^(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;

/** Reads `text` into `into`; false where it is no version. */
export function readVersion(text: string, into: Version): boolean {
  const length = text.length;
  if (length > MAX_LENGTH) return false;
  into.minor = 0;
  into.patch = 0;
  let position = 0;
  let parts = 0;
  for (;;) {
    const from = position;
    let value = 0;
    while (position < length && isDigit(text.charCodeAt(position))) {
      value = value * 10 + text.charCodeAt(position++) - ZERO;
    }
    const digits = position - from;
    if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && text.charCodeAt(from) === ZERO)) return false;
    if (parts === 0) into.major = value;
    else if (parts === 1) into.minor = value;
    else into.patch = value;
    parts++;
    if (parts === 3 || position === length || text.charCodeAt(position) !== DOT) break;
    position++;
  }
  into.parts = parts;
  into.preRelease = '';
  if (position === length) return true;
  const tail = TAIL.exec(text.slice(position));
  into.preRelease = tail?.[1] ?? '';
  return tail !== null;
}

/** Precedence: negative, zero or positive. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePreReleases(a, b);
}

/** `~`: at least `base`, same major, and same minor where `base` writes one. */
export const inTilde = (version: Version, base: Version): boolean =>
  compareVersions(version, base) >= 0 &&
  version.major === base.major &&
  (base.parts === 1 || version.minor === base.minor);

/** `^`: at least `base`, and equal up to the leftmost part of it that is not zero (or, of all zeros, the last written). */
export function inCaret(version: Version, base: Version): boolean {
  if (compareVersions(version, base) < 0 || version.major !== base.major) return false;
  if (base.major > 0 || base.parts === 1) return true;
  if (version.minor !== base.minor) return false;
  return base.minor > 0 || base.parts === 2 || version.patch === base.patch;
}

/** Section 11.4: identifiers in turn; numbers below words, and a shorter list below a longer one that starts the same. */
function comparePreReleases(a: Version, b: Version): number {
  if (a.preRelease === '' || b.preRelease === '') return Number(a.preRelease === '') - Number(b.preRelease === '');
  const left = a.preRelease.split('.');
  const right = b.preRelease.split('.');
  for (const [at, identifier] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    if (identifier !== other) return compareIdentifiers(identifier, other);
  }
  return left.length - right.length;
}

function compareIdentifiers(a: string, b: string): number {
  const numeric = Number(NUMERIC.test(b)) - Number(NUMERIC.test(a));
  if (numeric !== 0) return numeric;
  // Numbers carry no leading zero, so the longer one is the larger.
  if (NUMERIC.test(a) && a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

const NUMERIC = /^\d+$/;

const isDigit = (unit: number): boolean => unit >= ZERO && unit <= NINE;
