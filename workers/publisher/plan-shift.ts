/**
 * Expand, then shift (ADR 0020): which variations of `session` flags a ruleset gives that not everybody is known to have, and what goes
 * first so that they do. Pure.
 */
import { contentOf, isSegment, referencesOf } from '#ruleset/write/revisions';
import { BOOLEANS } from '#schema/booleans';
import type { Entry, FlagEntry, Outcome } from '#schema/entry';
import { MAX_VARIATIONS } from '#schema/limits';
import { ok, type Result } from '#schema/result';
import { invalid } from './check-lines.ts';
import type { Refusal } from './refusal.ts';

/** By flag, the version that everybody must have before anybody is given some of that flag's variations. */
export type Needs = Readonly<Record<string, number>>;

/**
 * `needs` is of variations that there are, and `fresh` are the flags of which some are not; `first` is what goes to everybody before all of
 * those, where that is other than what they are given already.
 */
export interface ShiftPlan {
  readonly needs: Needs;
  readonly fresh: readonly string[];
  readonly first?: readonly Entry[];
}

export interface ShiftBackground {
  /** What everybody may have of a key. */
  readonly everybodys: (key: string) => Entry | undefined;
  /** The newest that anybody may have: everybody's, or what is on its way there and needs nothing; `isHeld` where that goes no further. */
  readonly given: { readonly version: number; readonly isHeld: boolean; readonly byKey: ReadonlyMap<string, Entry> };
  /** The first version since which each has had these variations of a flag; undefined where the newest has not. */
  readonly since: (flag: string, variations: readonly string[]) => number | undefined;
  /** Flags that wait for nobody. */
  readonly exempt: (flag: FlagEntry, variations: readonly string[]) => boolean;
  /** Whether any reader would take these entries. */
  readonly isReadable: (entries: readonly Entry[]) => boolean;
}

export function planShift(next: readonly Entry[], background: ShiftBackground): Result<ShiftPlan, Refusal> {
  const { everybodys, since, exempt, given } = background;
  const needs: Record<string, number> = {};
  const fresh: string[] = [];
  for (const entry of next) {
    const [before, now] = [everybodys(entry.k), given.byKey.get(entry.k)];
    if (isSegment(entry) || entry.c !== 1 || entry === before || entry === now) continue;
    const newly = newlyGiven(entry, [before, now]);
    if (newly.length === 0 || exempt(entry, newly)) continue;
    const version = since(entry.k, newly);
    if (version === undefined || version > given.version) fresh.push(entry.k);
    else needs[entry.k] = version;
  }
  const waiting = [...Object.keys(needs), ...fresh];
  if (waiting.length === 0) return ok({ needs, fresh });
  const isReadable = (entries: Entries): boolean => background.isReadable([...entries.values()]);
  let first = firstEntries(next, waiting, background, requiresAnew);
  // What was and what will be, each in order by itself, may refer to one another in a circle.
  if (!isReadable(first)) first = firstEntries(next, waiting, background, refersTo);
  const large = fresh.filter((key) => variationsOf(first.get(key) as FlagEntry).length > MAX_VARIATIONS);
  if (large.length > 0) return invalid(large.map((key) => ({ key, message: TOO_MANY })));
  if (!isReadable(first)) return invalid(waiting.map((key) => ({ key, message: UNREADABLE })));
  if (!isSame(first, given.byKey)) return ok({ needs, fresh, first: [...first.values()] });
  // All of it is there already, of versions that anybody was given.
  return ok({ needs: { ...needs, ...Object.fromEntries(fresh.map((key) => [key, given.version])) }, fresh: [] });
}

const TOO_MANY = `has more than ${MAX_VARIATIONS} variations together with those that it gave`;

const UNREADABLE = 'cannot have its new variations before it gives them: publish it by itself, or override it';

const isSame = (one: ReadonlyMap<string, Entry>, other: ReadonlyMap<string, Entry>): boolean =>
  one.size === other.size && [...one].every(([key, entry]) => isSameEntry(entry, other.get(key)));

const isSameEntry = (one: Entry, other: Entry | undefined): boolean =>
  one === other || (other !== undefined && contentOf(one) === contentOf(other));

