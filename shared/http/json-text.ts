/** JSON from outside, as text. */
import { ok, type Result, refused } from '#schema/result';

export type JsonRefusal = 'not-json' | 'too-deep';
export type BodyRefusal = 'too-large' | JsonRefusal;

/** JSON that nests deeper than `maxDepth` is refused, so that no reader need fear for its stack. */
export function parseJsonText(text: string, maxDepth: number): Result<unknown, JsonRefusal> {
  try {
    const json: unknown = JSON.parse(text);
    const isTooDeep = typeof json === 'object' && json !== null && isDeeper(json, maxDepth);
    return isTooDeep ? refused('too-deep') : ok(json);
  } catch {
    return refused('not-json');
  }
}

/** What `JSON.parse` makes has no properties but its own. Listing them first takes as long as half of the parsing. */
function isDeeper(value: object, depth: number): boolean {
  if (depth === 0) return true;
  for (const name in value) {
    const item = (value as Readonly<Record<string, unknown>>)[name];
    if (typeof item === 'object' && item !== null && isDeeper(item, depth - 1)) return true;
  }
  return false;
}
