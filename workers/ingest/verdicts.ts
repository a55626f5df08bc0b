/** Judges the events of a beacon one by one: a bad one costs none of the others. */
import type { Exposure } from '#exposure/exposure';
import { exposure } from '#schema/exposure';
import { eventTime } from './event-time.ts';

export interface Rejection {
  /** Among the beacon's events. */
  readonly index: number;
  readonly status: 400;
  /** Names the field. */
  readonly detail: string;
}

export interface Verdicts {
  /** To be counted; their times are by ingest's clock. */
  readonly good: readonly Exposure[];
  /** Too old to be believed; as they came. */
  readonly old: readonly Exposure[];
  readonly rejected: readonly Rejection[];
}

export function judge(events: readonly unknown[], sentAt: number, receivedAt: number): Verdicts {
  const [good, old, rejected]: [Exposure[], Exposure[], Rejection[]] = [[], [], []];
  for (const [index, event] of events.entries()) {
    const { success, data, error } = exposure.safeParse(event);
    const time = success ? eventTime(data.time, sentAt, receivedAt) : undefined;
    if (!success) rejected.push({ index, status: 400, detail: detailOf(error) });
    else if (time === undefined) old.push(data);
    else good.push({ ...data, time });
  }
  return { good, old, rejected };
}

interface Faults {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

/** The first fault of a value, and where it is. */
export function detailOf({ issues: [issue] }: Faults): string {
  if (issue === undefined) return 'is not of the form';
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}
