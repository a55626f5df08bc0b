/** Lists, a page at a time: in order of key, each page behind the last key of the one before. */
import * as z from 'zod';
import { decodeBase64url, encodeBase64url } from '#core/base64url';
import { ok, refused } from '#schema/result';
import type { Answer } from './route.ts';

export const MAX_PAGE = 500;
const DEFAULT_PAGE = 50;
const MAX_CURSOR = 1_024;
/** Of `q`. */
export const MAX_QUERY_TEXT = 256;

export const pageQuery = {
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/)
    .refine((text) => Number(text) <= MAX_PAGE, `must be 1 to ${MAX_PAGE}`)
    .optional()
    .transform((text) => Number(text ?? DEFAULT_PAGE)),
  cursor: z.string().max(MAX_CURSOR).optional(),
};

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Opaque to callers. It names a place in an order, never a thing: what may not be read is not behind it either. */
export const cursorOf = (key: string): string => encodeBase64url(new TextEncoder().encode(key));

/** Undefined where it is none. */
export function keyOfCursor(cursor: string): string | undefined {
  const bytes = decodeBase64url(cursor);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // No UTF-8.
    return undefined;
  }
}

export const badCursor = (): Answer =>
  refused({ code: 'malformed', issues: [{ path: 'query.cursor', message: 'is no cursor of this list' }] });

/** `entries` in ascending order of key; all of them may be read. */
export function pageOf<T>(
  entries: readonly (readonly [key: string, value: T])[],
  { limit, cursor }: PageQuery,
  show: (value: T) => unknown,
): Answer {
  const after = cursor === undefined ? '' : keyOfCursor(cursor);
  if (after === undefined) return badCursor();
  const behind = cursor === undefined ? entries : entries.filter(([key]) => key > after);
  const page = behind.slice(0, limit);
  const last = page.at(-1);
  const next = behind.length > limit && last !== undefined ? cursorOf(last[0]) : undefined;
  return pageReply(
    page.map(([, value]) => show(value)),
    next,
  );
}

export const pageReply = (items: readonly unknown[], next: string | undefined): Answer =>
  ok({ status: 200, body: { items, ...(next !== undefined && { next }) }, next });

/** For the document of the API. */
export const pageShape = (item: z.ZodType): z.ZodType =>
  z.object({
    items: z.array(item),
    next: z.string().optional().describe('For `cursor` of the next page; none where this is the last.'),
  });
