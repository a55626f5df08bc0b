/**
 * Semantic versions, compared without allocating: https://semver.org/spec/v2.0.0.html, sections 9 to 11.
 *
 * Minor and patch may be left out (`2` is `2.0.0`); a leading `v` or zero is refused; build metadata is ignored.
 */

const MAX_LENGTH = 256;
/** 15 digits always fit a double exactly. */
const MAX_DIGITS = 15;

const DOT = 0x2e;
const PLUS = 0x2b;
const HYPHEN = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

export interface Version {
  text: string;
  /** How many of major, minor and patch were written. */
  parts: number;
  major: number;
  minor: number;
  patch: number;
  /** Where the pre-release begins and ends in `text`; equal where there is none. */
  start: number;
  end: number;
}

export const blankVersion = (): Version => ({ text: '', parts: 0, major: 0, minor: 0, patch: 0, start: 0, end: 0 });

/** Reads `text` into `into`; false where it is no version. */
export function readVersion(text: string, into: Version): boolean {
  const length = text.length;
  if (length === 0 || length > MAX_LENGTH) return false;
  into.text = text;
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
    if (parts === 3 || text.charCodeAt(position) !== DOT) break;
    position++;
  }
  into.parts = parts;
  into.start = into.end = position;
  if (text.charCodeAt(position) === HYPHEN) {
    into.start = position + 1;
    position = identifiersEnd(text, into.start, true);
    into.end = position;
    if (position < 0) return false;
  }
  if (text.charCodeAt(position) === PLUS) position = identifiersEnd(text, position + 1, false);
  return position === length;
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

/** End of dot-separated identifiers from `start`, or -1 where one is empty or, if `strict`, a number with a leading zero. */
function identifiersEnd(text: string, start: number, strict: boolean): number {
  let position = start;
  let from = start;
  let numeric = true;
  for (; ; position++) {
    const unit = text.charCodeAt(position);
    if (isDigit(unit)) continue;
    if (isLetterOrHyphen(unit)) {
      numeric = false;
      continue;
    }
    if (position === from || (strict && numeric && position - from > 1 && text.charCodeAt(from) === ZERO)) return -1;
    if (unit !== DOT) return position;
    from = position + 1;
    numeric = true;
  }
}

function comparePreReleases(a: Version, b: Version): number {
  if (a.start === a.end || b.start === b.end) return (a.start === a.end ? 1 : 0) - (b.start === b.end ? 1 : 0);
  let i = a.start;
  let j = b.start;
  while (i < a.end && j < b.end) {
    const iEnd = identifierEnd(a, i);
    const jEnd = identifierEnd(b, j);
    const order = compareIdentifiers(a.text, i, iEnd, b.text, j, jEnd);
    if (order !== 0) return order;
    i = iEnd + 1;
    j = jEnd + 1;
  }
  return (i < a.end ? 1 : 0) - (j < b.end ? 1 : 0);
}

function identifierEnd(version: Version, from: number): number {
  let position = from;
  while (position < version.end && version.text.charCodeAt(position) !== DOT) position++;
  return position;
}

function compareIdentifiers(a: string, i: number, iEnd: number, b: string, j: number, jEnd: number): number {
  const aNumeric = isNumeric(a, i, iEnd);
  if (aNumeric !== isNumeric(b, j, jEnd)) return aNumeric ? -1 : 1;
  // Numbers carry no leading zero, so the longer one is the larger.
  if (aNumeric && iEnd - i !== jEnd - j) return iEnd - i - (jEnd - j);
  for (let offset = 0; i + offset < iEnd && j + offset < jEnd; offset++) {
    const order = a.charCodeAt(i + offset) - b.charCodeAt(j + offset);
    if (order !== 0) return order;
  }
  return iEnd - i - (jEnd - j);
}

function isNumeric(text: string, from: number, end: number): boolean {
  for (let position = from; position < end; position++) if (!isDigit(text.charCodeAt(position))) return false;
  return true;
}

const isDigit = (unit: number): boolean => unit >= ZERO && unit <= NINE;

const isLetterOrHyphen = (unit: number): boolean =>
  unit === HYPHEN || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
