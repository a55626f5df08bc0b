/** What `GET /v1/counts` is asked: filters, and where a page starts. */
import { decodeBase64url, encodeBase64url } from '#core/base64url';
import { ok, type Result, refused } from '#schema/result';

const DEFAULT_LIMIT = 1_000;
export const MAX_LIMIT = 5_000;
const MAX_CURSOR = 1_024;

/** What is counted apart, in the order of the answer; a POP that is not known is empty. */
export type CountKey = readonly [flag: string, variation: string, version: number, pop: string];

export interface CountsQuery {
  readonly flag?: string;
  readonly version?: number;
  readonly pop?: string;
  readonly limit: number;
  /** Counts behind this one. */
  readonly after?: CountKey;
}

/** Refused with what the caller should mend. An empty parameter is one that is not there; unknown ones are passed over. */
export function readCountsQuery(parameters: URLSearchParams): Result<CountsQuery, string> {
  const read = (name: string): string | undefined => parameters.get(name) || undefined;
  const [flag, pop, cursor] = [read('flag'), read('pop'), read('cursor')];
  const [version, limit = DEFAULT_LIMIT] = [wholeNumber(read('version')), wholeNumber(read('limit'))];
  if (Number.isNaN(version)) return refused('version must be a whole number');
  if (!(limit >= 1 && limit <= MAX_LIMIT)) return refused(`limit must be a whole number from 1 to ${MAX_LIMIT}`);
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  if (cursor !== undefined && after === undefined) return refused('cursor must be the "next" of an earlier answer');
  return ok({
    ...(flag !== undefined && { flag }),
    ...(version !== undefined && { version }),
    ...(pop !== undefined && { pop }),
    limit,
    ...(after && { after }),
  });
}

/** NaN where the text is none. */
function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

export const encodeCursor = (key: CountKey): string => encodeBase64url(new TextEncoder().encode(JSON.stringify(key)));

function decodeCursor(cursor: string): CountKey | undefined {
  const bytes = cursor.length <= MAX_CURSOR ? decodeBase64url(cursor) : undefined;
  try {
    const key: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isCountKey(key) ? key : undefined;
  } catch {
    return undefined;
  }
}

const isCountKey = (key: unknown): key is CountKey =>
  Array.isArray(key) &&
  key.length === 4 &&
  typeof key[0] === 'string' &&
  typeof key[1] === 'string' &&
  Number.isSafeInteger(key[2]) &&
  typeof key[3] === 'string';
