/** The parts of a request, each bounded and taken literally: what is not of the form is refused, and never guessed. */
import { boundedBytes } from '#http/bounded-bytes';
import { parseJsonText } from '#http/json-text';
import { MAX_AUDIT_LEAF } from '#schema/audit-limits';
import { ok, type Result, refused } from '#schema/result';
import type { ApiRefusal } from './api-refusal.ts';
import { repeatedMember } from './repeated-member.ts';
import type { Precondition, Route } from './route.ts';

export const MAX_BODY = 1024 * 1024;
/** Of imports: a whole ruleset. */
export const MAX_IMPORT = 20 * 1024 * 1024;
/** Of an exported log: one line, whose leaf is never divided, at least. */
export const MAX_LOG_PAGE = MAX_AUDIT_LEAF + 4_096;
const MAX_DEPTH = 64;
const MAX_QUERY = 4_096;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined where the route takes none. Any other type is refused: pages of other origins cannot send these without asking first. */
export async function readBody(request: Request, { body }: Route): Promise<Result<unknown, ApiRefusal>> {
  if (body === undefined) return ok(undefined);
  const takes = body.media ?? 'application/json';
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '').split(';');
  const isUtf8 = parameters.every((one) => /^ *charset="?utf-8"? *$/i.test(one));
  if (type.trim().toLowerCase() !== takes || !isUtf8) return refused({ code: 'media-type', takes: [takes] });
  const most = body.maxBytes ?? MAX_BODY;
  const bytes = await boundedBytes(request, most);
  if (bytes === undefined) return refused({ code: 'too-large', most });
  const text = textOf(bytes);
  if (takes === 'application/x-ndjson') return text === undefined ? refused({ code: 'not-json' }) : ok(text);
  const json = text === undefined ? refused('not-json' as const) : parseJsonText(text, MAX_DEPTH);
  if (!json.ok)
    return refused(json.error === 'too-deep' ? { code: 'too-deep', most: MAX_DEPTH } : { code: 'not-json' });
  const path = repeatedMember(text ?? '');
  return path === undefined ? json : refused({ code: 'repeated-member', path });
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    // No UTF-8.
    return undefined;
  }
}

export function readQuery(search: string): Result<Readonly<Record<string, string>>, ApiRefusal> {
  const issue = (path: string, message: string): Result<never, ApiRefusal> =>
    refused({ code: 'malformed', issues: [{ path, message }] });
  if (search.length > MAX_QUERY) return issue('query', `is longer than ${MAX_QUERY} characters`);
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    if (found.has(name)) return issue(`query.${name}`, 'is there twice');
    found.set(name, value);
  }
  return ok(Object.fromEntries(found));
}

export interface Conditions {
  readonly base: number;
  readonly hash: string;
}

const TAKES: Readonly<Record<Precondition, readonly string[]>> = {
  revision: ['If-Match: "<revision>"', 'If-None-Match: * for what is new'],
  hash: ['If-Match: "<hash>"'],
};

/** No revision and no hash is ever this. */
const NONE: Conditions = { base: -1, hash: '' };

export function readConditions(
  headers: Headers,
  precondition: Precondition | undefined,
): Result<Conditions, ApiRefusal> {
  if (precondition === undefined) return ok(NONE);
  const [match, noneMatch] = [headers.get('if-match'), headers.get('if-none-match')];
  if (precondition === 'revision' && match === null && noneMatch?.trim() === '*') return ok({ ...NONE, base: 0 });
  if (match === null || noneMatch !== null)
    return refused({ code: 'precondition-missing', takes: TAKES[precondition] });
  const [, tag = ''] = /^ *"([^"]*)" *$/.exec(match) ?? [];
  if (precondition === 'hash') return ok({ ...NONE, hash: tag });
  // What is no tag of ours is that of something else.
  return /^[1-9]\d{0,14}$/.test(tag) ? ok({ ...NONE, base: Number(tag) }) : refused({ code: 'precondition-failed' });
}

const VIAS = ['cli', 'console', 'gitops'];

export const readVia = (headers: Headers): string => VIAS.find((one) => one === headers.get('lockstep-via')) ?? 'api';

export function readIdempotencyKey(headers: Headers): Result<string | undefined, ApiRefusal> {
  const key = headers.get('idempotency-key') ?? undefined;
  if (key === undefined || /^[!-~]{1,255}$/.test(key)) return ok(key);
  const message = 'must be 1 to 255 visible ASCII characters';
  return refused({ code: 'malformed', issues: [{ path: 'header.idempotency-key', message }] });
}
