/** Texts by number: names of flags, variations, rules, regions, metrics, which few rows would share and many repeat. */
import type { TextId } from '#rollout/cohort/sight-exposure';

export interface ShardTexts {
  /** The number of a text, which gets one where it has none. To be called inside a transaction. */
  idOf(text: string): TextId;
  textOf(id: TextId): string;
  /** To be called where a transaction was rolled back: what got its number in it has none. */
  forget(): void;
}

export function createShardTexts(sql: SqlStorage): ShardTexts {
  const ids = new Map<string, TextId>();
  const texts = new Map<TextId, string>();
  const note = (id: TextId, text: string): void => {
    ids.set(text, id);
    texts.set(id, text);
  };
  function read(): void {
    const rows = sql.exec<{ id: TextId; text: string }>('SELECT text_id AS id, text FROM texts');
    for (const { id, text } of rows) note(id, text);
  }

  read();
  return {
    idOf(text) {
      const known = ids.get(text);
      if (known !== undefined) return known;
      const { id } = sql
        .exec<{ id: TextId }>('INSERT INTO texts (text) VALUES (?) RETURNING text_id AS id', text)
        .one();
      note(id, text);
      return id;
    },
    textOf(id) {
      const text = texts.get(id);
      if (text === undefined) throw new RangeError(`there is no text ${id}`);
      return text;
    },
    forget() {
      ids.clear();
      texts.clear();
      read();
    },
  };
}
