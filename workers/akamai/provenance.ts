/** By what an answer was decided, and how that is told. Pure. */

/** The ruleset that decided. */
export interface Provenance {
  readonly version: number;
  /** Milliseconds since the store was last heard; undefined where it never was. */
  readonly ageMs: number | undefined;
}

/** Headers of an answer: by what it was decided, and how old that is (milliseconds; W3C "Server Timing"). */
export const provenanceHeaders = ({ version, ageMs }: Provenance) => ({
  'lockstep-version': String(version),
  // How long the view was waited for cannot be told: the clock stands still within an event.
  'server-timing': ageMs === undefined ? 'ruleset;desc=offline' : `age;dur=${ageMs}`,
});
