/** Who may ask ingest for what. A POP's own key and the control plane's are of the settings, and are no SDK's. */
import type { KeyKind } from '#http/sdk-keys';

export type IngestKeyKind = KeyKind | 'pop' | 'control';

export const INGEST_KEY_KINDS = ['server', 'client', 'relay', 'pop', 'control'] as const;

/** `send`: beacons; `count`: how many exposures there are; `key-use`: when SDK keys were last used. */
export type IngestAction = 'send' | 'count' | 'key-use';

const ALLOWED: Readonly<Record<IngestAction, readonly IngestKeyKind[]>> = {
  send: ['server', 'relay', 'pop'],
  count: ['server', 'relay'],
  'key-use': ['control'],
};

export const mayAsk = (kind: IngestKeyKind, action: IngestAction): boolean => ALLOWED[action].includes(kind);

/** Control issues none of these: they count beside the keys document, whatever it says. */
export const isOwnKind = (kind: IngestKeyKind): boolean => kind === 'pop' || kind === 'control';
