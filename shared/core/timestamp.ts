/** Timestamps, read the same way by every runtime (the language's own parser is not). */

const DAY = 86_400_000;

/** Milliseconds since 1970-01-01T00:00:00Z of an RFC 3339 date-time or of a finite number; NaN for anything else. */
export function readTimestamp(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  return typeof value === 'string' ? readRfc3339(value) : Number.NaN;
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/i;
const MAX_LENGTH = 64;

/** RFC 3339, section 5.6. `T` and `Z` in either case; digits past the millisecond are dropped; second 60 is taken. */
function readRfc3339(text: string): number {
  const parts = text.length > MAX_LENGTH ? null : DATE_TIME.exec(text);
  if (parts === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as SixNumbers;
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const [hours, minutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  const dated = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!dated || hour > 23 || minute > 59 || second > 60 || hours > 23 || minutes > 59) return Number.NaN;
  const offset = (parts[8] === '-' ? -1 : 1) * (hours * 60 + minutes);
  return daysSince1970(year, month, day) * DAY + ((hour * 60 + minute - offset) * 60 + second) * 1_000 + milliseconds;
}

type SixNumbers = [number, number, number, number, number, number];

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
