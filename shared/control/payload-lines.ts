/** The lines of an environment: as they are to be published, and as they are in force. */
import { entryLine } from '#ruleset/write/line';
import type { Entry } from '#schema/entry';
import { entriesOf, get, type PersistentMap, remove, set } from './persistent-map.ts';
import type { EnvironmentState } from './state.ts';

/** The entries of a generation: what is in force, with all that was changed up to it. */
export function generationEntries(
  { force, payload, pending }: EnvironmentState,
  generation: number,
): PersistentMap<Entry> {
  if (generation === payload.generation) return payload.entries;
  let { entries } = force;
  for (const one of pending) {
    if (one.generation > generation) break;
    for (const { key, entry } of one.changes)
      entries = entry === null ? remove(entries, key) : set(entries, key, entry);
  }
  return entries;
}

/** What the publisher is sent. Revisions are 0: it stamps them. */
export const payloadLines = (environment: EnvironmentState, generation = environment.payload.generation): string =>
  stampedLines(generationEntries(environment, generation), () => 0);

/** What the publisher has in force, to the letter. */
export const linesInForce = ({ force }: EnvironmentState): string =>
  stampedLines(force.entries, (key) => get(force.revisions, key) ?? 0);

export function stampedLines(entries: PersistentMap<Entry>, revisionOf: (key: string) => number): string {
  const all = [...entriesOf(entries)].sort(([a], [b]) => (a < b ? -1 : 1));
  return all.map(([key, entry]) => `{"k":"${key}","r":${revisionOf(key)}${behindRevision(key, entry)}\n`).join('');
}

/** Most entries stay what they are from one version to the next. */
const texts = new WeakMap<Entry, string>();

function behindRevision(key: string, entry: Entry): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const text = entryLine({ ...entry, r: 0 }).slice(`{"k":"${key}","r":0`.length);
  texts.set(entry, text);
  return text;
}
