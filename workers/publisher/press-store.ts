/** All that a press keeps, and the one way in which it changes: journal, history and what is in force in one transaction. */
import { changedKeys } from '#ruleset/changed-keys';
import { lineIn } from '#ruleset/delta';
import { type Header, parseHeader, splitHeader } from '#ruleset/header';
import { readLines } from '#ruleset/reader';
import type { RulesetCrypto } from '#ruleset/verify';
import { contentDigestsOf } from '#ruleset/write/classify';
import { parseLines } from '#ruleset/write/line';
import type { Entry } from '#schema/entry';
import type { Edition } from './attempt.ts';
import { createHistoryStore, type HistoryStore } from './history-store.ts';
import { newIdentities } from './identity.ts';
import { createJournalStore, type JournalStore, type NewEntry } from './journal-store.ts';
import type { History } from './plan-return.ts';
import { sinceOf } from './plan-shift.ts';
import type { Stage } from './plan-stages.ts';
import { createTables } from './press-tables.ts';
import type { PressStorage } from './sql.ts';
import type { TargetState } from './target-schedule.ts';

/** The ruleset in force. */
export interface InForce extends Edition {
  readonly version: number;
  /** Id of the key that signed it. */
  readonly kid: string;
  readonly lines: string;
  readonly entries: number;
}

export interface PutOptions {
  /** Journal entries of returns up to this one are known to whoever publishes. */
  readonly acknowledge?: number | undefined;
  /** What goes first: signed for it, or what is in force. Left out, it is what did already, for as long as the stage names it. */
  readonly expansion?: Expansion | 'in-force' | undefined;
  /** Flags that wait for nobody, by order. */
  readonly override?: readonly string[] | undefined;
  /** Where the ruleset is on its way to everybody; left out, it is everybody's at once. */
  readonly stage?: Stage | undefined;
}

export interface Expansion {
  readonly ruleset: string;
  readonly changes: NewEntry['changes'];
  /** Nothing in it is new to anybody: it is everybody's at once. */
  readonly isReleased: boolean;
}

export interface PressStore {
  readonly journal: JournalStore;
  readonly memory: Pick<HistoryStore, 'served' | 'identities'>;
  /** Undefined where nothing was ever put in force. */
  inForce(): InForce | undefined;
  /** What everybody may have: what is in force, an expansion that goes before it, or what was before that. */
  released(): InForce | undefined;
  /** What goes to everybody before what is in force; undefined where nothing does. */
  expansion(): InForce | undefined;
  /** Undefined where nothing is staged, as without a stream. */
  stage(): Stage | undefined;
  putStage(stage: Stage): void;
  /** Flags wait no more: journalled with where what is in force then is. */
  putOverride(stage: Stage, flags: readonly string[], entry: Pick<NewEntry, 'time' | 'actor' | 'reason'>): void;
  /** Puts another ruleset in force, or the same one signed again. */
  put(ruleset: string, entry: Omit<NewEntry, 'version' | 'base' | 'digest'>, how?: PutOptions): InForce;
  history(): History;
  /** Lines of flags that wait for nobody by order, as they were ordered, for as long as not everybody has that. */
  overridden(): (readonly [flag: string, line: string | undefined])[];
  /** The first version since which each has had these variations of a flag; undefined where the newest has not. */
  since(flag: string, variations: readonly string[]): number | undefined;
  target(name: string): TargetState | undefined;
  putTarget(name: string, state: TargetState): void;
}

/** A signed header, and the journal entry that it came by. */
type Kept = { readonly entry: number; readonly header: string };

