/**
 * What waits in the outbox of an environment. Pure: the payload itself is in the state, and a parcel says which generation of it was
 * tried, and when to try next. All times are milliseconds since 1970.
 */
import { type DuePublish, duePublishes } from '#control/due-work';
import type { Event } from '#control/event';
import type { State } from '#control/state';

export interface Parcel {
  /** What was sent, and is sent again just so until it is answered: perhaps the publisher has taken it. */
  readonly tried?: DuePublish;
  /** In a row, that came to nothing. */
  readonly attempts: number;
  readonly since: number;
  readonly nextAt: number;
  readonly trouble?: Trouble;
}

/**
 * `dark`: no answer, or none that says anything of the publish; `refused`: the publisher does not take it; `estranged`: what the
 * publisher says to be in force does not fit to what is known here.
 */
export interface Trouble {
  readonly kind: 'dark' | 'refused' | 'estranged';
  readonly message: string;
}

export type Parcels = ReadonlyMap<string, Parcel>;

const BACKOFF_BASE_MS = 1_000;
const BACKOFF_CAP_MS = 60_000;

const newParcel = (now: number): Parcel => ({ attempts: 0, since: now, nextAt: now });

/** What the events of a command make of the parcels; undefined for one that is gone. */
export function parcelChanges(
  parcels: Parcels,
  { events, after, now }: { readonly events: readonly Event[]; readonly after: State; readonly now: number },
): ReadonlyMap<string, Parcel | undefined> {
  const due = new Set(duePublishes(after).map(({ environment }) => environment));
  const changed = new Map<string, Parcel | undefined>();
  for (const environment of parcels.keys()) if (!due.has(environment)) changed.set(environment, undefined);
  for (const environment of due) if (!parcels.has(environment)) changed.set(environment, newParcel(now));
  for (const event of events) {
    if (!('environment' in event) || !due.has(event.environment)) continue;
    const parcel = changed.get(event.environment) ?? parcels.get(event.environment) ?? newParcel(now);
    const next = afterEvent(parcel, event, now);
    if (next !== parcel) changed.set(event.environment, next);
  }
  return changed;
}

function afterEvent(parcel: Parcel, event: Event, now: number): Parcel {
  switch (event.type) {
    // Either way it was heard what is in force: what waits now is another thing.
    case 'published':
    case 'journal-imported':
      return newParcel(now);
    // A return waits for no backoff, and neither does what may mend a refusal.
    case 'publish-requested':
      return isReturn(event.flags) || parcel.trouble?.kind === 'refused' ? { ...parcel, nextAt: now } : parcel;
    default:
      return parcel;
  }
}

function isReturn(flags: Readonly<Record<string, string>>): boolean {
  const classes = Object.values(flags);
  return classes.length > 0 && classes.every((one) => one === 'return');
}

/** Backs off with full jitter; `random` is from 0 up to, not including, 1. What was refused was not taken: the newest may go instead. */
export function failedParcel(parcel: Parcel, trouble: Trouble, now: number, random: number): Parcel {
  const { tried, attempts, since } = parcel;
  const longest = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempts);
  const failed = { attempts: attempts + 1, since, nextAt: now + Math.ceil(random * longest), trouble };
  return trouble.kind === 'refused' || tried === undefined ? failed : { ...failed, tried };
}
