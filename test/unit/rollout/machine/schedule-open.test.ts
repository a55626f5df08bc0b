import { describe, expect, it } from 'vitest';
import { isScheduleOpen } from '#rollout/machine/schedule-open';
import { type Schedule, schedule } from '#schema/rollout-schedule';

const at = (text: string): number => Date.parse(text);
const scheduleOf = (written: object): Schedule => schedule.parse(written);

describe('a schedule', () => {
  it('not on Friday after 16:00 in Berlin', () => {
    const berlin = scheduleOf({ timeZone: 'Europe/Berlin', closed: [{ days: ['friday'], from: '16:00' }] });
    expect(isScheduleOpen(berlin, at('2026-12-04T14:59:59Z'))).toBe(true);
    expect(isScheduleOpen(berlin, at('2026-12-04T15:00:00Z'))).toBe(false);
    expect(isScheduleOpen(berlin, at('2026-12-04T22:59:59Z'))).toBe(false);
    expect(isScheduleOpen(berlin, at('2026-12-04T23:00:00Z'))).toBe(true);
    // In summer the same wall shows it an hour earlier.
    expect(isScheduleOpen(berlin, at('2026-07-03T13:59:59Z'))).toBe(true);
    expect(isScheduleOpen(berlin, at('2026-07-03T14:00:00Z'))).toBe(false);
  });

  it('the days on which clocks are changed have all of their hours', () => {
    const night = scheduleOf({
      timeZone: 'America/New_York',
      closed: [{ days: ['sunday'], from: '01:00', to: '03:00' }],
    });
    // 2026-03-08: 01:59 EST is followed by 03:00 EDT.
    const spring = ['05:59', '06:00', '06:59', '07:00'].map((time) =>
      isScheduleOpen(night, at(`2026-03-08T${time}:00Z`)),
    );
    expect(spring).toEqual([true, false, false, true]);
    // 2026-11-01: 01:00 to 02:00 comes twice.
    const autumn = ['04:59', '05:00', '06:30', '07:59', '08:00'].map((time) =>
      isScheduleOpen(night, at(`2026-11-01T${time}:00Z`)),
    );
    expect(autumn).toEqual([true, false, false, false, true]);
  });

  it('the day is that of the time zone', () => {
    const auckland = scheduleOf({ timeZone: 'Pacific/Auckland', open: [{ days: ['monday'] }] });
    expect(isScheduleOpen(auckland, at('2026-12-06T10:59:00Z'))).toBe(false);
    expect(isScheduleOpen(auckland, at('2026-12-06T11:00:00Z'))).toBe(true);
    const kathmandu = scheduleOf({ timeZone: 'Asia/Kathmandu', open: [{ from: '09:15', to: '09:16' }] });
    expect(isScheduleOpen(kathmandu, at('2026-12-06T03:30:00Z'))).toBe(true);
  });

  it('is open in what is open and not closed', () => {
    const office = scheduleOf({
      timeZone: 'UTC',
      open: [{ from: '08:00', to: '18:00' }, { days: ['saturday'] }],
      closed: [
        { dates: { from: '2026-12-20', to: '2027-01-03' } },
        { days: ['wednesday'], from: '12:00', to: '13:00' },
      ],
    });
    const open = (text: string): boolean => isScheduleOpen(office, at(text));
    expect(open('2026-12-02T07:59:00Z')).toBe(false);
    expect(open('2026-12-02T08:00:00Z')).toBe(true);
    expect(open('2026-12-02T12:30:00Z')).toBe(false);
    expect(open('2026-12-02T18:00:00Z')).toBe(false);
    expect(open('2026-12-05T00:00:00Z')).toBe(true);
    expect(open('2026-12-19T23:59:00Z')).toBe(true);
    expect(open('2026-12-20T10:00:00Z')).toBe(false);
    expect(open('2027-01-03T10:00:00Z')).toBe(false);
    expect(open('2027-01-04T10:00:00Z')).toBe(true);
  });

  it('midnight is 00:00 and never 24:00', () => {
    const midnight = scheduleOf({ timeZone: 'UTC', open: [{ from: '00:00', to: '00:01' }] });
    expect(isScheduleOpen(midnight, at('2026-12-02T00:00:30Z'))).toBe(true);
    const late = scheduleOf({ timeZone: 'UTC', open: [{ from: '23:59', to: '24:00' }] });
    expect(isScheduleOpen(late, at('2026-12-02T23:59:59.999Z'))).toBe(true);
  });
});
