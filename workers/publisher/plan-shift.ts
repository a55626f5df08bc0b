/**
 * Expand, then shift (ADR 0019): which variations of `session` flags a ruleset gives that not everybody is known to have, and what goes
 * first so that they do. Pure.
 */
import { isSegment } from '#ruleset/write/revisions';
import { BOOLEANS } from '#schema/booleans';
import type { Entry, FlagEntry, Outcome } from '#schema/entry';
import { MAX_VARIATIONS } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import { invalid } from './check-lines.ts';
import type { Refusal } from './refusal.ts';

/** By flag, the version that everybody must have before anybody is given some of that flag's variations. */
export type Needs = Readonly<Record<string, number>>;

/** `needs` is of variations that there are; with `expanded`, a version of those entries has to be made and go first, for the flags `fresh`. */
export interface ShiftPlan {
  readonly needs: Needs;
  readonly fresh: readonly string[];
  readonly expanded?: readonly Entry[];
}

export interface ShiftBackground {
  /** What is in force. */
  readonly force: { readonly version: number; readonly entries: readonly Entry[] };
  /** What everybody may have of a key. */
  readonly everybodys: (key: string) => Entry | undefined;
  /** The version that everybody may have, or will before what is published now: an expansion that is under way. */
  readonly reach: number;
  /** Whether everybody may have what is in force. */
  readonly isReleased: boolean;
  /** The first version since which each has had these variations of a flag; undefined where the newest has not. */
  readonly since: (flag: string, variations: readonly string[]) => number | undefined;
  /** Flags that wait for nobody. */
  readonly exempt: ReadonlySet<string>;
}

export function planShift(next: readonly Entry[], background: ShiftBackground): Result<ShiftPlan, Refusal> {
  const { everybodys, reach, isReleased, since, exempt, force } = background;
  const needs: Record<string, number> = {};
  const fresh: FlagEntry[] = [];
  for (const entry of next) {
    if (isSegment(entry) || entry.c !== 1 || exempt.has(entry.k)) continue;
    const given = newlyGiven(entry, everybodys(entry.k));
    const version = given.length === 0 ? 0 : since(entry.k, given);
    if (version === undefined || version > reach) fresh.push(entry);
    else if (version > 0) needs[entry.k] = version;
  }
  const flags = fresh.map(({ k }) => k);
  if (fresh.length === 0) return ok({ needs, fresh: [] });
  if (!isReleased) return refused({ code: 'shift-pending', version: force.version, flags });
  const expanded = expandedEntries(force.entries, fresh);
  return expanded.ok ? ok({ needs, fresh: flags, expanded: expanded.value }) : expanded;
}

/** Ids of variations that a flag may give, and what everybody has of it does not. */
function newlyGiven(flag: FlagEntry, before: Entry | undefined): readonly string[] {
  if (flag === before) return [];
  const was = before === undefined || isSegment(before) || before.c !== 1 ? [] : givenBy(before);
  const known = new Set(was);
  return givenBy(flag).filter((id) => !known.has(id));
}

/** Ids of all variations that somebody may be given by a flag, whoever that is. */
export function givenBy(flag: FlagEntry): readonly string[] {
  const { e, o, i = [], u = [], f } = flag;
  const off = o === undefined ? [] : [o];
  const on = [...i.map(([at]) => at), ...u.flatMap(([, , outcome]) => indexesOf(outcome)), ...indexesOf(f)];
  const variations = variationsOf(flag);
  return [...new Set(e === 0 ? off : [...off, ...on])].flatMap((at) => variations[at]?.[2] ?? []);
}

const indexesOf = (outcome: Outcome): readonly number[] =>
  typeof outcome === 'number' ? [outcome] : outcome[1].filter((_, at) => at % 2 === 0);

type Variations = readonly (readonly [name: string, value: unknown, id: string])[];

const variationsOf = (flag: FlagEntry): Variations => flag.v ?? BOOLEANS;

/**
 * The first version since which each has had these variations, out of a flag's lines, the newest first; where those do not go back far
 * enough, the oldest that is known to have them. Undefined where the newest has not.
 */
export function sinceOf(
  linesBack: Iterable<readonly [version: number, line: string | undefined]>,
  variations: readonly string[],
): number | undefined {
  let first: number | undefined;
  for (const [version, line] of linesBack) {
    if (line === undefined || !knowsAll(JSON.parse(line) as FlagEntry, variations)) break;
    first = version;
  }
  return first;
}

function knowsAll(flag: FlagEntry, variations: readonly string[]): boolean {
  const known = new Set(variationsOf(flag).map(([, , id]) => id));
  return variations.every((id) => known.has(id));
}

function expandedEntries(entries: readonly Entry[], fresh: readonly FlagEntry[]): Result<readonly Entry[], Refusal> {
  const before = new Map(entries.map((entry) => [entry.k, entry]));
  const expanded = new Map(fresh.map((flag) => [flag.k, expandedFlag(before.get(flag.k), flag)]));
  const large = [...expanded.values()].filter((flag) => variationsOf(flag).length > MAX_VARIATIONS);
  if (large.length > 0) return invalid(large.map(({ k }) => ({ key: k, message: TOO_MANY })));
  return ok([...new Map<string, Entry>([...before, ...expanded]).values()]);
}

const TOO_MANY = `has more than ${MAX_VARIATIONS} variations with those in force`;

/** What it was, to everybody, with the variations that it will have. Who has no such flag goes on having none that says anything. */
function expandedFlag(before: Entry | undefined, flag: FlagEntry): FlagEntry {
  if (before === undefined || isSegment(before)) return silent(flag);
  const known = new Set(variationsOf(before).map(([, , id]) => id));
  const added = variationsOf(flag).filter(([, , id]) => !known.has(id));
  return { ...before, v: [...variationsOf(before), ...added] as FlagEntry['v'] } as FlagEntry;
}

/** Disabled, without an off variation: it serves no value. */
function silent({
  o: _off,
  p: _required,
  i: _targets,
  h: _holdout,
  l: _layer,
  u: _rules,
  ...flag
}: FlagEntry): FlagEntry {
  return { ...flag, e: 0, f: 0 };
}

/** The version that all flags together need; undefined where none needs any. */
export function versionNeeded(needs: Needs = {}): number | undefined {
  const versions = Object.values(needs);
  return versions.length === 0 ? undefined : Math.max(...versions);
}
