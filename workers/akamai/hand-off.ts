/**
 * Decisions as text, from one event handler to the next and on to the origin. What is handed on is whole: a decision that finds no room
 * is left out, and whoever misses it decides again.
 */
import { MAX_NAME } from '#schema/limits';
import type { Decided } from './decide.ts';
import type { Provenance } from './provenance.ts';

/** Characters of the header to the origin. */
export const HEADER_ROOM = 4_000;

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

/** Digits of the largest version, revision or age that there is. */
const MAX_DIGITS = String(Number.MAX_SAFE_INTEGER).length;
/** No reason is longer. */
const LONGEST_REASON = 'TARGETING_MATCH';

/** Characters of these flags' decisions at the most, whatever they are. */
export function longestHandOff(flags: readonly string[]): number {
  const others = ',=;;'.length + MAX_NAME + MAX_DIGITS + LONGEST_REASON.length;
  return flags.reduce((sum, flag) => sum + flag.length + others, MAX_DIGITS + ';'.length + MAX_DIGITS);
}

/** What a hand-off says of the ruleset; undefined where it is none of ours. */
export function readProvenance(handOff: string | undefined): Provenance | undefined {
  const [, version, ageMs] = /^(\d{1,16});(\d*)(?:,|$)/.exec(handOff ?? '') ?? [];
  if (version === undefined) return undefined;
  return { version: Number(version), ageMs: ageMs === '' ? undefined : Number(ageMs) };
}
