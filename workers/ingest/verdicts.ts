/** Judges what a beacon holds one by one: a bad one costs none of the others. */
import type { CollapsedCount, Exposure, Outcome } from '#exposure/exposure';
import { outcomeId } from '#exposure/outcome-id';
import { collapsedCount, type Envelope, exposure, outcome } from '#schema/exposure';
import { eventTime } from './event-time.ts';
import type { ExposureReader, Faults, ReadExposure } from './read-exposures.ts';

export interface Rejection {
  /** In the list that `of` names. */
  readonly index: number;
  readonly of: 'events' | 'outcomes' | 'collapsed';
  readonly status: 400;
  /** Names the field. */
  readonly detail: string;
}

/** An outcome and its id, which is made of the time that it came with. */
export interface NamedOutcome {
  readonly id: string;
  readonly outcome: Outcome;
}

/** Why an outcome is put aside: too old to be believed, or of a page that has no word of the edge's. */
export type AsideReason = 'outcome-too-old' | 'no-exposure-token';

export interface AsideOutcome extends NamedOutcome {
  readonly reason: AsideReason;
}

export interface Verdicts {
  /** To be counted; their times are by ingest's clock. */
  readonly good: readonly ReadExposure[];
  /** Too old to be believed; as they came. */
  readonly old: readonly Exposure[];
  readonly goodOutcomes: readonly NamedOutcome[];
  readonly asideOutcomes: readonly AsideOutcome[];
  readonly collapsed: readonly CollapsedCount[];
  readonly rejected: readonly Rejection[];
}

export interface Judging {
  readonly environment: string;
  readonly receivedAt: number;
  readonly read: ExposureReader;
  /** Whether the edge has signed for it. */
  vouches(outcome: VouchedOutcome): boolean;
}

type VouchedOutcome = Outcome & { readonly token?: string };

export function judge(
  { events, outcomes, collapsed: counts, sentAt }: Pick<Envelope, 'events' | 'outcomes' | 'collapsed' | 'sentAt'>,
  { environment, receivedAt, read, vouches }: Judging,
): Verdicts {
  const rejected: Rejection[] = [];
  const fault =
    (of: Rejection['of']) =>
    (index: number, faults: Faults): void =>
      void rejected.push({ index, of, status: 400, detail: detailOf(faults) });
  const believed = <T extends { readonly time: number }>(all: readonly T[]): [good: T[], old: T[]] => {
    const [good, old]: [T[], T[]] = [[], []];
    for (const one of all) {
      const time = eventTime(one.time, sentAt, receivedAt);
      if (time === undefined) old.push(one);
      else good.push({ ...one, time });
    }
    return [good, old];
  };
  const [good, old] = judgeEvents(events, read, (time) => eventTime(time, sentAt, receivedAt), fault('events'));
  const named = wellFormed(outcomes, outcome, fault('outcomes')).map((one) => ({
    time: one.time,
    isVouched: one.source !== 'client' || vouches(one),
    named: { id: outcomeId(environment, one), outcome: withoutToken(one) },
  }));
  const [youngOutcomes, oldOutcomes] = believed(named);
  return {
    good,
    old,
    goodOutcomes: youngOutcomes.flatMap(({ time, isVouched, named: { id, outcome: one } }) =>
      isVouched ? [{ id, outcome: { ...one, time } }] : [],
    ),
    asideOutcomes: [
      ...oldOutcomes.map((one): AsideOutcome => ({ ...one.named, reason: 'outcome-too-old' })),
      ...youngOutcomes.flatMap((one): AsideOutcome[] =>
        one.isVouched ? [] : [{ ...one.named, reason: 'no-exposure-token' }],
      ),
    ],
    collapsed: wellFormed(counts, collapsedCount, fault('collapsed')),
    rejected,
  };
}

function judgeEvents(
  events: readonly unknown[],
  read: ExposureReader,
  believedAt: (time: number) => number | undefined,
  reject: (index: number, faults: Faults) => void,
): [good: ReadExposure[], old: Exposure[]] {
  const [good, old]: [ReadExposure[], Exposure[]] = [[], []];
  for (const [index, value] of events.entries()) {
    const event = read(value);
    if (!event.ok) {
      reject(index, event.error);
      continue;
    }
    const { cell, unit, time: sent } = event.value;
    const time = believedAt(sent);
    if (time === undefined) old.push(exposure.parse(value));
    else good.push({ cell, unit, time });
  }
  return [good, old];
}

/** It would outlive its use. */
const withoutToken = ({ token: _, ...rest }: VouchedOutcome): Outcome => rest;

interface Schema<T> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: Faults };
}

function wellFormed<T>(
  values: readonly unknown[],
  schema: Schema<T>,
  reject: (index: number, faults: Faults) => void,
): T[] {
  return values.flatMap((value, index) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return [parsed.data];
    reject(index, parsed.error);
    return [];
  });
}

/** The first fault of a value, and where it is. */
export function detailOf({ issues: [issue] }: Faults): string {
  if (issue === undefined) return 'is not of the form';
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}
