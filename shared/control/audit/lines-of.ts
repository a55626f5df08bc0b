/** Lines of a stream of bytes. */

const LINE_FEED = 10;

/**
 * The lines of `chunks` without their line feeds, as many at a time as a chunk ends. A line longer than `limit` bytes is given
 * as far as it was read, longer than `limit` by some, and is the last. What lies behind the last line feed is a line as well.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limit: number,
): AsyncGenerator<readonly Uint8Array[]> {
  let begun: Uint8Array[] = [];
  let length = 0;
  for await (const portion of chunks) {
    // Node's own buffers are quick to search and slow to divide; for others both are the same.
    const chunk = new Uint8Array(portion.buffer, portion.byteOffset, portion.byteLength);
    const lines: Uint8Array[] = [];
    let from = 0;
    for (let at = portion.indexOf(LINE_FEED); at >= 0; at = portion.indexOf(LINE_FEED, from)) {
      const bytes = chunk.subarray(from, at);
      lines.push(begun.length === 0 ? bytes : joined([...begun, bytes]));
      [begun, length, from] = [[], 0, at + 1];
    }
    if (from < chunk.length) {
      // A copy, for whoever reads may use the chunk's memory again.
      begun.push(chunk.slice(from));
      length += chunk.length - from;
    }
    if (length > limit) {
      yield [...lines, joined(begun)];
      return;
    }
    if (lines.length > 0) yield lines;
  }
  if (begun.length > 0) yield [joined(begun)];
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
