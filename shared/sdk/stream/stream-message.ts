/** What an upstream says on its stream, read strictly: what is none of it is ignored, as events of later versions are. */
import { MAX_HEADER } from '#schema/limits';
import type { SseEvent } from './sse-decoder.ts';

export type StreamMessage = RulesetMessage | BookmarkMessage | ClosingMessage;

export interface RulesetMessage {
  readonly type: 'ruleset' | 'keys';
  readonly version: number;
  readonly digest: string;
  readonly content: Delta | Pointer;
}

/** The difference to what this client has. */
interface Delta {
  readonly delta: string;
}

/** Where the lines are that a header is about. */
interface Pointer {
  readonly header: string;
  readonly path: string;
}

export interface BookmarkMessage {
  readonly type: 'bookmark';
  readonly version: number;
  readonly digest: string;
  /** The lowest version that anybody has in force. */
  readonly floor: number;
  /** How long ago home said so, where a relay passes it on (milliseconds). */
  readonly ageMs: number;
}

export interface ClosingMessage {
  readonly type: 'closing';
  readonly reason: string;
  readonly retryAfterMs: number;
}

const DIGEST = /^[\w-]{43}$/;
/** Of the same upstream: never another host. */
const PATH = /^\/v1\/[\w/-]{1,200}$/;

export function readMessage({ type, data }: SseEvent): StreamMessage | undefined {
  if (type !== 'ruleset' && type !== 'keys' && type !== 'bookmark' && type !== 'closing') return undefined;
  const fields = fieldsIn(data);
  if (fields === undefined) return undefined;
  if (type === 'closing') return closing(fields);
  const { version, digest } = fields;
  if (!isCount(version) || typeof digest !== 'string') return undefined;
  if (type === 'bookmark') {
    const { floor, ageMs } = fields;
    return { type, version, digest, floor: isCount(floor) ? floor : 0, ageMs: isCount(ageMs) ? ageMs : 0 };
  }
  const content = contentOf(fields);
  return content && DIGEST.test(digest) ? { type, version, digest, content } : undefined;
}

function contentOf({ delta, header, path }: Fields): RulesetMessage['content'] | undefined {
  if (typeof delta === 'string') return { delta };
  if (typeof header !== 'string' || header.length > MAX_HEADER) return undefined;
  return typeof path === 'string' && PATH.test(path) ? { header, path } : undefined;
}

const closing = ({ reason, retryAfterMs }: Fields): ClosingMessage => ({
  type: 'closing',
  reason: typeof reason === 'string' ? reason.slice(0, 64) : 'unknown',
  retryAfterMs: isCount(retryAfterMs) ? retryAfterMs : 0,
});

type Fields = Readonly<Record<string, unknown>>;

function fieldsIn(data: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
