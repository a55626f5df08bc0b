/** A column that came later, which tables that were made before do not have. */
export type AddedColumn = readonly [table: string, column: string, definition: string];

export function addColumn(sql: SqlStorage, [table, column, definition]: AddedColumn): void {
  const isThere = sql.exec('SELECT 1 FROM pragma_table_info(?) WHERE name = ?', table, column).toArray().length > 0;
  if (!isThere) sql.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`);
}
