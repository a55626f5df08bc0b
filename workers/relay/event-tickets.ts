/**
 * What stands for an SDK key in the address of a page's stream. It is made of the key's hash, which only relays and POPs have, so each relay
 * of an environment takes the tickets of all others; it opens nothing else; and it ends with its key. No key stands in an address.
 */
import { createHash } from 'node:crypto';
import type { FindKey, KeyRecord } from '#http/sdk-keys';
import type { RulesetReader } from '#ruleset/reader';
import { DIGEST_PATTERN } from '#schema/limits';

export interface EventTickets {
  ticketOf(record: KeyRecord): string;
  /** The record of the key that a ticket stands for; undefined where it stands for none that is valid. */
  recordOf(ticket: string): KeyRecord | undefined;
}

export interface EventTicketsOptions {
  readonly find: FindKey;
  readonly fixed: readonly KeyRecord[];
  /** The keys document in force. */
  readonly document: () => RulesetReader | undefined;
}

const ticketFor = (sha256: string): string =>
  createHash('sha256').update(`lockstep ofrep events ${sha256}`).digest('base64url');

export function createEventTickets({ find, fixed, document }: EventTicketsOptions): EventTickets {
  const ofFixed = new Map(fixed.map(({ sha256 }) => [ticketFor(sha256), sha256]));
  let madeOf: RulesetReader | undefined;
  let ofIssued = new Map<string, string>();
  const written = new WeakMap<KeyRecord, string>();

  /** The key's hash by its ticket, of all keys that there are: one pass a document. */
  function issued(): ReadonlyMap<string, string> {
    const reader = document();
    if (reader !== madeOf) {
      const hashes = reader?.flagKeys().filter((key) => DIGEST_PATTERN.test(key)) ?? [];
      ofIssued = new Map(hashes.map((sha256) => [ticketFor(sha256), sha256]));
      madeOf = reader;
    }
    return ofIssued;
  }

  return {
    ticketOf(record) {
      const known = written.get(record) ?? ticketFor(record.sha256);
      written.set(record, known);
      return known;
    },
    recordOf(ticket) {
      const sha256 = issued().get(ticket) ?? ofFixed.get(ticket);
      return sha256 === undefined ? undefined : find(sha256);
    },
  };
}
