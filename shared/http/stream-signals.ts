/** What a stream says beside its rulesets: where a client ought to be, and why it is closed. */
import type { Position } from '#ruleset/position';
import { sseEvent } from './sse-event.ts';

export interface BookmarkData extends Position {
  /** The lowest version in force anywhere. */
  readonly floor: number;
  /** When it was said (milliseconds since 1970). */
  readonly time: number;
  /** Of a relay: how long ago its own source last confirmed that (milliseconds); 0 where it is left out. */
  readonly ageMs?: number;
}

/** `draining`: the server goes away; `replaced`: by another stream of the same instance; `revoked`: the key; `admission`: there are too many. */
export type ClosingReason = 'draining' | 'replaced' | 'revoked' | 'admission';

export interface ClosingData {
  readonly reason: ClosingReason;
  /** How long to stay away (milliseconds). */
  readonly retryAfterMs: number;
}

/** The position is given as such, or as an edition whose text is none of it. */
export const bookmarkText = ({ version, digest, floor, time, ageMs }: BookmarkData): string =>
  sseEvent({
    event: 'bookmark',
    data: JSON.stringify({ version, digest, floor, time, ...(ageMs !== undefined && { ageMs }) }),
  });

export const closingText = ({ reason, retryAfterMs }: ClosingData): string =>
  sseEvent({ event: 'closing', data: JSON.stringify({ reason, retryAfterMs }) });
