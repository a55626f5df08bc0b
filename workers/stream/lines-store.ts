/**
 * Lines by their digest. What came as a delta on lines that lie here is kept as its changes: a move writes a few hundred bytes before
 * anybody is told of it, and not megabytes.
 */
import type { Edition } from '#http/edition-events';
import { applyDelta, readDelta } from '#ruleset/delta';
import type { ChannelStorage } from './sql.ts';

export interface LinesStore {
  /** Within a transaction of the caller's. */
  keep(edition: Edition): void;
  /** Undefined where they are not kept. */
  of(digest: string): string | undefined;
  /** But for those that lines which stay are changes on. Returns how many went. */
  letGo(digests: readonly string[]): number;
}

/** Characters, which are bytes: lines are ASCII. */
const PIECE = 1024 * 1024;
/** So many changes lie one on another at most: that many are made again to read lines, behind a restart for example. */
const MOST_ON_LINES = 16;
/** Longer ones are written as the lines that they make. */
const MAX_CHANGES = 64 * 1024;

export function createLinesStore(storage: ChannelStorage): LinesStore {
  const { sql } = storage;

  /** How many changes lie between a digest and whole lines; undefined where it is not kept. */
  function depthOf(digest: string): number | undefined {
    const [row] = sql.exec<{ depth: number | null }>(
      'SELECT depth FROM digests LEFT JOIN changes USING (digest) WHERE digest = ?',
      digest,
    );
    return row && (row.depth ?? 0);
  }

  function keepWhole(digest: string, lines: string): void {
    for (let at = 0; at < lines.length; at += PIECE) {
      const insert = 'INSERT INTO pieces (digest, place, text) VALUES (?, ?, ?)';
      sql.exec(insert, digest, at / PIECE, lines.slice(at, at + PIECE));
    }
  }

  /** Whether there was something to keep them as changes on. */
  function keepChanges({ digest, delta }: Edition): boolean {
    if (delta === undefined || delta.base === digest || delta.text.length > MAX_CHANGES) return false;
    const depth = depthOf(delta.base);
    if (depth === undefined || depth >= MOST_ON_LINES) return false;
    const insert = 'INSERT INTO changes (digest, base, depth, text) VALUES (?, ?, ?, ?)';
    sql.exec(insert, digest, delta.base, depth + 1, readDelta(delta.text).changes);
    return true;
  }

  function wholeOf(digest: string): string {
    const rows = sql.exec<{ text: string }>('SELECT text FROM pieces WHERE digest = ? ORDER BY place', digest);
    return [...rows].map(({ text }) => text).join('');
  }

  function of(digest: string): string | undefined {
    if (depthOf(digest) === undefined) return undefined;
    const [changes] = sql.exec<{ base: string; text: string }>(
      'SELECT base, text FROM changes WHERE digest = ?',
      digest,
    );
    if (changes === undefined) return wholeOf(digest);
    const before = of(changes.base);
    return before === undefined ? undefined : applyDelta(before, changes.text);
  }

  function baseOf(digest: string): string | undefined {
    const [changes] = sql.exec<{ base: string }>('SELECT base FROM changes WHERE digest = ?', digest);
    return changes?.base;
  }

  /** Of all that is kept, but for those, what it is changes on. */
  function neededBut(gone: ReadonlySet<string>): Set<string> {
    const needed = new Set<string>();
    for (const { digest } of sql.exec<{ digest: string }>('SELECT digest FROM digests').toArray()) {
      if (gone.has(digest)) continue;
      for (let base = baseOf(digest); base !== undefined && !needed.has(base); base = baseOf(base)) needed.add(base);
    }
    return needed;
  }

  return {
    keep(edition) {
      const { digest, version } = edition;
      const isKnown = depthOf(digest) !== undefined;
      const insert =
        'INSERT INTO digests (digest, version) VALUES (?, ?) ON CONFLICT DO UPDATE SET version = max(version, excluded.version)';
      if (!isKnown && !keepChanges(edition)) keepWhole(digest, edition.lines);
      sql.exec(insert, digest, version);
    },
    of,
    letGo(digests) {
      const needed = neededBut(new Set(digests));
      const gone = digests.filter((digest) => !needed.has(digest));
      storage.transactionSync(() => {
        for (const digest of gone) {
          for (const table of ['pieces', 'changes', 'digests'])
            sql.exec(`DELETE FROM ${table} WHERE digest = ?`, digest);
        }
      });
      return gone.length;
    },
  };
}
