/**
 * From a line of the keys document to an SDK key. Written by hand; it accepts what `shared/schema/key-entry.ts` accepts, which a
 * differential fuzz checks. Throws `Refusal`.
 */
import { ALL, DIGEST_PATTERN, MAX_SCOPE } from '#schema/limits';
import { type Fields, fieldsOf, integer, list, name, refuse, text } from './expect.ts';

export interface KeyEntry {
  readonly k: string;
  readonly t: 'relay' | 'server' | 'client';
  readonly s: string;
  readonly n: readonly string[];
  readonly e?: number;
}

export function decodeKey(line: unknown): KeyEntry {
  const fields: Fields = fieldsOf(line);
  const { k, t, s, n, e } = fields;
  text(k, 'k', 43, DIGEST_PATTERN);
  if (t !== 'relay' && t !== 'server' && t !== 'client') refuse('t', t);
  name(s, 's');
  for (const one of list(n, 'n', 1, MAX_SCOPE)) if (one !== ALL) name(one, 'n');
  if (e !== undefined) integer(e, 'e', 0, Number.MAX_SAFE_INTEGER);
  return fields as unknown as KeyEntry;
}
