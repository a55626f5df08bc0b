/** Who may ask ingest for what. Keys of a POP, the control plane and the rollout controller are of the settings, and are no SDK's. */
import type { MiddlewareHandler } from 'hono';
import type { KeyKind, KeyRecord } from '#http/sdk-keys';
import type { RulesetReader } from '#ruleset/reader';

export type IngestKeyKind = KeyKind | 'pop' | 'control' | 'rollout';

export const INGEST_KEY_KINDS = ['server', 'client', 'relay', 'pop', 'control', 'rollout'] as const;

/**
 * `send`: beacons; `count`: how many exposures there are; `key-use`: when SDK keys were last used; `declare-cohort`: a rollout to be
 * counted for; `read-cohort`: what was counted, and what is wrong with it; `quarantine`: what was put aside; `who-saw`: what
 * somebody was served; `metrics`: numbers for monitoring.
 */
export type IngestAction =
  | 'send'
  | 'count'
  | 'key-use'
  | 'declare-cohort'
  | 'read-cohort'
  | 'quarantine'
  | 'who-saw'
  | 'metrics';

/** Lets those through who may. */
export type Guard = (action: IngestAction) => MiddlewareHandler;

const ALLOWED: Readonly<Record<IngestAction, readonly IngestKeyKind[]>> = {
  send: ['server', 'relay', 'pop'],
  count: ['server', 'relay'],
  metrics: ['server', 'relay', 'control'],
  'key-use': ['control'],
  'declare-cohort': ['control', 'rollout'],
  quarantine: ['control'],
  'who-saw': ['control'],
  'read-cohort': ['server', 'relay', 'control', 'rollout'],
};

export const mayAsk = (kind: IngestKeyKind, action: IngestAction): boolean => ALLOWED[action].includes(kind);

/**
 * Of which keys a sender is believed that they were used: a POP of all; a relay, whose key lies on machines of services, of those in the
 * keys document alone, so that keys that were made up push out no others.
 */
export function believedUses(
  { kind, scope }: Pick<KeyRecord<IngestKeyKind>, 'kind' | 'scope'>,
  document: RulesetReader | undefined,
): (sha256: string) => boolean {
  if (kind === 'pop') return () => true;
  if (kind !== 'relay' || scope !== undefined) return () => false;
  return (sha256) => document?.line(sha256) !== undefined;
}

/** Control issues none of these: they count beside the keys document, whatever it says. */
export const isOwnKind = (kind: IngestKeyKind): boolean => kind === 'pop' || kind === 'control' || kind === 'rollout';
