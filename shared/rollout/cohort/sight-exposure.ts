/**
 * The first exposure of a unit at a revision, and the going-back detector: what a unit was served before says whether it may be served
 * this now. Texts are by number, as the caller has them.
 */

export type TextId = number;

export interface Exposed {
  readonly revision: number;
  readonly rule: TextId;
  readonly variation: TextId;
  /** Region and POP. */
  readonly place: TextId;
  readonly isSplit: boolean;
  /** Milliseconds since 1970, by ingest's clock. */
  readonly time: number;
}

/** The first of its unit, flag, revision and rule to arrive; `isFirst`, also whatever the rule. */
export interface Seen extends Exposed {
  readonly isFirst: boolean;
  /** The earliest time that was heard of it, which may have come late. `time` stays that of the first to arrive: it is counted there. */
  readonly since: number;
}

/** `two-variations`: of a split, at one revision; `went-back`: an older revision, after a newer one. */
export type IncidentKind = 'two-variations' | 'went-back';

export interface Conflict {
  readonly kind: IncidentKind;
  readonly before: Seen;
}

export interface Sighting {
  /** To be kept. */
  readonly seen?: Seen;
  /** One that is kept, as it is now: the unit was served it before that was known. */
  readonly earlier?: Seen;
  readonly conflict?: Conflict;
}

/**
 * How much two emitters may disagree about the time: a corrected time holds the way of its beacon, which for one may have been
 * seconds.
 */
export const CLOCK_TOLERANCE_MS = 10_000;

/** `known`: of the same unit and flag. `isSession`: whether the flag promises that nobody goes back. */
export function sightExposure(known: readonly Seen[], one: Exposed, isSession: boolean): Sighting {
  const sameRevision = known.filter(({ revision }) => revision === one.revision);
  const sameRule = sameRevision.find(({ rule }) => rule === one.rule);
  const first = sameRevision.find(({ isFirst }) => isFirst);
  const isEarlier = first !== undefined && first.variation === one.variation && one.time < first.since;
  const conflict = conflictOf(known, sameRule, one, isSession);
  return {
    ...(sameRule === undefined && { seen: { ...one, isFirst: first === undefined, since: one.time } }),
    ...(isEarlier && { earlier: { ...first, since: one.time } }),
    ...(conflict && { conflict }),
  };
}

function conflictOf(
  known: readonly Seen[],
  sameRule: Seen | undefined,
  one: Exposed,
  isSession: boolean,
): Conflict | undefined {
  if (sameRule?.isSplit && one.isSplit && sameRule.variation !== one.variation)
    return { kind: 'two-variations', before: sameRule };
  if (!isSession) return undefined;
  const newer = known.find(({ revision, since }) => revision > one.revision && one.time - since > CLOCK_TOLERANCE_MS);
  return newer && { kind: 'went-back', before: newer };
}
