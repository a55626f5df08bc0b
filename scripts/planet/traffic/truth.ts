/**
 * What users were told, and what happened to them, counted exactly: by what the answers said, each user once. It knows no ids of events
 * and no pseudonyms; what ingest counts is held against it.
 */

export interface Truth {
  /** An answer told a user a variation of a flag, at that revision of it. */
  served(flag: string, revision: number, user: string, variation: string): void;
  /** It happened to the user, and he was told so. */
  happened(metric: string, user: string): void;
  told(): Told;
}

export interface Told {
  readonly exposures: readonly ToldExposures[];
  /** By metric: users to whom it happened. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Answers that contradict an earlier one: another variation for the same user at the same revision. */
  readonly contradictions: number;
}

export interface ToldExposures {
  readonly flag: string;
  readonly revision: number;
  readonly variation: string;
  /** Users, each once. */
  readonly users: number;
}

interface Revision {
  readonly flag: string;
  readonly revision: number;
  readonly variations: Map<string, string>;
}

export function createTruth(): Truth {
  const revisions = new Map<string, Revision>();
  const happenings = new Map<string, Set<string>>();
  let contradictions = 0;

  function revisionOf(flag: string, revision: number): Revision {
    const key = `${flag} ${revision}`;
    const known = revisions.get(key) ?? { flag, revision, variations: new Map() };
    revisions.set(key, known);
    return known;
  }

  return {
    served(flag, revision, user, variation) {
      const { variations } = revisionOf(flag, revision);
      const before = variations.get(user);
      if (before === undefined) variations.set(user, variation);
      else if (before !== variation) contradictions++;
    },
    happened(metric, user) {
      happenings.set(metric, (happenings.get(metric) ?? new Set()).add(user));
    },
    told: () => ({
      exposures: [...revisions.values()].flatMap(toldOf),
      outcomes: Object.fromEntries([...happenings].map(([metric, users]) => [metric, users.size])),
      contradictions,
    }),
  };
}

function toldOf({ flag, revision, variations }: Revision): ToldExposures[] {
  const users = new Map<string, number>();
  for (const variation of variations.values()) users.set(variation, (users.get(variation) ?? 0) + 1);
  return [...users].map(([variation, count]) => ({ flag, revision, variation, users: count }));
}
