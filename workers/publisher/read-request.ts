/** What callers may ask for, checked by hand: the bodies are small and flat, and a schema library is larger than the publisher. */
import { isBase64url, isFields } from '#http/settings';
import { KEY_PATTERN, MAX_KEY } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import { boundLines } from './check-lines.ts';
import type { PublishRequest } from './plan-publish.ts';
import type { ReturnRequest } from './plan-return.ts';
import type { Confirmation, Refusal } from './refusal.ts';
import type { ChangesRequest } from './whole-request.ts';

const MAX_REASON = 1_000;
/** SHA-256, base64url. */
const DIGEST_LENGTH = 43;
const MAX_FLAGS = 100;
const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 100;

type Fields = Readonly<Record<string, unknown>>;

/** Refused with what the caller should mend. Lines are bounded here, before they are sent to the press. */
export function readPublishRequest(body: unknown): Result<PublishRequest | ChangesRequest, Refusal | string> {
  const fields = fieldsOf(body, ['base', 'lines', 'changes', 'digest', 'confirm', 'acknowledge', 'reason', 'override']);
  if (!fields.ok) return fields;
  const { base, confirm = [], acknowledge, reason, override } = fields.value;
  if (!isWhole(base, 0))
    return refused('base must be the version that the lines were made from, 0 where there is none');
  if (!isConfirm(confirm)) return refused('confirm must be a list of "size" and "emptied"');
  if (acknowledge !== undefined && !isWhole(acknowledge, 1))
    return refused('acknowledge must be the id of a journal entry');
  if (reason !== undefined && !isReason(reason)) return refused(REASON);
  if (override !== undefined && !isFlags(override))
    return refused(`override must be a list of 1 to ${MAX_FLAGS} flag keys`);
  const content = readContent(fields.value);
  if (!content.ok) return content;
  return ok({
    base,
    ...content.value,
    confirm,
    ...(acknowledge !== undefined && { acknowledge }),
    ...(reason !== undefined && { reason }),
    ...(override !== undefined && { override }),
  });
}

type Content = Pick<PublishRequest, 'lines'> | Pick<ChangesRequest, 'changes' | 'digest'>;

function readContent({ lines, changes, digest }: Fields): Result<Content, Refusal | string> {
  if (changes === undefined && digest === undefined) {
    if (typeof lines !== 'string') return refused('lines must be a text, one entry a line');
    const bounded = boundLines(lines);
    return bounded.ok ? ok({ lines }) : bounded;
  }
  if (lines !== undefined) return refused('send lines, or changes and digest, and not both');
  if (typeof changes !== 'string') return refused('changes must be a text, one changed entry a line');
  if (!isBase64url(digest, DIGEST_LENGTH))
    return refused('digest must be the SHA-256, base64url, of the lines that the changes apply to');
  const bounded = boundLines(changes);
  return bounded.ok ? ok({ changes, digest }) : bounded;
}

export interface KeysRequest {
  /** The version that is to be replaced, 0 for none; left out, it is whichever there is. */
  readonly base?: number;
  readonly lines: string;
}

/** Refused with what the caller should mend. */
export function readKeysRequest(body: unknown): Result<KeysRequest, string> {
  const fields = fieldsOf(body, ['base', 'lines']);
  if (!fields.ok) return fields;
  const { base, lines } = fields.value;
  if (base !== undefined && !isWhole(base, 0)) return refused('base must be the version to replace, 0 for none');
  if (typeof lines !== 'string') return refused('lines must be a text, one key a line');
  return ok({ lines, ...(base !== undefined && { base }) });
}

/** Refused with what the caller should mend. */
export function readReturnRequest(body: unknown): Result<ReturnRequest, string> {
  const fields = fieldsOf(body, ['flags', 'version', 'reason']);
  if (!fields.ok) return fields;
  const { flags, version, reason } = fields.value;
  if (flags !== undefined && !isFlags(flags)) return refused(`flags must be a list of 1 to ${MAX_FLAGS} flag keys`);
  if (version !== undefined && !isWhole(version, 1))
    return refused('version must be a version that was in force before');
  if (!isReason(reason)) return refused(REASON);
  if (flags !== undefined) return ok({ flags, reason, ...(version !== undefined && { version }) });
  return version === undefined
    ? refused('name the flags to return, or the version that the whole ruleset is to return to, or both')
    : ok({ version, reason });
}

const REASON = `reason must be a text of 1 to ${MAX_REASON} characters`;

/** Refused with what the caller should mend. */
export function readJournalQuery(query: Fields): Result<{ readonly after: number; readonly limit: number }, string> {
  const after = wholeOf(query['after'], 0);
  const limit = wholeOf(query['limit'], DEFAULT_PAGE);
  if (after === undefined) return refused('after must be the id of a journal entry, or 0');
  if (limit === undefined || limit < 1 || limit > MAX_PAGE) return refused(`limit must be from 1 to ${MAX_PAGE}`);
  return ok({ after, limit });
}

const wholeOf = (text: unknown, otherwise: number): number | undefined =>
  text === undefined ? otherwise : /^\d{1,15}$/.test(String(text)) ? Number(text) : undefined;

/** An object with no field but these: one that is misspelled must not pass for one that was left out. */
function fieldsOf(body: unknown, known: readonly string[]): Result<Fields, string> {
  if (!isFields(body) || Array.isArray(body)) return refused(`the body must be an object of ${known.join(', ')}`);
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  return unknown === undefined
    ? ok(body)
    : refused(`there is no ${JSON.stringify(unknown.slice(0, MAX_KEY))}; there are ${known.join(', ')}`);
}

const isWhole = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && Number(value) >= least;

const isReason = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= MAX_REASON;

const isConfirm = (value: unknown): value is readonly Confirmation[] =>
  Array.isArray(value) && value.length <= 2 && value.every((one) => one === 'size' || one === 'emptied');

const isFlags = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length >= 1 && value.length <= MAX_FLAGS && value.every(isFlagKey);

const isFlagKey = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= MAX_KEY && KEY_PATTERN.test(value);
