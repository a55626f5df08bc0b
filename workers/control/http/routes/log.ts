/** The log for verifiers and for a standby (docs/audit.md): its export, its checkpoints, the keys for them, and proofs. */
import * as z from 'zod';
import { ok, type Result, refused } from '#schema/result';
import { type LogRefusal, MAX_PAGE } from '../../log-export.ts';
import type { ApiRefusal } from '../api-refusal.ts';
import { wholeRefusal } from '../readable.ts';
import { type Answer, answered, type Call, defineRoute, type Route } from '../route.ts';

/** Entries hold all that there is: whoever reads them may read everything. */
const READ_ALL = { action: 'read', over: 'organisation', roles: 'any' } as const;

const count = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,14})$/, 'must be a number of entries')
  .transform(Number);

type Asking = Pick<Call<unknown, unknown, unknown>, 'principal'>;

const mayNot = ({ principal }: Asking): Result<never, ApiRefusal> | undefined => {
  const refusal = wholeRefusal(principal, null, 'read');
  return refusal && refused(refusal);
};

const textReply = (text: string, type: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  ok({ status: 200, text, headers: { 'content-type': type, ...headers } });

const exportLog = defineRoute({
  ...{ method: 'get', path: '/v1/log', id: 'exportLog', tag: 'audit', effect: 'none', access: READ_ALL },
  summary: 'Export the log',
  description:
    'NDJSON: entries with their hashes, and the checkpoints that cover them. Ask again with `after` as `Lockstep-Next` says while `Lockstep-More` is `true`; later, for what has come since. All pages in a row are what `lockstep audit verify` takes.',
  query: {
    after: count.optional().describe('How many entries you have.'),
    limit: z
      .string()
      .regex(/^[1-9]\d{0,3}$/)
      .refine((text) => Number(text) <= MAX_PAGE, `must be 1 to ${MAX_PAGE}`)
      .optional()
      .transform((text) => Number(text ?? MAX_PAGE)),
  },
  answers: {
    200: {
      description: 'Lines.',
      media: ['application/x-ndjson'],
      headers: {
        'Lockstep-Next': 'For `after` of the page behind it.',
        'Lockstep-More': '`true` where there are entries behind it.',
      },
    },
  },
  handle({ control }, call) {
    const page = mayNot(call) ?? control.page(call.query.after ?? 0, call.query.limit);
    if (!page.ok) return page;
    const { lines, next, hasMore } = page.value;
    const headers = { 'lockstep-next': String(next), 'lockstep-more': String(hasMore) };
    return textReply(lines, 'application/x-ndjson', headers);
  },
});

const checkpoint = defineRoute({
  ...{ method: 'get', path: '/v1/audit/checkpoint', id: 'getCheckpoint', tag: 'audit', effect: 'none' },
  access: READ_ALL,
  summary: 'The newest checkpoint',
  description:
    'A signed note (c2sp.org/tlog-checkpoint): keep one now and then where nobody who can write to the log can.',
  answers: { 200: { description: 'The note.', media: ['text/plain'] } },
  handle({ control }, call) {
    const refusal = mayNot(call);
    if (refusal !== undefined) return refusal;
    const newest = control.checkpoint();
    if (newest === undefined) return refused({ code: 'no-entry', what: 'checkpoint yet' });
    return textReply(newest.note, 'text/plain; charset=utf-8');
  },
});

const keys = defineRoute({
  ...{ method: 'get', path: '/v1/audit/keys', id: 'getAuditKeys', tag: 'audit', effect: 'none' },
  access: { action: 'read', over: 'self', roles: 'any' },
  summary: 'The keys of the log',
  description: 'What its checkpoints are verified with, one a line: for `lockstep audit verify --key`.',
  answers: { 200: { description: 'Verifier keys.', media: ['text/plain'] } },
  handle: ({ noteKeys }) => textReply(noteKeys.map((key) => `${key}\n`).join(''), 'text/plain; charset=utf-8'),
});

const hashes = z.object({ hashes: z.array(z.string()).describe('SHA-256, base64url.') });

const proofReply = (proof: Result<readonly string[], LogRefusal>): Answer =>
  proof.ok ? answered({ hashes: proof.value }) : proof;

const inclusion = defineRoute({
  ...{ method: 'get', path: '/v1/audit/proofs/inclusion', id: 'proveInclusion', tag: 'audit', effect: 'none' },
  access: READ_ALL,
  summary: 'Prove that an entry is in the log',
  description: 'Hashes from the leaf upwards (RFC 6962, 2.1.1).',
  query: { seq: count.describe('The entry.'), size: count.describe('Of the tree: as a checkpoint says.') },
  examples: { seq: '0', size: '1' },
  answers: { 200: { description: 'The proof.', schema: hashes } },
  handle: ({ control }, call) => mayNot(call) ?? proofReply(control.inclusion(call.query.seq, call.query.size)),
});

const consistency = defineRoute({
  ...{ method: 'get', path: '/v1/audit/proofs/consistency', id: 'proveConsistency', tag: 'audit', effect: 'none' },
  access: READ_ALL,
  summary: 'Prove that the log has only grown',
  description: 'From one size to another (RFC 6962, 2.1.2).',
  query: { from: count.describe('The smaller size.'), size: count.describe('The larger size.') },
  examples: { from: '1', size: '1' },
  answers: { 200: { description: 'The proof.', schema: hashes } },
  handle: ({ control }, call) => mayNot(call) ?? proofReply(control.consistency(call.query.from, call.query.size)),
});

export const logRoutes: readonly Route[] = [exportLog, checkpoint, keys, inclusion, consistency];