/** Ids of variations that a flag may give, and did not before. */
function newlyGiven(flag: FlagEntry, before: readonly (Entry | undefined)[]): readonly string[] {
  const was = before.flatMap((one) => (one === undefined || isSegment(one) || one.c !== 1 ? [] : givenBy(one)));
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

/** Whoever has no key to be split by is given the first, whatever its range is. */
const indexesOf = (outcome: Outcome): readonly number[] =>
  typeof outcome === 'number' ? [outcome] : [outcome[0], ...outcome[1].filter((_, at) => at % 2 === 0)];

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

type Entries = ReadonlyMap<string, Entry>;
/** Whether an entry has to stay as it was where those that are kept do. */
type Leans = (entry: Entry, before: Entry | undefined, kept: ReadonlySet<string>, entries: Entries) => boolean;

/**
 * All that is asked for, but flags that wait, which stay what they are with the variations that they will have, and what does not go
 * without them.
 */
function firstEntries(
  next: readonly Entry[],
  waiting: readonly string[],
  { given, everybodys }: ShiftBackground,
  leans: Leans,
): Entries {
  const after = new Map(next.map((entry) => [entry.k, entry]));
  const kept = new Set(waiting);
  /** What was held has another try; what somebody mended of it has not. */
  const before = (key: string): Entry | undefined => {
    const now = given.byKey.get(key);
    return given.isHeld && now !== after.get(key) ? everybodys(key) : now;
  };
  for (;;) {
    const first = new Map(after);
    for (const key of kept) {
      const entry = waiting.includes(key) ? expandedFlag(before(key), after.get(key) as FlagEntry) : before(key);
      if (entry === undefined) first.delete(key);
      else first.set(key, entry);
    }
    for (const [key, entry] of first) {
      for (const used of kept.has(key) ? referencesOf(entry) : []) {
        const was = before(used) ?? given.byKey.get(used);
        if (was === undefined || kept.has(used) || !isMissed(entry, was, first.get(used))) continue;
        first.set(used, was);
        kept.add(used);
      }
    }
    const more = [...first.values()].filter(
      (entry) => !kept.has(entry.k) && entry !== before(entry.k) && leans(entry, before(entry.k), kept, first),
    );
    if (more.length === 0) return new Map([...first].sort(([one], [other]) => (one < other ? -1 : 1)));
    for (const entry of more) {
      // What is switched off goes first, whatever it would refer to if it were on.
      if (!isSegment(entry) && entry.e === 0) after.set(entry.k, alone(entry));
      else kept.add(entry.k);
    }
  }
}

/** Whether an entry that stays as it was would lack what it uses: an entry, or a variation that it requires of one. */
function isMissed(entry: Entry, was: Entry, is: Entry | undefined): boolean {
  if (is === undefined) return true;
  // What is switched off is to be off.
  if (isSegment(was) || isSegment(is) || is.e === 0) return false;
  const [had, has] = [namesOf(was), namesOf(is)];
  return (requiredBy(entry, was.k) ?? []).some((name) => had.has(name) && !has.has(name));
}

const namesOf = (flag: FlagEntry): ReadonlySet<string> => new Set(variationsOf(flag).map(([name]) => name));

/** Whether an entry comes to require, of a flag that stays as it was, other variations than it did. */
function requiresAnew(entry: Entry, before: Entry | undefined, kept: ReadonlySet<string>): boolean {
  if (isSegment(entry) || entry.e === 0) return false;
  return (entry.p ?? []).some(([key, names]) => kept.has(key) && `${names}` !== `${requiredBy(before, key)}`);
}

/** Whether an entry refers to what stays as it was, however many lie between them. */
function refersTo(entry: Entry, _before: Entry | undefined, kept: ReadonlySet<string>, entries: Entries): boolean {
  const met = new Set<string>();
  const leads = (one: Entry): boolean =>
    referencesOf(one).some((key) => {
      if (kept.has(key)) return true;
      const used = entries.get(key);
      if (used === undefined || met.has(key)) return false;
      met.add(key);
      return leads(used);
    });
  return leads(entry);
}

const requiredBy = (entry: Entry | undefined, key: string): readonly string[] | undefined =>
  entry === undefined || isSegment(entry) ? undefined : entry.p?.find(([one]) => one === key)?.[1];

/** A flag that is switched off, without what it uses where it is on. */
const alone = ({ p: _required, u: _rules, ...flag }: FlagEntry): FlagEntry => flag;

/** What it was, with the variations that it will have. Who has no such flag goes on having none that says anything. */
function expandedFlag(before: Entry | undefined, flag: FlagEntry): FlagEntry {
  if (before === undefined || isSegment(before)) return silent(flag);
  const known = new Set(variationsOf(before).map(([, , id]) => id));
  const added = variationsOf(flag).filter(([, , id]) => !known.has(id));
  if (added.length === 0) return before;
  const names = namesOf(before);
  // Tokens go by ids; a name that stood for another value until now is not free before that is gone.
  const named = added.map(([name, value, id]) => [names.has(name) ? `v.${id}` : name, value, id]);
  return { ...before, v: [...variationsOf(before), ...named] as FlagEntry['v'] } as FlagEntry;
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
