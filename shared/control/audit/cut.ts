/** Bounds what people and machines put into an entry. Of what is cut, length and digest are kept, so that it can be recognised. */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { JsonValue } from '#core/decision';
import { canonicalJson } from '#ruleset/canonical-json';
import { MAX_AUDIT_HEAD, MAX_AUDIT_VALUE } from '#schema/audit-limits';
import { sha256 } from './sha256.ts';

/** At most `limit` UTF-16 code units of a text, and a note of what is missing. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${headOf(text, limit)} [cut: ${text.length} characters, SHA-256 ${digestOf(text)}]`;
}

/** The value, or `{$cut: {length, sha256, head}}`: length, digest and beginning of its canonical JSON. */
export function cutValue(value: JsonValue, limit: number = MAX_AUDIT_VALUE): JsonValue {
  const text = canonicalJson(value);
  if (text.length <= limit) return value;
  return { $cut: { length: text.length, sha256: digestOf(text), head: headOf(text, MAX_AUDIT_HEAD) } };
}

const digestOf = (text: string): string => sha256(utf8ToBytes(text));

/** Never half of a surrogate pair. */
function headOf(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length);
}
