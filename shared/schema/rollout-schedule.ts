/** When a rollout may advance, by the clock on the wall of a time zone. Going back asks no clock. */
import * as z from 'zod';
import { MAX_TIME_ZONE, MAX_WINDOWS } from './rollout-limits.ts';

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const wallTime = z.string().regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day as 16:00');
const day = z.iso.date({ error: 'must be a day as 2026-12-24' });

const dates = z
  .strictObject({ from: day, to: day })
  .refine(({ from, to }) => from <= to, 'must not end before it begins');

/** All that it says must be so at once; what it leaves out is always so. `to` is no longer part of it, its day is. */
const scheduleWindow = z
  .strictObject({
    days: z.array(z.enum(WEEKDAYS)).min(1).max(WEEKDAYS.length).exactOptional(),
    from: wallTime.exactOptional(),
    to: wallTime.exactOptional(),
    dates: dates.exactOptional(),
  })
  .refine((window) => Object.keys(window).length > 0, 'must name days, times or dates')
  .refine(
    ({ from = '00:00', to = '24:00' }) => from < to,
    'must begin before it ends: what goes over midnight is two windows',
  );

const windows = z.array(scheduleWindow).min(1).max(MAX_WINDOWS);

export const schedule = z
  .strictObject({
    timeZone: z
      .string()
      .max(MAX_TIME_ZONE)
      .refine(isTimeZone, 'must be a time zone of the IANA database, as Europe/Berlin or UTC'),
    /** It advances in these alone. */
    open: windows.exactOptional(),
    /** It does not advance in these. */
    closed: windows.exactOptional(),
  })
  .refine(
    ({ open, closed }) => open !== undefined || closed !== undefined,
    'must have windows that are open or closed',
  );

/** An offset such as `+01:00`, which some runtimes take, knows no summer. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export type Schedule = z.output<typeof schedule>;
export type ScheduleWindow = z.output<typeof scheduleWindow>;
