/** Rulesets as a channel keeps them: lines by their digest, and which edition is whose. Survives restarts. */
import type { Audience } from './audience.ts';
import type { ChannelStorage } from './sql.ts';

/** `public`: everybody's; `staged`: one that is offered to some. */
export type Role = 'public' | 'staged';

export interface Said {
  readonly audience: Audience;
  /** The signed header line. */
  readonly header: string;
  readonly lines: string;
}

export interface EditionStore {
  said(role: Role): Said | undefined;
  /** In one transaction; what is undefined goes. */
  say(
    editions: Readonly<Record<Role, (Said & { readonly digest: string; readonly version: number }) | undefined>>,
  ): void;
  /** Undefined where they are not kept. */
  linesOf(digest: string): string | undefined;
  /** Lets go of all lines but those, and the newest. Returns how many rulesets went. */
  prune(keep: ReadonlySet<string>): number;
  keys(): string | undefined;
  putKeys(text: string): void;
}

/** Characters, which are bytes: lines are ASCII. */
const PIECE = 1024 * 1024;
/** Versions whose lines are kept though nobody is known to have them: for deltas to whoever was away for a while. */
const NEWEST_KEPT = 16;

export function createEditionStore(storage: ChannelStorage): EditionStore {
  const { sql } = storage;
  function keep(digest: string, version: number, lines: string): void {
    const inserted =
      'INSERT INTO digests (digest, version) VALUES (?, ?) ON CONFLICT DO UPDATE SET version = max(version, excluded.version)';
    const isKnown = sql.exec('SELECT 1 FROM digests WHERE digest = ?', digest).toArray().length > 0;
    sql.exec(inserted, digest, version);
    if (isKnown) return;
    for (let at = 0; at < lines.length; at += PIECE) {
      const insert = 'INSERT INTO pieces (digest, place, text) VALUES (?, ?, ?)';
      sql.exec(insert, digest, at / PIECE, lines.slice(at, at + PIECE));
    }
  }

  function linesOf(digest: string): string | undefined {
    const isKnown = sql.exec('SELECT 1 FROM digests WHERE digest = ?', digest).toArray().length > 0;
    if (!isKnown) return undefined;
    const rows = sql.exec<{ text: string }>('SELECT text FROM pieces WHERE digest = ? ORDER BY place', digest);
    return [...rows].map(({ text }) => text).join('');
  }

  return {
    said(role) {
      const select = 'SELECT audience, header, digest FROM said WHERE role = ?';
      const [row] = sql.exec<{ audience: Audience; header: string; digest: string }>(select, role);
      return row && { audience: row.audience, header: row.header, lines: linesOf(row.digest) ?? '' };
    },
    say(editions) {
      storage.transactionSync(() => {
        for (const role of ['public', 'staged'] as const) {
          const edition = editions[role];
          sql.exec('DELETE FROM said WHERE role = ?', role);
          if (edition === undefined) continue;
          const { audience, header, digest, version, lines } = edition;
          keep(digest, version, lines);
          const insert = 'INSERT INTO said (role, audience, header, digest) VALUES (?, ?, ?, ?)';
          sql.exec(insert, role, audience, header, digest);
        }
      });
    },
    linesOf,
    prune(keep) {
      const select = 'SELECT digest FROM digests WHERE digest NOT IN (SELECT digest FROM said) ORDER BY version DESC';
      const others = sql.exec<{ digest: string }>(select).toArray().slice(NEWEST_KEPT);
      const gone = others.filter(({ digest }) => !keep.has(digest));
      if (gone.length === 0) return 0;
      storage.transactionSync(() => {
        for (const { digest } of gone) {
          sql.exec('DELETE FROM pieces WHERE digest = ?', digest);
          sql.exec('DELETE FROM digests WHERE digest = ?', digest);
        }
      });
      return gone.length;
    },
    keys() {
      const [row] = sql.exec<{ text: string }>('SELECT text FROM keys');
      return row?.text;
    },
    putKeys: (text) => void sql.exec('INSERT OR REPLACE INTO keys (only, text) VALUES (1, ?)', text),
  };
}
