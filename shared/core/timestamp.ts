/** Timestamps, read the same way by every runtime (the language's own parser is not). */

const DAY = 86_400_000;

/** Milliseconds since 1970-01-01T00:00:00Z of an RFC 3339 date-time or of a finite number; NaN for anything else. */
export function readTimestamp(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  return typeof value === 'string' ? readRfc3339(value) : Number.NaN;
}

/** RFC 3339, section 5.6. `T` and `Z` in either case; digits past the millisecond are dropped; second 60 is taken. */
function readRfc3339(text: string): number {
  if (text.length < 20 || text.length > 64) return Number.NaN;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  const separated =
    text[4] === '-' && text[7] === '-' && isOneOf(text[10], 'Tt') && text[13] === ':' && text[16] === ':';
  const inRange =
    month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour <= 23 && minute <= 59 && second <= 60;
  // An unreadable part is NaN, and no comparison holds for NaN; the year has none of its own.
  if (!separated || !inRange || !(year >= 0)) return Number.NaN;
  let position = 19;
  let milliseconds = 0;
  if (text[position] === '.') {
    let scale = 100;
    const from = ++position;
    for (; isDigit(text.charCodeAt(position)); position++) {
      milliseconds += (text.charCodeAt(position) - 0x30) * Math.floor(scale);
      scale /= 10;
    }
    if (position === from) return Number.NaN;
  }
  const offset = readOffset(text, position);
  return daysSince1970(year, month, day) * DAY + ((hour * 60 + minute - offset) * 60 + second) * 1_000 + milliseconds;
}

/** Minutes east of UTC at `position`, where the text must end. */
function readOffset(text: string, position: number): number {
  const sign = text[position];
  if (isOneOf(sign, 'Zz')) return text.length === position + 1 ? 0 : Number.NaN;
  const hours = digits(text, position + 1, 2);
  const minutes = digits(text, position + 4, 2);
  const formed = isOneOf(sign, '+-') && text[position + 3] === ':' && text.length === position + 6;
  if (!formed || !(hours <= 23 && minutes <= 59)) return Number.NaN;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes);
}

function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let position = from; position < from + count; position++) {
    const unit = text.charCodeAt(position);
    if (!isDigit(unit)) return Number.NaN;
    value = value * 10 + unit - 0x30;
  }
  return value;
}

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;

const isOneOf = (character: string | undefined, allowed: string): boolean =>
  character !== undefined && allowed.includes(character);

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar, by counting years from a March. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const leaps = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leaps + dayOfYear - 719_468;
}
