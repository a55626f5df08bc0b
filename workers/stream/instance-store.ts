/** The board's memory: who was heard to have what, so that a restart does not lift the floor over somebody who is cut off. */
import type { Ack } from '#schema/acks';
import type { Heard, InstanceBoard } from './instance-board.ts';
import type { ChannelStorage } from './sql.ts';

/** In the order in which they were heard. What an acknowledgement is was checked when it came. */
export function loadInstances({ sql }: ChannelStorage): Heard[] {
  const rows = sql.exec<{ heard_at: number; ack: string }>('SELECT heard_at, ack FROM instances ORDER BY heard_at');
  return [...rows].map(({ heard_at: heardAt, ack }) => ({ heardAt, ack: JSON.parse(ack) as Ack }));
}

export function saveInstances(storage: ChannelStorage, board: InstanceBoard): void {
  const { sql } = storage;
  const { heard, gone } = board.unsaved();
  if (heard.length === 0 && gone.length === 0) return;
  storage.transactionSync(() => {
    for (const { ack, heardAt } of heard) {
      const { decisions: _passing, ...lasting } = ack;
      const insert = 'INSERT OR REPLACE INTO instances (instance, heard_at, ack) VALUES (?, ?, ?)';
      sql.exec(insert, ack.instance, heardAt, JSON.stringify(lasting));
    }
    for (const instance of gone) sql.exec('DELETE FROM instances WHERE instance = ?', instance);
  });
}
