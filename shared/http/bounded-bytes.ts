import { boundedChunks } from './bounded-chunks.ts';

/**
 * A body that is too large, but not by much, is let through to its end and dropped: to a client that still writes, an answer before
 * that is a connection that broke.
 */
const MAX_DROPPED_BYTES = 8 * 1024 * 1024;

/** Reads a body without ever holding more of it than is allowed; undefined where it is larger. */
export async function boundedBytes(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const told = Number(request.headers.get('content-length') ?? 0);
  if (told > maxBytes) {
    if (told <= MAX_DROPPED_BYTES) await request.body?.pipeTo(new WritableStream());
    return undefined;
  }
  if (request.body === null) return new Uint8Array();
  // What was told is no more than comes (RFC 9112, 6.3), and chunk by chunk it takes longer.
  if (told > 0) {
    const bytes = new Uint8Array(await request.arrayBuffer());
    return bytes.byteLength > maxBytes ? undefined : bytes;
  }
  return boundedChunks(request.body.getReader(), maxBytes);
}
