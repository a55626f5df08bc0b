/** Who may ask a relay for what: known by SDK keys, as they are in force when the request comes. */
import type { IncomingMessage } from 'node:http';
import { findIssued } from '#http/issued-keys';
import { UNAUTHORIZED, UNHEARD } from '#http/pop-refusals';
import type { HeaderValues, Reply } from '#http/reply';
import { createKeyRingOf, type FindKey, type KeyRecord } from '#http/sdk-keys';
import type { Subtle } from '#ruleset/web-crypto';
import { createEventTickets, type EventTickets } from './event-tickets.ts';
import type { HeldCache } from './held.ts';

export interface Admission {
  /** The record of a key that was seen before; undefined for any other. */
  atOnce(headers: HeaderValues): KeyRecord | undefined;
  /** The record of the key that a request carries; undefined where it carries none that is valid. */
  recordOf(headers: HeaderValues): Promise<KeyRecord | undefined>;
  /** What those are told who have no record. */
  refusal(): Reply;
  readonly find: FindKey;
  readonly tickets: EventTickets;
}

export interface AdmissionOptions {
  /** Those of the settings. */
  readonly fixed: readonly KeyRecord[];
  readonly keys: HeldCache;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of each use of a key that control has issued, by its SHA-256; undefined where nobody is. */
  readonly used?: ((sha256: string) => void) | undefined;
}

export function createAdmission({ fixed, keys, now, used }: AdmissionOptions): Admission {
  const document = () => keys.current()?.reader;
  const find = findIssued(fixed, document, now);
  const ring = createKeyRingOf(find, crypto.subtle as Subtle);
  const tickets = createEventTickets({ find, fixed, document });

  function noted(record: KeyRecord | undefined): KeyRecord | undefined {
    if (record?.issued) used?.(record.sha256);
    return record;
  }

  return {
    atOnce: (headers) => noted(ring.remembered(headers)),
    recordOf: async (headers) => noted(await ring.recordOf({ headers })),
    // Without a document and a key of its own a relay cannot tell who is whose.
    refusal: () => (document() === undefined && fixed.length === 0 ? UNHEARD : UNAUTHORIZED),
    find,
    tickets: { ...tickets, recordOf: (ticket) => noted(tickets.recordOf(ticket)) },
  };
}

/** A stream, and what goes with it, carries every flag: no page may have it, and none who is to see some namespaces alone. */
export const maySeeAll = ({ kind, scope }: KeyRecord): boolean => kind !== 'client' && scope === undefined;

/** Where a name is there twice, Node keeps the first of those that are asked for here. */
export const headersOf = ({ headers }: IncomingMessage): HeaderValues => ({
  get(name) {
    const value = headers[name];
    return typeof value === 'string' ? value : null;
  },
});
