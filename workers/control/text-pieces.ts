/** Divides a text for rows of SQLite, and puts it together again. */

/** A row holds at most 2 MB, and a code unit takes up to three bytes. */
const PIECE = 512 * 1024;

/** At least one; none begins or ends with half of a character, which UTF-8 could not hold. */
export function textPieces(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + PIECE;
    const next = isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end;
    pieces.push(text.slice(at, next));
    at = next;
  }
  return pieces.length === 0 ? [''] : pieces;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;

/** Rows that come whole again: those with a `place` above 0 go on from the one before. */
export function* joinedPieces<Row extends { readonly place: number; readonly text: string }>(
  rows: Iterable<Row>,
): Generator<Row> {
  let whole: Row | undefined;
  for (const row of rows) {
    if (whole !== undefined && row.place > 0) {
      whole = { ...whole, text: whole.text + row.text };
      continue;
    }
    if (whole !== undefined) yield whole;
    whole = row;
  }
  if (whole !== undefined) yield whole;
}
