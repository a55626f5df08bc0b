/**
 * The keys that POPs and ingest take: those of the keys document, once there is one, and the deployment's own (docs/sdk-keys.md). Before a first
 * document all that the deployment has set count.
 */
import { decodeKey } from '#ruleset/decode-key';
import type { RulesetReader } from '#ruleset/reader';
import { ALL } from '#schema/limits';
import { type FindKey, findAmong, type KeyKind, type KeyRecord } from './sdk-keys.ts';

interface Issued {
  readonly record: KeyRecord;
  /** When it ends (milliseconds since 1970). */
  readonly until: number;
}

/** `document` gives the one in force, verified; it and the clock are asked for each key. */
export function findIssued<Kind extends string>(
  fixed: readonly KeyRecord<Kind | KeyKind>[],
  document: () => RulesetReader | undefined,
  now: () => number,
): FindKey<Kind | KeyKind> {
  const before = findAmong(fixed);
  const own = findAmong(fixed.filter((record) => record.own === true));
  let decodedOf: RulesetReader | undefined;
  let decoded = new Map<string, Issued>();

  function issuedIn(reader: RulesetReader, sha256: string): Issued | undefined {
    if (decodedOf !== reader) decoded = new Map();
    decodedOf = reader;
    const known = decoded.get(sha256);
    if (known !== undefined) return known;
    const found = decodeIssued(reader.line(sha256));
    // Others are not kept: there is no end of keys that were made up.
    if (found !== undefined) decoded.set(sha256, found);
    return found;
  }

  return (sha256) => {
    const reader = document();
    if (reader === undefined) return before(sha256);
    const issued = issuedIn(reader, sha256);
    return issued !== undefined && now() < issued.until ? issued.record : own(sha256);
  };
}

/** A line that cannot be read is nobody's key. */
function decodeIssued(line: string | undefined): Issued | undefined {
  if (line === undefined) return undefined;
  try {
    const { k, t, s, n, e = 1 / 0 } = decodeKey(JSON.parse(line));
    const scope = n.includes(ALL) ? undefined : n.map((one) => one.toLowerCase());
    return { record: { sha256: k, kind: t, name: s, issued: true, ...(scope && { scope }) }, until: e };
  } catch {
    return undefined;
  }
}
