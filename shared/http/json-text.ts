/** JSON from outside, as text. */
import { ok, type Result, refused } from '#schema/result';

export type JsonRefusal = 'not-json' | 'too-deep';
export type BodyRefusal = 'too-large' | JsonRefusal;

/** JSON that nests deeper than `maxDepth` is refused, so that no reader need fear for its stack. */
export function parseJsonText(text: string, maxDepth: number): Result<unknown, JsonRefusal> {
  try {
    const json: unknown = JSON.parse(text);
    return isDeeper(json, maxDepth) ? refused('too-deep') : ok(json);
  } catch {
    return refused('not-json');
  }
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1));
}