/** `crypto` decodes headers; what is kept here was verified before. */
export function createPressStore(storage: PressStorage, crypto: RulesetCrypto): PressStore {
  const { sql } = storage;
  createTables(sql);
  const journal = createJournalStore(sql);
  const history = createHistoryStore(sql);
  let inForce = loaded();
  let stage = loadedStage();
  let released = loadedReleased();
  let expansion = loadedExpansion();

  function loaded(): InForce | undefined {
    const [head] = sql.exec<Kept>('SELECT entry, header FROM head');
    return head && rulesetOf(head.entry, head.header, history.linesInForce());
  }

  /** What is in force, where there were no stages yet when it was put there; nothing, where the first of all is on its way. */
  function loadedReleased(): InForce | undefined {
    const [row] = sql.exec<Kept>('SELECT entry, header FROM released');
    if (row === undefined) return stage === undefined || stage.phase === 'released' ? inForce : undefined;
    return row.entry === inForce?.id ? inForce : earlier(row);
  }

  function loadedExpansion(): InForce | undefined {
    const [row] = sql.exec<Kept>('SELECT entry, header FROM expansion');
    return row && earlier(row);
  }

  /** Of a version below the one in force. */
  function earlier({ entry, header }: Kept): InForce {
    return rulesetOf(entry, header, history.linesAt(parseHeader(header, crypto).claims.version));
  }

  function loadedStage(): Stage | undefined {
    const [row] = sql.exec<{ state: string }>('SELECT state FROM stage');
    return row && (JSON.parse(row.state) as Stage);
  }

  /** What everybody has served before: only from now on is it gone back to without a canary. */
  function release(lines: string, id: number, header: string): void {
    const entryOf = (key: string): Entry | undefined => {
      const found = lineIn(lines, key);
      return found === undefined ? undefined : (JSON.parse(found) as Entry);
    };
    history.addServed(contentDigestsOf(journal.changedSince(released?.version ?? 0), entryOf));
    sql.exec('INSERT OR REPLACE INTO released (only, entry, header) VALUES (1, ?, ?)', id, header);
    journal.release(parseHeader(header, crypto).claims.version);
  }

  /** An expansion is kept for as long as it goes before something. */
  function writeStage(next: Stage | undefined): void {
    sql.exec('DELETE FROM stage');
    if (next?.first === undefined) sql.exec('DELETE FROM expansion');
    if (next !== undefined) sql.exec('INSERT INTO stage (only, state) VALUES (1, ?)', JSON.stringify(next));
  }

  function rulesetOf(id: number, header: string, lines: string): InForce {
    const { kid, claims }: Header = parseHeader(header, crypto);
    const { version } = claims;
    const text = `${header}\n${lines}`;
    return { id, claims, text, version, kid, lines, entries: readLines(lines, version).entryCount };
  }

  /** What goes first, as it was changed since what everybody has. */
  function recordFirst(
    { ruleset, changes, isReleased }: Expansion,
    entry: Omit<NewEntry, 'version' | 'base' | 'digest'>,
  ): InForce {
    const { header, lines } = splitHeader(ruleset);
    const { version, sha256: digest } = parseHeader(header, crypto).claims;
    const named = { ...entry, kind: 'expand', changes, version, digest } as const;
    const id = journal.append({ ...named, base: released?.version ?? 0 });
    history.record(version, changedLines(inForce?.lines ?? '', lines));
    if (isReleased) release(lines, id, header);
    else sql.exec('INSERT OR REPLACE INTO expansion (only, entry, header) VALUES (1, ?, ?)', id, header);
    return rulesetOf(id, header, lines);
  }

  /** What is in force goes on, before something else. */
  function keepInForce(): InForce | undefined {
    sql.exec('INSERT OR REPLACE INTO expansion SELECT * FROM head');
    return inForce;
  }

  return {
    journal,
    memory: history,
    inForce: () => inForce,
    released: () => released,
    expansion: () => expansion,
    stage: () => stage,
    putStage(next) {
      const everybodys = next.phase === 'released' ? inForce : next.first === undefined ? expansion : undefined;
      storage.transactionSync(() => {
        writeStage(next);
        if (everybodys === undefined) return;
        release(everybodys.lines, everybodys.id, splitHeader(everybodys.text).header);
      });
      stage = next;
      if (everybodys === undefined) return;
      released = everybodys;
      expansion = undefined;
    },
    putOverride(next, flags, entry) {
      const { version, claims } = inForce as InForce;
      storage.transactionSync(() => {
        const named = { version, base: version, digest: claims.sha256, changes: {} };
        journal.override(journal.append({ ...entry, ...named, kind: 'override' }), flags);
        writeStage(next);
      });
      stage = next;
      if (next.first === undefined) expansion = undefined;
    },
    put(ruleset, entry, { acknowledge, stage: next, expansion: before, override } = {}) {
      const { header, lines } = splitHeader(ruleset);
      const { version, sha256: digest } = parseHeader(header, crypto).claims;
      const isReleased = next === undefined || next.phase === 'released';
      const written = storage.transactionSync(() => {
        const first = before === 'in-force' ? keepInForce() : before && recordFirst(before, entry);
        const id = journal.append({ ...entry, version, base: inForce?.version ?? 0, digest });
        if (inForce?.version !== version) {
          const changed = changedLines(inForce?.lines ?? '', lines);
          const isBehind = first !== undefined && first.version > (inForce?.version ?? 0);
          history.record(version, isBehind ? changedLines(first.lines, lines) : changed);
          const entries = [...changed.values()].flatMap((line) => (line === undefined ? [] : parseLines(line)));
          history.putIdentities(newIdentities(entries, history.identities));
        }
        writeStage(next);
        if (isReleased) release(lines, id, header);
        if (override !== undefined) journal.override(id, override);
        if (acknowledge !== undefined) journal.acknowledge(acknowledge, entry.time, entry.actor);
        sql.exec('INSERT OR REPLACE INTO head (only, entry, header) VALUES (1, ?, ?)', id, header);
        return { id, first };
      });
      inForce = rulesetOf(written.id, header, lines);
      stage = next;
      expansion = next?.first === undefined ? undefined : (written.first ?? expansion);
      if (isReleased) released = inForce;
      else if (typeof before === 'object' && before.isReleased) released = written.first;
      return inForce;
    },
    history: () => ({
      first: journal.firstVersion(),
      entryAt(key, version) {
        const line = history.lineAt(key, version);
        return line === undefined ? undefined : parseLines(line)[0];
      },
      entriesAt: (version) => parseLines(history.linesAt(version)),
      lastChange: history.lastChange,
      returnOf: journal.returnOf,
      baseOf: journal.baseOf,
      served: history.served,
    }),
    overridden: () =>
      journal.overriddenSince(released?.version ?? 0).map(([flag, version]) => [flag, history.lineAt(flag, version)]),
    since: (flag, variations) => sinceOf(history.linesBack(flag), variations),
    target(name) {
      const [row] = sql.exec<{ state: string }>('SELECT state FROM targets WHERE name = ?', name);
      return row && (JSON.parse(row.state) as TargetState);
    },
    putTarget: (name, state) =>
      void sql.exec('INSERT OR REPLACE INTO targets (name, state) VALUES (?, ?)', name, JSON.stringify(state)),
  };
}

/** Lines that came, changed or went. */
const changedLines = (before: string, after: string): ReadonlyMap<string, string | undefined> =>
  new Map(changedKeys(before, after).map((key) => [key, lineIn(after, key)]));
