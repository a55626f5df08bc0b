/** The state of an organisation as rows: read at the start, and changed where a command changed it. */
import type { State } from '#control/state';
import { type Row, stateOfRows, type Table } from '#control/state-rows';
import type { Sql } from './sql.ts';
import { joinedPieces, textPieces } from './text-pieces.ts';

export interface StateStore {
  read(): State;
  /** Within a transaction. */
  write(rows: Iterable<Row>): void;
}

type PieceRow = { part: Table; key: string; place: number; text: string };

export const createStateStore = (sql: Sql): StateStore => ({
  read: () => stateOfRows(rowsOf(sql.exec<PieceRow>('SELECT * FROM state ORDER BY part, key, place'))),
  write(rows) {
    for (const { table, key, value } of rows) {
      const pieces = value === undefined ? [] : textPieces(JSON.stringify(value));
      pieces.forEach((text, place) => {
        sql.exec('INSERT OR REPLACE INTO state (part, key, place, text) VALUES (?, ?, ?, ?)', table, key, place, text);
      });
      sql.exec('DELETE FROM state WHERE part = ? AND key = ? AND place >= ?', table, key, pieces.length);
    }
  },
});

function* rowsOf(pieces: Iterable<PieceRow>): Generator<Row> {
  for (const { part, key, text } of joinedPieces(pieces)) yield { table: part, key, value: JSON.parse(text) };
}
