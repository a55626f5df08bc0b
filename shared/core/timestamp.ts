/** Timestamps, read the same way by every runtime (the language's own parser is not). */

/** Milliseconds since 1970-01-01T00:00:00Z of an RFC 3339 date-time or of a finite number; NaN for anything else. */
export function readTimestamp(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  return typeof value === 'string' && value.length <= MAX_LENGTH ? readRfc3339(value) : Number.NaN;
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/i;
const MAX_LENGTH = 64;
/** After these many years the Gregorian calendar repeats, to the day of the week. */
const CYCLE = 400;
const CYCLE_MS = 146_097 * 86_400_000;

/** RFC 3339, section 5.6. `T` and `Z` in either case; digits past the millisecond are dropped; second 60 is taken. */
function readRfc3339(text: string): number {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as SixNumbers;
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const [hours, minutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  // A cycle later, because the language takes years below 100 for those of the twentieth century.
  // biome-ignore lint/style/noRestrictedGlobals: arithmetic on a calendar, no clock
  const midnight = Date.UTC(year + CYCLE, month - 1, day);
  // biome-ignore lint/style/noRestrictedGlobals: arithmetic on a calendar, no clock
  const exists = new Date(midnight).getUTCMonth() === month - 1;
  if (!exists || hour > 23 || minute > 59 || second > 60 || hours > 23 || minutes > 59) return Number.NaN;
  const offset = (parts[8] === '-' ? -1 : 1) * (hours * 60 + minutes);
  return midnight - CYCLE_MS + ((hour * 60 + minute - offset) * 60 + second) * 1_000 + milliseconds;
}

type SixNumbers = [number, number, number, number, number, number];
