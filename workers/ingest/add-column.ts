/** Gives a table a column that came later, where it was made before. */
export function addColumn(sql: SqlStorage, table: string, column: string, definition: string): void {
  const isThere = sql.exec('SELECT 1 FROM pragma_table_info(?) WHERE name = ?', table, column).toArray().length > 0;
  if (!isThere) sql.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`);
}
