/** What canonical JSON (RFC 8785) cannot write: it must be an error, never a silent change of what is signed. */
import { MAX_AUDIT_DEPTH } from '#schema/audit-limits';

export interface JsonFault {
  /** As `/old/fallthrough/0` (RFC 6901). */
  readonly path: string;
  readonly message: string;
}

/** The first thing inside a value that is no I-JSON (RFC 7493): no finite number, half of a character, no JSON at all. */
export function jsonFault(value: unknown, path = '', depth = 0): JsonFault | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path, message: 'is no finite number' };
  if (typeof value === 'string') return textFault(value, path);
  if (typeof value !== 'object') return { path, message: `is no JSON: ${typeof value}` };
  if (depth === MAX_AUDIT_DEPTH) return { path, message: `is nested deeper than ${MAX_AUDIT_DEPTH} levels` };
  for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    const at = `${path}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const fault = textFault(String(key), at) ?? jsonFault(item, at, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const LONE_SURROGATE = /\p{Cs}/u;

const textFault = (text: string, path: string): JsonFault | undefined =>
  LONE_SURROGATE.test(text) ? { path, message: 'has half of a surrogate pair' } : undefined;
