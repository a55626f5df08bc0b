import type { IncomingMessage } from 'node:http';

/**
 * A request's body as text, without ever holding more of it than is allowed; undefined where it is larger. What comes on top is dropped as
 * it comes, until the server's patience with a request ends.
 */
export function readText(incoming: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.byteLength;
      if (length <= maxBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve(undefined);
      }
    });
    incoming.once('end', () => resolve(chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString()));
    // Whoever breaks off is an error, too.
    incoming.once('error', reject);
  });
}
