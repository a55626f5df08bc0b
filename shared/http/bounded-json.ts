/** Reads a JSON body without ever holding more of it than is allowed. */
import { ok, type Result, refused } from '#schema/result';
import { boundedBytes } from './bounded-bytes.ts';

export type JsonRefusal = 'not-json' | 'too-deep';
export type BodyRefusal = 'too-large' | JsonRefusal;

/** Reads at most `maxBytes`; JSON that nests deeper than `maxDepth` is refused, so that no reader need fear for its stack. */
export async function boundedJson(
  request: Request,
  maxBytes: number,
  maxDepth: number,
): Promise<Result<unknown, BodyRefusal>> {
  const bytes = await boundedBytes(request, maxBytes);
  return bytes === undefined ? refused('too-large') : parseJson(bytes, maxDepth);
}

export function parseJson(bytes: Uint8Array, maxDepth: number): Result<unknown, JsonRefusal> {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isDeeper(json, maxDepth) ? refused('too-deep') : ok(json);
  } catch {
    return refused('not-json');
  }
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1));
}
