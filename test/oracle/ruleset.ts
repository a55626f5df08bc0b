import { type Flag, type FlagHead, parseFlag, parseHead } from './entry.ts';
import { parseSegment, SEGMENT_PREFIX, type Segment } from './segment.ts';
import { type Fields, isFields, Refusal } from './shapes.ts';

/** The entries of a ruleset after all refusals of section 2. */
export type Entries = {
  readonly version: number;
  /** Every flag that there is an entry of, refused or not. */
  readonly keys: readonly string[];
  readonly flags: ReadonlyMap<string, Flag>;
  readonly segments: ReadonlyMap<string, Segment>;
  /** Of refused flags: the part that still counts, or undefined where that too is malformed. */
  readonly refused: ReadonlyMap<string, FlagHead | undefined>;
};

type Size = { readonly height: number; readonly weight: number };

const UNBOUNDED: Size = { height: Number.POSITIVE_INFINITY, weight: Number.POSITIVE_INFINITY };

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function segmentReferences(rules: Segment['rules']): readonly string[] {
  return rules.flat().flatMap((clause) => (clause.segments ?? []).map((segment) => SEGMENT_PREFIX + segment));
}

function flagReferences(flag: Flag): readonly string[] {
  const segments = segmentReferences(flag.rules.map((rule) => rule.clauses));
  return [...flag.prerequisites.map((prerequisite) => prerequisite.flag), ...segments];
}

/** Section 2.4: the size of an entry, unbounded where it must be refused. */
function createSizes(references: ReadonlyMap<string, readonly string[]>): (key: string) => Size {
  const known = new Map<string, Size>();
  const sizeOf = (key: string): Size => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const targets = references.get(key);
    if (targets === undefined) return UNBOUNDED;
    // Whoever comes back here while this entry is being measured has found a cycle.
    known.set(key, UNBOUNDED);
    const sizes = targets.map(sizeOf);
    const height = 1 + sizes.reduce((greatest, size) => Math.max(greatest, size.height), 0);
    const weight = 1 + sizes.reduce((sum, size) => sum + size.weight, 0);
    const size = height > 8 || weight > 1_000 ? UNBOUNDED : { height, weight };
    known.set(key, size);
    return size;
  };
  return sizeOf;
}

function keyOf(entry: unknown): string {
  return isFields(entry) && typeof entry['k'] === 'string' ? entry['k'] : '';
}

function parseAll<T>(entries: readonly Fields[], parse: (entry: Fields) => T): Map<string, T> {
  const parsed = new Map<string, T>();
  for (const entry of entries) {
    const result = attempt(() => parse(entry));
    if (result !== undefined) parsed.set(keyOf(entry), result);
  }
  return parsed;
}

/** Checks all entries, and all references between them. */
export function readEntries(version: number, list: readonly unknown[]): Entries {
  const entries = list.filter(isFields);
  const flagEntries = entries.filter((entry) => !keyOf(entry).startsWith(SEGMENT_PREFIX));
  const segmentEntries = entries.filter((entry) => keyOf(entry).startsWith(SEGMENT_PREFIX));
  const flags = parseAll(flagEntries, (entry) => parseFlag(entry, version));
  const segments = parseAll(segmentEntries, parseSegment);
  const references = new Map<string, readonly string[]>();
  for (const [key, flag] of flags) references.set(key, flagReferences(flag));
  for (const [key, segment] of segments) references.set(key, segmentReferences(segment.rules));
  const sizeOf = createSizes(references);
  const refused = new Map<string, FlagHead | undefined>();
  for (const entry of flagEntries) {
    if (sizeOf(keyOf(entry)) !== UNBOUNDED) continue;
    refused.set(
      keyOf(entry),
      attempt(() => parseHead(entry, version)),
    );
    flags.delete(keyOf(entry));
  }
  return { version, keys: flagEntries.map(keyOf), flags, segments, refused };
}
