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
  const part = (index: number): number => Number(parts[index] ?? 0);
  const month = part(2) - 1;
  // A cycle later, because the language takes years below 100 for those of the twentieth century.
  // biome-ignore lint/style/noRestrictedGlobals: arithmetic on a calendar, no clock
  const midnight = Date.UTC(part(1) + CYCLE, month, part(3));
  // biome-ignore lint/style/noRestrictedGlobals: arithmetic on a calendar, no clock
  const exists = new Date(midnight).getUTCMonth() === month;
  if (!exists || part(4) > 23 || part(5) > 59 || part(6) > 60 || part(9) > 23 || part(10) > 59) return Number.NaN;
  const offset = (part(9) * 60 + part(10)) * (parts[8] === '-' ? -1 : 1);
  const milliseconds = Number(`${parts[7] ?? ''}000`.slice(0, 3));
  return midnight - CYCLE_MS + ((part(4) * 60 + part(5) - offset) * 60 + part(6)) * 1_000 + milliseconds;
}
