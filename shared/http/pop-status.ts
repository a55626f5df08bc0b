/** What `GET /v1/status` tells of a POP. */
import type { Place } from '#core/context';
import type { CacheStatus } from '#ruleset/cache';
import type { Reply } from './reply.ts';

/** Answered to anybody: the POP runs. */
export const LIVENESS = '/livez';
export const LIVE: Reply = {
  status: 200,
  headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' },
  body: 'live',
};

export interface PopStatus {
  readonly environment: string;
  readonly place: Place;
  /** Where its rulesets come from. */
  readonly store: 'kv' | 'edgekv' | 'stream';
  readonly status: SourceStatus;
}

export type SourceStatus = CacheStatus & { readonly storeErrors: number };

/** `more` is what one platform's POPs have beside. */
export const statusReply = ({ environment, place, store, status }: PopStatus, more: object = {}): Reply => {
  const { version = null, ...rest } = status;
  const source = version === null ? 'offline-defaults' : store;
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ environment, ...place, source, version, ...rest, ...more }),
  };
};

/** Where keys come from, and what is known of their document. */
export const keysStatus = (status: SourceStatus): object => ({
  source: status.version === undefined ? 'settings' : 'document',
  ...status,
  version: status.version ?? null,
});
