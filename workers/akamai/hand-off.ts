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

/**
 * What a cached page depends on: the ids of the variations of these flags, in this order. `line` gives a flag's compiled entry, whose
 * variations are `[name, value, id]`; the standard booleans are left out there, and their names serve.
 */
export function variationKey(
  decided: readonly Decided[],
  flags: readonly string[],
  line: (flag: string) => string | undefined,
): string {
  return flags
    .map((flag) => {
      const name = decided.find((one) => one.flag === flag)?.decision.variation;
      return name === undefined ? '-' : idIn(line(flag), name);
    })
    .join('.');
}

function idIn(line: string | undefined, name: string): string {
  if (line === undefined) return name;
  const { v = [] } = JSON.parse(line) as { readonly v?: readonly (readonly [string, unknown, string])[] };
  return v.find(([one]) => one === name)?.[2] ?? name;
}
