/** One long text in SQLite, in pieces, for a row holds at most 2 MB (developers.cloudflare.com/durable-objects/platform/limits). */
import type { ChannelStorage } from './sql.ts';

export interface KeptText {
  get(): string | undefined;
  put(text: string): void;
}

/** Characters, which are bytes: the text is ASCII. */
const PIECE = 1024 * 1024;

export function createKeptText(storage: ChannelStorage): KeptText {
  const { sql } = storage;
  sql.exec('CREATE TABLE IF NOT EXISTS kept (place INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
  return {
    get() {
      const rows = sql.exec<{ text: string }>('SELECT text FROM kept ORDER BY place').toArray();
      return rows.length === 0 ? undefined : rows.map(({ text }) => text).join('');
    },
    put(text) {
      storage.transactionSync(() => {
        sql.exec('DELETE FROM kept');
        for (let at = 0; at < text.length; at += PIECE) {
          sql.exec('INSERT INTO kept (place, text) VALUES (?, ?)', at / PIECE, text.slice(at, at + PIECE));
        }
      });
    },
  };
}
