/** Judges what a beacon holds one by one: a bad one costs none of the others. */
import type { CollapsedCount, Exposure, Outcome } from '#exposure/exposure';
import { outcomeId } from '#exposure/outcome-id';
import { collapsedCount, type Envelope, exposure, outcome } from '#schema/exposure';
import { eventTime } from './event-time.ts';

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

export interface Verdicts {
  /** To be counted; their times are by ingest's clock. */
  readonly good: readonly Exposure[];
  /** Too old to be believed; as they came. */
  readonly old: readonly Exposure[];
  readonly goodOutcomes: readonly NamedOutcome[];
  readonly oldOutcomes: readonly NamedOutcome[];
  readonly collapsed: readonly CollapsedCount[];
  readonly rejected: readonly Rejection[];
}

export interface Judging {
  readonly environment: string;
  readonly receivedAt: number;
}

export function judge(
  { events, outcomes, collapsed: counts, sentAt }: Pick<Envelope, 'events' | 'outcomes' | 'collapsed' | 'sentAt'>,
  { environment, receivedAt }: Judging,
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
  const [good, old] = believed(wellFormed(events, exposure, fault('events')));
  const named = wellFormed(outcomes, outcome, fault('outcomes')).map((one) => ({
    time: one.time,
    named: { id: outcomeId(environment, one), outcome: one },
  }));
  const [goodOutcomes, oldOutcomes] = believed(named);
  return {
    good,
    old,
    goodOutcomes: goodOutcomes.map(({ time, named: { id, outcome: one } }) => ({ id, outcome: { ...one, time } })),
    oldOutcomes: oldOutcomes.map((one) => one.named),
    collapsed: wellFormed(counts, collapsedCount, fault('collapsed')),
    rejected,
  };
}

interface Faults {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

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
