/** What kind of change each flag undergoes between two rulesets: it decides how the publisher stages it. Pure. */

import { canonicalJson } from '#ruleset/canonical-json';
import type { Entry, FlagEntry, Outcome } from '#schema/entry';
import { affectedBy } from './affected.ts';
import { digestOfText } from './digest.ts';
import { contentOf, isSegment, referencesOf } from './revisions.ts';
import { withSeed } from './seeds.ts';

/**
 * `move`: only who gets which of the variations that there are. `content`: anything that a reader has not seen. `return`: what
 * served before, to the letter, with all that it uses.
 */
export type ChangeClass = 'move' | 'content' | 'return';

/** Whether a flag's content digest (see `contentDigests`) was in force before. `replaced` is that of what it replaces; undefined where the flag is new. */
export type Served = (flag: string, contentDigest: string, replaced: string | undefined) => boolean;

/** The class of every flag that differs; an entry that is the same object in both does not. A flag that is added or removed is content, unless it returns. */
export function classify(
  previous: readonly Entry[],
  next: readonly Entry[],
  served: Served = () => false,
): Map<string, ChangeClass> {
  const before = byKey(previous);
  const after = byKey(next);
  // Each entry is digested once, however many flags use it.
  const content = digested(contentOf);
  const form = digested(formOf);
  const classes = new Map<string, ChangeClass>();
  const keys = new Set([...before.keys(), ...after.keys()]);
  const affected = affectedBy(
    [...keys].filter((key) => before.get(key) !== after.get(key)),
    previous,
    next,
  );
  for (const key of keys) {
    if (!affected.has(key)) continue;
    const one = before.get(key) ?? after.get(key);
    if (one === undefined || isSegment(one)) continue;
    const was = closureOf(key, before, content);
    const is = closureOf(key, after, content);
    if (was === is) continue;
    const replaced = was === undefined ? undefined : digestOfText(was);
    if (is !== undefined && served(key, digestOfText(is), replaced)) classes.set(key, 'return');
    else classes.set(key, closureOf(key, before, form) === closureOf(key, after, form) ? 'move' : 'content');
  }
  return classes;
}

/** By flag, the digest of what it and all that it uses say, revisions left out: what `return` is recognised by. */
export function contentDigests(entries: readonly Entry[]): Map<string, string> {
  const all = byKey(entries);
  return contentDigestsOf(
    entries.filter((entry) => !isSegment(entry)).map(({ k }) => k),
    (key) => all.get(key),
  );
}

/** The same of some flags, those of them that there are. */
export function contentDigestsOf(
  flags: Iterable<string>,
  entryOf: (key: string) => Entry | undefined,
): Map<string, string> {
  const content = digested(contentOf);
  const digests = new Map<string, string>();
  for (const flag of flags) {
    const closure = closureOf(flag, { get: entryOf }, content);
    if (closure !== undefined) digests.set(flag, digestOfText(closure));
  }
  return digests;
}

/** The digest of what `text` gives of an entry, made once. */
function digested(text: (entry: Entry) => string): (entry: Entry) => string {
  const digests = new Map<Entry, string>();
  return (entry) => {
    const digest = digests.get(entry) ?? digestOfText(text(entry));
    digests.set(entry, digest);
    return digest;
  };
}

const byKey = (entries: readonly Entry[]): Map<string, Entry> => new Map(entries.map((entry) => [entry.k, entry]));

/** A flag and all that it uses, in order of key, each as `text` gives it; undefined where there is no such flag. */
function closureOf(
  key: string,
  all: Pick<ReadonlyMap<string, Entry>, 'get'>,
  text: (entry: Entry) => string,
): string | undefined {
  const asked = all.get(key);
  if (asked === undefined) return undefined;
  const found = new Map([[key, asked]]);
  for (const entry of found.values()) {
    for (const reference of referencesOf(entry)) {
      const referred = found.has(reference) ? undefined : all.get(reference);
      if (referred !== undefined) found.set(reference, referred);
    }
  }
  return [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, entry]) => text(entry))
    .join('\n');
}

/** An entry with all that a move may change left out: enabled, choices among variations, ends of ranges. */
function formOf(entry: Entry): string {
  if (isSegment(entry)) return contentOf(entry);
  const { e: _enabled, u, f, h, l, ...rest } = withSeed(entry) as FlagEntry;
  return canonicalJson({
    ...rest,
    r: 0,
    // A split that appears where there was none needs a salt: that is not what a move is.
    u: (u ?? []).map(([id, clauses, outcome]) => [id, clauses, unit(outcome)]),
    f: unit(f),
    h: h === undefined ? null : [h[0], h[1], h[3] ?? null],
    l: l === undefined ? null : [l[0], l[1], l[3] ?? null],
  });
}

/** The kind of unit that an outcome splits by; null where it does not split. */
const unit = (outcome: Outcome): string | null => (typeof outcome === 'number' ? null : (outcome[2] ?? 'user'));
