/** Reads a beacon's body, plain or gzipped, without ever holding more of it than is allowed. */
import { gunzipSync } from 'node:zlib';
import { boundedBytes } from '#http/bounded-bytes';
import { type JsonRefusal, parseJson } from '#http/bounded-json';
import { MAX_BEACON, MAX_BEACON_DEPTH, MAX_BEACON_SENT, MAX_INFLATION } from '#schema/exposure-limits';
import { ok, type Result, refused } from '#schema/result';

export type BodyRefusal =
  | 'unknown-type'
  | 'unknown-encoding'
  | 'too-large-as-sent'
  | 'too-large'
  | 'not-gzip'
  | JsonRefusal;

/** What even a short body may inflate to. */
const FREE_INFLATION = 64 * 1024;

export async function readBody(request: Request): Promise<Result<unknown, BodyRefusal>> {
  if (mediaTypeOf(request) !== 'application/json') return refused('unknown-type');
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') return refused('unknown-encoding');
  const sent = await boundedBytes(request, MAX_BEACON_SENT);
  if (sent === undefined) return refused('too-large-as-sent');
  const bytes = encoding === 'gzip' ? inflate(sent) : ok(sent);
  return bytes.ok ? parseJson(bytes.value, MAX_BEACON_DEPTH) : bytes;
}

const mediaTypeOf = ({ headers }: Request): string | undefined =>
  headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();

/**
 * By `node:zlib`, which stops at the bound. A `DecompressionStream` makes all that its input holds before anything is read
 * from it: 256 KB of a bomb took 256 MB (workerd, November 2026).
 */
function inflate(sent: Uint8Array): Result<Uint8Array, 'too-large' | 'not-gzip'> {
  const maxOutputLength = Math.min(MAX_BEACON, Math.max(FREE_INFLATION, sent.byteLength * MAX_INFLATION));
  try {
    return ok(gunzipSync(sent, { maxOutputLength }));
  } catch (error) {
    return refused(error instanceof RangeError ? 'too-large' : 'not-gzip');
  }
}
