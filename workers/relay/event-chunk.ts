/**
 * Events as the bytes of a chunk (RFC 9112, 7.1): made once, and written to each socket as they are. Through `ServerResponse.write` every
 * client would have a chunk header of its own made, and three writes for one.
 */

export function eventChunk(text: string): Buffer {
  const length = Buffer.byteLength(text);
  return Buffer.from(`${length.toString(16)}\r\n${text}\r\n`);
}

/** The end of a chunked body. */
export const LAST_CHUNK: Buffer = Buffer.from('0\r\n\r\n');
