/** The lines of an environment: as they are to be published, and as they are in force. */
import { entryLine } from '#ruleset/write/line';
import type { Entry } from '#schema/entry';
import { sameEntry } from './draft-payload.ts';
import { entriesOf, get, type PersistentMap, remove, set } from './persistent-map.ts';
import type { EnvironmentState } from './state.ts';

/** What a generation has changed of what is in force, by key; null for what is gone. As little as that was, however many entries there are. */
export function generationChanges(
  { force, pending }: EnvironmentState,
  generation: number,
): ReadonlyMap<string, Entry | null> {
  const changed = new Map<string, Entry | null>();
  for (const one of pending) {
    if (one.generation > generation) break;
    for (const { key, entry } of one.changes) changed.set(key, entry);
  }
  for (const [key, entry] of changed) if (sameEntry(get(force.entries, key), entry)) changed.delete(key);
  return changed;
}

/** The entries of a generation: what is in force, with all that was changed up to it. */
export function generationEntries(environment: EnvironmentState, generation: number): PersistentMap<Entry> {
  const { force, payload } = environment;
  if (generation === payload.generation) return payload.entries;
  let { entries } = force;
  for (const [key, entry] of generationChanges(environment, generation))
    entries = entry === null ? remove(entries, key) : set(entries, key, entry);
  return entries;
}

/** What the publisher is sent where it has in force what is known here: `shared/ruleset/delta.ts` says what it looks like. */
export const changedLines = (environment: EnvironmentState, generation: number): string =>
  [...generationChanges(environment, generation)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => (entry === null ? `{"k":"${key}"}\n` : lineOf(key, 0, entry)))
    .join('');

/** The same as a whole. Revisions are 0: the publisher stamps them. */
export const payloadLines = (environment: EnvironmentState, generation = environment.payload.generation): string =>
  stampedLines(generationEntries(environment, generation), () => 0);

/** What the publisher has in force, to the letter. */
export const linesInForce = ({ force }: EnvironmentState): string =>
  stampedLines(force.entries, (key) => get(force.revisions, key) ?? 0);

export function stampedLines(entries: PersistentMap<Entry>, revisionOf: (key: string) => number): string {
  const all = [...entriesOf(entries)].sort(([a], [b]) => (a < b ? -1 : 1));
  return all.map(([key, entry]) => lineOf(key, revisionOf(key), entry)).join('');
}

/** With its line feed. */
export const lineOf = (key: string, revision: number, entry: Entry): string =>
  `{"k":"${key}","r":${revision}${behindRevision(key, entry)}\n`;

/** Most entries stay what they are from one version to the next. */
const texts = new WeakMap<Entry, string>();

function behindRevision(key: string, entry: Entry): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const text = entryLine({ ...entry, r: 0 }).slice(`{"k":"${key}","r":0`.length);
  texts.set(entry, text);
  return text;
}
