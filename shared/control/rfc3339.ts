/** Milliseconds since 1970 as RFC 3339, in UTC with milliseconds. Without `Date`, which pure layers do not have. */

const DAY_MS = 86_400_000;
/** Days of 400 years, after which the calendar begins again, and of the era's parts. */
const ERA = 146_097;

export function rfc3339(milliseconds: number): string {
  const day = Math.floor(milliseconds / DAY_MS);
  const rest = milliseconds - day * DAY_MS;
  const { year, month, date } = civilDate(day);
  const clock = [rest / 3_600_000, (rest / 60_000) % 60, (rest / 1_000) % 60].map((part) =>
    padded(Math.floor(part), 2),
  );
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(date, 2)}T${clock.join(':')}.${padded(rest % 1_000, 3)}Z`;
}

/** Years begin in March here, so that the leap day is the last of them. */
function civilDate(daysSince1970: number): { readonly year: number; readonly month: number; readonly date: number } {
  const days = daysSince1970 + 719_468;
  const era = Math.floor(days / ERA);
  const dayOfEra = days - era * ERA;
  const leapless =
    dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor(leapless / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, date: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1 };
}

const padded = (value: number, length: number): string => String(value).padStart(length, '0');
