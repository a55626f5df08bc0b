/** From what happened to the bytes of a leaf: secrets taken out, sizes bounded, canonical JSON (RFC 8785). */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { JsonValue } from '#core/decision';
import { canonicalJson } from '#ruleset/canonical-json';
import type { AuditEntry, AuditLeaf } from '#schema/audit';
import { AUDIT_TIME_PATTERN, MAX_AUDIT_LEAF, MAX_AUDIT_NAME, MAX_JUSTIFICATION } from '#schema/audit-limits';
import { ok, type Result, refused } from '#schema/result';
import { cutText, cutValue } from './cut.ts';
import { type JsonFault, jsonFault } from './json-fault.ts';
import { leafHash } from './merkle-hash.ts';
import { redact, redactText } from './redact.ts';

export type SealRefusal =
  | ({ readonly kind: 'no-json' } & JsonFault)
  /** In bytes. */
  | { readonly kind: 'too-large'; readonly size: number; readonly limit: number };

export interface SealedLeaf {
  readonly seq: number;
  /** Of the leaf: what the next one has as `previous`. */
  readonly hash: string;
  /** Canonical JSON; its UTF-8 form is what is hashed. */
  readonly text: string;
}

/** Where an entry comes: behind `seq` others, the last of which has the hash `previous`. `time` is RFC 3339 with milliseconds. */
export type LeafPlace = Pick<AuditLeaf, 'seq' | 'previous' | 'time'>;

export function sealEntry(entry: AuditEntry, { seq, previous, time }: LeafPlace): Result<SealedLeaf, SealRefusal> {
  if (!AUDIT_TIME_PATTERN.test(time)) throw new TypeError(`not the time of an entry: ${time}`);
  const fault = jsonFault(entry);
  if (fault !== undefined) return refused({ kind: 'no-json', ...fault });
  const text = canonicalJson({ entry: recordedEntry(entry), previous, seq, time } satisfies AuditLeaf);
  const bytes = utf8ToBytes(text);
  if (bytes.length > MAX_AUDIT_LEAF) {
    return refused({ kind: 'too-large', size: bytes.length, limit: MAX_AUDIT_LEAF });
  }
  return ok({ seq, hash: leafHash(bytes), text });
}

/** An entry as it is written down. `events` stay whole: state is folded from them, so deciders must keep secrets out. */
export function recordedEntry(entry: AuditEntry): AuditEntry {
  const { old, new: next, justification, events, ...rest } = entry;
  return {
    ...(namesCut(rest) as typeof rest),
    old: recordedValue(old),
    new: recordedValue(next),
    // First redacted, then cut: half of a secret is not recognised as one.
    ...(justification !== undefined && { justification: cutText(redactText(justification), MAX_JUSTIFICATION) }),
    events,
  };
}

const recordedValue = (value: AuditEntry['old']): AuditEntry['old'] => cutValue(redact(value)) as AuditEntry['old'];

function namesCut(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cutText(redactText(value), MAX_AUDIT_NAME);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(namesCut);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, namesCut(item)]));
}
