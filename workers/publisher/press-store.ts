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
  /** Where the ruleset is on its way to everybody; left out, it is everybody's at once. */
  readonly stage?: Stage | undefined;
}

export interface PressStore {
  readonly journal: JournalStore;
  readonly memory: Pick<HistoryStore, 'served' | 'identities'>;
  /** Undefined where nothing was ever put in force. */
  inForce(): InForce | undefined;
  /** What everybody may have: what is in force, or what was before that. */
  released(): InForce | undefined;
  /** Undefined where nothing is staged, as without a stream. */
  stage(): Stage | undefined;
  putStage(stage: Stage): void;
  /** Puts another ruleset in force, or the same one signed again. */
  put(ruleset: string, entry: Omit<NewEntry, 'version' | 'base' | 'digest'>, how?: PutOptions): InForce;
  history(): History;
  target(name: string): TargetState | undefined;
  putTarget(name: string, state: TargetState): void;
}

/** `crypto` decodes headers; what is kept here was verified before. */
export function createPressStore(storage: PressStorage, crypto: RulesetCrypto): PressStore {
  const { sql } = storage;
  createTables(sql);
  const journal = createJournalStore(sql);
  const history = createHistoryStore(sql);
  let inForce = loaded();
  let released = loadedReleased();
  let stage = loadedStage();

  function loaded(): InForce | undefined {
    const [head] = sql.exec<{ entry: number; header: string }>('SELECT entry, header FROM head');
    return head && rulesetOf(head.entry, head.header, history.linesInForce());
  }

  /** What is in force, where there were no stages yet when it was put there. */
  function loadedReleased(): InForce | undefined {
    const [row] = sql.exec<{ entry: number; header: string }>('SELECT entry, header FROM released');
    if (row === undefined || row.entry === inForce?.id) return inForce;
    const { version } = parseHeader(row.header, crypto).claims;
    return rulesetOf(row.entry, row.header, history.linesAt(version));
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
  }

  function writeStage(next: Stage | undefined): void {
    sql.exec('DELETE FROM stage');
    if (next !== undefined) sql.exec('INSERT INTO stage (only, state) VALUES (1, ?)', JSON.stringify(next));
  }

  function rulesetOf(id: number, header: string, lines: string): InForce {
    const { kid, claims }: Header = parseHeader(header, crypto);
    const { version } = claims;
    const text = `${header}\n${lines}`;
    return { id, claims, text, version, kid, lines, entries: readLines(lines, version).entryCount };
  }

  return {
    journal,
    memory: history,
    inForce: () => inForce,
    released: () => released,
    stage: () => stage,
    putStage(next) {
      const force = inForce;
      storage.transactionSync(() => {
        writeStage(next);
        if (next.phase === 'released' && force !== undefined) {
          release(force.lines, force.id, splitHeader(force.text).header);
        }
      });
      stage = next;
      if (next.phase === 'released') released = force;
    },
    put(ruleset, entry, { acknowledge, stage: next } = {}) {
      const end = ruleset.indexOf('\n');
      const [header, lines] = [ruleset.slice(0, end), ruleset.slice(end + 1)];
      const { version, sha256: digest } = parseHeader(header, crypto).claims;
      const isReleased = next === undefined || next.phase === 'released';
      const id = storage.transactionSync(() => {
        const written = journal.append({ ...entry, version, base: inForce?.version ?? 0, digest });
        if (inForce?.version !== version) {
          const changed = changedLines(inForce?.lines ?? '', lines);
          history.record(version, changed);
          const entries = [...changed.values()].flatMap((line) => (line === undefined ? [] : parseLines(line)));
          history.putIdentities(newIdentities(entries, history.identities));
        }
        writeStage(next);
        if (isReleased) release(lines, written, header);
        if (acknowledge !== undefined) journal.acknowledge(acknowledge, entry.time, entry.actor);
        sql.exec('INSERT OR REPLACE INTO head (only, entry, header) VALUES (1, ?, ?)', written, header);
        return written;
      });
      inForce = rulesetOf(id, header, lines);
      stage = next;
      if (isReleased) released = inForce;
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
      served: history.served,
    }),
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
