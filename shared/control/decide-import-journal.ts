/**
 * What the publisher did by itself while nobody asked: a return by break-glass, or a ruleset that it found and went on from. It is
 * written down, and what it put in force is what is authored from now on. What was changed here meanwhile, elsewhere, stays.
 */
import { checked } from '#ruleset/verify';
import { readerIssues } from '#ruleset/write/check-size';
import { digestOfText } from '#ruleset/write/digest';
import type { Issue } from '#ruleset/write/issue';
import { parseLines } from '#ruleset/write/line';
import type { Command } from '#schema/control-command';
import type { Entry } from '#schema/entry';
import { ok, type Result, refused } from '#schema/result';
import { bringBack } from './bring-back.ts';
import { closureOf } from './check-payload.ts';
import { servedBy } from './decide-acknowledge.ts';
import { draftPayload, sameEntry } from './draft-payload.ts';
import { driftEvents } from './drift.ts';
import type { Event, JournalImported } from './event.ts';
import { fold } from './evolve.ts';
import type { Facts } from './facts.ts';
import { isFlagId } from './item.ts';
import { authoredItemEvents } from './journal-items.ts';
import { payloadLines } from './payload-lines.ts';
import { entriesOf, get, mapOf } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import type { EntryChange, EnvironmentState, State } from './state.ts';
import { environmentIn } from './state-environment.ts';

export type ImportJournal = Extract<Command, { type: 'import-journal' }>;

export function decideImportJournal(
  state: State,
  command: ImportJournal,
  facts: Facts,
): Result<readonly Event[], Refusal> {
  const environment = get(state.environments, command.environment);
  if (environment === undefined) return refused({ code: 'not-found', what: 'environment', key: command.environment });
  const { version, digest, lines } = command;
  const found = digestOfText(lines);
  if (found !== digest)
    return refused({ code: 'digest-differs', environment: environment.key, version, digest, found });
  const issues = lineIssues(lines, version);
  if (issues.length > 0) return refused({ code: 'invalid', environment: environment.key, issues });
  const entries = command.entries.filter(({ id }) => id > environment.force.journalId);
  if (entries.length === 0) return ok([]);
  const served = new Map(parseLines(lines).map((entry) => [entry.k, entry]));
  const force = forceChanges(environment, served);
  const differing = force.filter(({ key, entry }) => !sameContent(environment, key, entry)).map(({ key }) => key);
  const brought = bringBack(environment, served, differing);
  const items = authoredItemEvents(environment, { served, brought, salt: facts.newId });
  const event = importedEvent(environment, { command: { ...command, entries }, served, force, brought });
  const after = fold(state, [...items, event]);
  const imported = { ...event, unlike: unlikeIn(environmentIn(after, environment.key), brought) };
  return ok([...items, imported, ...driftEvents(after, items, facts)]);
}

/** What no reader takes cannot be in force, whoever says so. */
function lineIssues(lines: string, version: number): readonly Issue[] {
  const read = checked('bad-lines', () => readerIssues(lines, version));
  return read.ok ? read.value : [{ path: [], message: `lines are out of form or order: ${read.error.message}` }];
}

/** Where what is in force differs from what was known to be, revisions included. */
function forceChanges({ force }: EnvironmentState, served: ReadonlyMap<string, Entry>): EntryChange[] {
  const gone = [...entriesOf(force.entries)].flatMap(([key]) => (served.has(key) ? [] : [{ key, entry: null }]));
  const here = [...served].flatMap(([key, entry]) => {
    const same = get(force.revisions, key) === entry.r && sameEntry(get(force.entries, key), { ...entry, r: 0 });
    return same ? [] : [{ key, entry }];
  });
  return [...gone, ...here].sort((a, b) => (a.key < b.key ? -1 : 1));
}

const sameContent = ({ force }: EnvironmentState, key: string, entry: Entry | null): boolean =>
  sameEntry(get(force.entries, key), entry === null ? null : { ...entry, r: 0 });

interface Import {
  readonly command: ImportJournal;
  readonly served: ReadonlyMap<string, Entry>;
  readonly force: readonly EntryChange[];
  readonly brought: readonly string[];
}

function importedEvent(environment: EnvironmentState, { command, served, force, brought }: Import): JournalImported {
  const { payload } = environment;
  const unstamped = mapOf([...served].map(([key, entry]) => [key, { ...entry, r: 0 }] as const));
  const taken = new Set(brought);
  const keys = new Set([...[...entriesOf(payload.entries)].map(([key]) => key), ...served.keys()]);
  const left = [...keys].filter((key) => !taken.has(key) && !sameEntry(get(payload.entries, key), get(unstamped, key)));
  const next = [...keys].flatMap((key) => {
    const entry = get(taken.has(key) ? unstamped : payload.entries, key);
    return entry === undefined ? [] : [[key, entry] as const];
  });
  const { entries, version, digest, lines } = command;
  return {
    ...{ type: 'journal-imported', environment: environment.key, entries, version, digest },
    ...{ force, forceBytes: lines.length, brought, left: left.sort(), unlike: [] },
    generation: payload.generation + (brought.length > 0 ? 1 : 0),
    bytes: payloadLines({ ...environment, payload: { ...payload, entries: mapOf(next) } }).length,
    served: servedBy(unstamped, servedAnew(force, unstamped)),
  };
}

/** The flags that serve something else than was known: those whose entries do, and those that use them. */
function servedAnew(force: readonly EntryChange[], served: ReturnType<typeof mapOf<Entry>>): Set<string> {
  const changed = new Set(force.map(({ key }) => key));
  const flags = [...entriesOf(served)].map(([key]) => key).filter(isFlagId);
  return new Set(flags.filter((flag) => closureOf([flag], (key) => get(served, key)).some(({ k }) => changed.has(k))));
}

/** Flags that their items, as they were brought back, would compile to something else than is in force. */
function unlikeIn(environment: EnvironmentState, brought: readonly string[]): string[] {
  if (brought.length === 0) return [];
  const draft = draftPayload(environment, new Set(brought));
  return draft.ok ? draft.value.changes.map(({ key }) => key) : [...brought];
}
