/** The log for people: what was done, by whom, to what, and why. */
import * as z from 'zod';
import { csvHead, csvRow } from '#control/audit/audit-csv';
import { rfc3339 } from '#control/rfc3339';
import type { AuditLeaf } from '#schema/audit';
import { MAX_LABEL } from '#schema/control-limits';
import { ok, refused } from '#schema/result';
import type { Control } from '../../control.ts';
import { badCursor, cursorOf, keyOfCursor, pageQuery, pageReply, pageShape } from '../page.ts';
import { answered, defineRoute, type Route } from '../route.ts';
import { wireTime } from '../shapes.ts';
import { entryShape, mayReadEntry, shownEntry } from '../shown-entry.ts';

const READ = { action: 'read', over: 'namespace', roles: 'any' } as const;

const exactly = z.string().min(1).max(MAX_LABEL);

const find = defineRoute({
  ...{ method: 'get', path: '/v1/audit', id: 'findEntries', tag: 'audit', effect: 'none', access: READ },
  summary: 'Find entries',
  description:
    'The newest first. `kind`, `environment` and `key` are of one target. With `Accept: text/csv` as a table for spreadsheets. An entry is there where all that it was done to may be read; a page may be empty and yet have another behind it.',
  query: {
    actor: exactly.optional().describe('A principal or a person.'),
    action: exactly.optional().describe('As `change.submit+applied`.'),
    request: exactly.optional().describe('A change request, ended ones too.'),
    kind: exactly.optional().describe('As `flag`.'),
    environment: exactly.optional(),
    key: exactly.optional(),
    from: wireTime.optional().describe('RFC 3339; at that time or later.'),
    to: wireTime.optional().describe('RFC 3339; at that time or earlier.'),
    ...pageQuery,
  },
  answers: {
    200: {
      description: 'A page.',
      schema: pageShape(entryShape),
      media: ['application/json', 'text/csv'],
    },
  },
  handle({ control }, { principal, query, headers }) {
    const { cursor, from, to, ...wanted } = query;
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : placeOf(cursor);
    if (before === undefined) return badCursor();
    const times = { ...(from !== undefined && { from: rfc3339(from) }), ...(to !== undefined && { to: rfc3339(to) }) };
    const found = control.find({ ...wanted, ...times, before });
    const page = leavesOf(control, found);
    const last = page.at(-1);
    // A full page, or one that was cut short for its size: there may be more.
    const next =
      last !== undefined && (found.length === query.limit || page.length < found.length)
        ? cursorOf(String(last.seq))
        : undefined;
    const shown = page.filter((leaf) => mayReadEntry(principal, leaf));
    return prefersCsv(headers) ? csvReply(shown, next) : pageReply(shown.map(shownEntry), next);
  },
});

function placeOf(cursor: string): number | undefined {
  const key = keyOfCursor(cursor) ?? '';
  return /^(?:0|[1-9]\d{0,14})$/.test(key) ? Number(key) : undefined;
}

/** Characters from which on a page is full, whatever it was asked for: an entry may have 24 MiB. */
const FULL_PAGE = 8 * 1024 * 1024;

function leavesOf(control: Control, places: readonly number[]): AuditLeaf[] {
  const leaves: AuditLeaf[] = [];
  let length = 0;
  for (const place of places) {
    const leaf = control.leaf(place);
    if (!leaf.ok || length > FULL_PAGE) break;
    length += leaf.value.text.length;
    leaves.push(JSON.parse(leaf.value.text) as AuditLeaf);
  }
  return leaves;
}

const prefersCsv = (headers: Headers): boolean => /^\s*text\/csv\b/i.test(headers.get('accept') ?? '');

const csvReply = (leaves: readonly AuditLeaf[], next: string | undefined) =>
  ok({
    status: 200,
    text: csvHead() + leaves.map(csvRow).join(''),
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="audit.csv"',
    },
    next,
  });

const read = defineRoute({
  ...{ method: 'get', path: '/v1/audit/{seq}', id: 'getEntry', tag: 'audit', effect: 'none', access: READ },
  summary: 'Read an entry',
  description: 'With the hash of its leaf in the tree.',
  params: {
    seq: z
      .string()
      .regex(/^(?:0|[1-9]\d{0,14})$/)
      .describe('Its place in the log.'),
  },
  examples: { seq: '0' },
  answers: { 200: { description: 'The entry.', schema: entryShape.extend({ hash: z.string() }) } },
  handle({ control }, { principal, params }) {
    const sealed = control.leaf(Number(params.seq));
    const leaf = sealed.ok ? (JSON.parse(sealed.value.text) as AuditLeaf) : undefined;
    if (!sealed.ok || leaf === undefined || !mayReadEntry(principal, leaf))
      return refused({ code: 'no-entry', what: `entry ${params.seq}` });
    return answered({ ...shownEntry(leaf), hash: sealed.value.hash });
  },
});

export const auditRoutes: readonly Route[] = [find, read];
