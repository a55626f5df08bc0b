/**
 * Decisions as text, from one event handler to the next and on to the origin. What is handed on is whole: a decision that finds no room
 * is left out, and whoever misses it decides again.
 */
import type { Decided } from './decide.ts';

/** The ruleset that decided. */
export interface Provenance {
  readonly version: number;
  /** Milliseconds since the store was last heard; undefined where it never was. */
  readonly ageMs: number | undefined;
}

/** `version;age` and then `,flag=variation;revision;reason` for each decision: keys and names hold none of the separators. */
export function writeHandOff({ version, ageMs }: Provenance, decided: readonly Decided[], room: number): string {
  let text = `${version};${ageMs ?? ''}`;
  for (const { flag, decision, reason } of decided) {
    if (decision.variation === undefined) continue;
    const one = `,${flag}=${decision.variation};${decision.revision};${reason}`;
    if (text.length + one.length <= room) text += one;
  }
  return text;
}

/** What a hand-off says of the ruleset; undefined where it is none of ours. */
export function readProvenance(handOff: string | undefined): Provenance | undefined {
  const [, version, ageMs] = /^(\d{1,16});(\d*)(?:,|$)/.exec(handOff ?? '') ?? [];
  if (version === undefined) return undefined;
  return { version: Number(version), ageMs: ageMs === '' ? undefined : Number(ageMs) };
}

/** Headers of an answer: by what it was decided, and how old that is (milliseconds; W3C "Server Timing"). */
export const provenanceHeaders = ({ version, ageMs }: Provenance) => ({
  'lockstep-version': String(version),
  // How long the view was waited for cannot be told: the clock stands still within an event.
  'server-timing': ageMs === undefined ? 'ruleset;desc=offline' : `age;dur=${ageMs}`,
});
