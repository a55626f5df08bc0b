/** Rulesets as a channel keeps them: lines by their digest, and which edition is whose. Survives restarts. */
import type { Edition } from '#http/edition-events';
import type { Audience } from './audience.ts';
import { createLinesStore } from './lines-store.ts';
import type { ChannelStorage } from './sql.ts';

/** `public`: everybody's; `staged`: one that is offered to some. */
export type Role = 'public' | 'staged';

export interface Said {
  readonly audience: Audience;
  /** The signed header line. */
  readonly header: string;
  readonly lines: string;
}

export interface Saying {
  readonly audience: Audience;
  readonly edition: Edition;
}

export interface EditionStore {
  said(role: Role): Said | undefined;
  /** In one transaction; what is undefined goes. */
  say(editions: Readonly<Record<Role, Saying | undefined>>): void;
  /** Undefined where they are not kept. */
  linesOf(digest: string): string | undefined;
  /** Lets go of all lines but those, the newest, and what those are changes on. Returns how many rulesets went. */
  prune(keep: ReadonlySet<string>): number;
  keys(): string | undefined;
  putKeys(text: string): void;
}

/** Versions whose lines are kept though nobody is known to have them: for deltas to whoever was away for a while. */
const NEWEST_KEPT = 16;

export function createEditionStore(storage: ChannelStorage): EditionStore {
  const { sql } = storage;
  const lines = createLinesStore(storage);

  return {
    said(role) {
      const select = 'SELECT audience, header, digest FROM said WHERE role = ?';
      const [row] = sql.exec<{ audience: Audience; header: string; digest: string }>(select, role);
      return row && { audience: row.audience, header: row.header, lines: lines.of(row.digest) ?? '' };
    },
    say(editions) {
      storage.transactionSync(() => {
        for (const role of ['public', 'staged'] as const) {
          const saying = editions[role];
          sql.exec('DELETE FROM said WHERE role = ?', role);
          if (saying === undefined) continue;
          const { audience, edition } = saying;
          lines.keep(edition);
          const insert = 'INSERT INTO said (role, audience, header, digest) VALUES (?, ?, ?, ?)';
          sql.exec(insert, role, audience, edition.header, edition.digest);
        }
      });
    },
    linesOf: lines.of,
    prune(keep) {
      const select = 'SELECT digest FROM digests WHERE digest NOT IN (SELECT digest FROM said) ORDER BY version DESC';
      const others = sql.exec<{ digest: string }>(select).toArray().slice(NEWEST_KEPT);
      const gone = others.filter(({ digest }) => !keep.has(digest));
      return gone.length === 0 ? 0 : lines.letGo(gone.map(({ digest }) => digest));
    },
    keys() {
      const [row] = sql.exec<{ text: string }>('SELECT text FROM keys');
      return row?.text;
    },
    putKeys: (text) => void sql.exec('INSERT OR REPLACE INTO keys (only, text) VALUES (1, ?)', text),
  };
}
