const DATE = '([0-9]{4})-([0-9]{2})-([0-9]{2})';
const TIME = '([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\\.([0-9]+))?';
const OFFSET = '(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))';
const DATE_TIME = new RegExp(`^${DATE}[Tt]${TIME}${OFFSET}$`);

function midnight(year: number, month: number, day: number): Date | undefined {
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date : undefined;
}

function parseText(text: string): number | undefined {
  if (text.length < 20 || text.length > 64) return undefined;
  const parts = DATE_TIME.exec(text);
  if (parts === null) return undefined;
  const part = (index: number) => Number(parts[index] ?? '0');
  const date = midnight(part(1), part(2), part(3));
  if (date === undefined) return undefined;
  if (part(4) > 23 || part(5) > 59 || part(6) > 60) return undefined;
  if (part(9) > 23 || part(10) > 59) return undefined;
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const local = date.setUTCHours(part(4), part(5), part(6), milliseconds);
  const offset = (part(9) * 60 + part(10)) * 60_000;
  return parts[8] === '-' ? local + offset : local - offset;
}

/** The instant, in milliseconds since 1970, of a number or an RFC 3339 text; undefined where it is no timestamp. */
export function parseTimestamp(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? parseText(value) : undefined;
}
