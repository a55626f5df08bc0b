/** JSON from outside, as text. */
import { ok, type Result, refused } from '#schema/result';

export type JsonRefusal = 'not-json' | 'too-deep';
export type BodyRefusal = 'too-large' | JsonRefusal;

/** JSON that nests deeper than `maxDepth` is refused, so that no reader need fear for its stack. */
export function parseJsonText(text: string, maxDepth: number): Result<unknown, JsonRefusal> {
  try {
    const json: unknown = JSON.parse(text);
    return isNested(json) && isDeeper(json, maxDepth) ? refused('too-deep') : ok(json);
  } catch {
    return refused('not-json');
  }
}

/**
 * What `JSON.parse` makes has no properties but its own. Listing them first takes as long as half of the parsing, and the places of a list
 * by their names as long as all of it.
 */
function isDeeper(value: object, depth: number): boolean {
  if (depth === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (isNested(item) && isDeeper(item, depth - 1)) return true;
    return false;
  }
  for (const name in value) {
    const item = (value as Readonly<Record<string, unknown>>)[name];
    if (isNested(item) && isDeeper(item, depth - 1)) return true;
  }
  return false;
}

const isNested = (item: unknown): item is object => typeof item === 'object' && item !== null;
