/** What cached pages are told apart by. */
import type { Decision } from '#core/decision';
import { xxh32 } from '#core/xxh32';
import type { Decided } from './decide.ts';

/** A longer key stands in 17 characters: variables are short of room. */
const MAX_LENGTH = 200;

/**
 * The ids of the variations of these flags, in this order. `line` gives a flag's compiled entry, whose variations are
 * `[name, value, id]`; the standard booleans are left out there, and their names serve. So they do before any view was received.
 */
export function variationKey(
  decided: readonly Decided[],
  flags: readonly string[],
  line: (flag: string) => string | undefined,
): string {
  const key = flags
    .map((flag) => {
      const decision = decided.find((one) => one.flag === flag)?.decision;
      return decision?.variation === undefined ? '-' : idOf(decision, decision.variation, () => line(flag));
    })
    .join('.');
  return key.length <= MAX_LENGTH ? key : `${hex(xxh32(key, 0))}-${hex(xxh32(key, 1))}`;
}

/** By decision: all who are served it share it, and a line may be long. */
const ids = new WeakMap<Decision, string>();

function idOf(decision: Decision, name: string, line: () => string | undefined): string {
  const known = ids.get(decision) ?? idIn(line(), name);
  ids.set(decision, known);
  return known;
}

function idIn(line: string | undefined, name: string): string {
  if (line === undefined) return name;
  const { v = [] } = JSON.parse(line) as { readonly v?: readonly (readonly [string, unknown, string])[] };
  return v.find(([one]) => one === name)?.[2] ?? name;
}

const hex = (hash: number): string => (hash >>> 0).toString(16).padStart(8, '0');
