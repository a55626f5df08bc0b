/** Whether a rollout may advance now, by the clock on the wall of its time zone. Summer time is the time zone's affair. */
import type { Schedule, ScheduleWindow, Weekday } from '#schema/rollout-schedule';

interface WallTime {
  readonly day: Weekday;
  /** `16:00`. */
  readonly time: string;
  /** `2026-12-24`. */
  readonly date: string;
}

export function isScheduleOpen({ timeZone, open, closed }: Schedule, now: number): boolean {
  const wall = wallTime(timeZone, now);
  const isIn = (window: ScheduleWindow): boolean => isWithin(window, wall);
  return (open === undefined || open.some(isIn)) && !(closed ?? []).some(isIn);
}

/** Times and dates are written so that texts are in the order of what they say. */
const isWithin = (
  { days, from = '00:00', to = '24:00', dates }: ScheduleWindow,
  { day, time, date }: WallTime,
): boolean =>
  (days?.includes(day) ?? true) &&
  from <= time &&
  time < to &&
  (dates === undefined || (dates.from <= date && date <= dates.to));

function wallTime(timeZone: string, now: number): WallTime {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return {
    day: part('weekday').toLowerCase() as Weekday,
    time: `${part('hour')}:${part('minute')}`,
    date: `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`,
  };
}

/** Making one takes longer than all else in a tick; there are some hundred time zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'long',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(timeZone, made);
  return made;
}
