/** Tells a refusal to the caller (RFC 9457): what was found, and what would be taken. */
import type { Problem } from '#http/problem';
import type { EntryIssue, Refusal } from './refusal.ts';

/** With what else a caller may read by program. */
export interface RefusalProblem extends Problem {
  readonly issues?: readonly EntryIssue[];
  /** What to put in `confirm`. */
  readonly confirm?: string;
  /** Journal entries. */
  readonly unacknowledged?: readonly number[];
  readonly inForce?: number;
  readonly base?: number;
  /** Of the lines in force. */
  readonly digest?: string;
}

/** A text says what is wrong with the request itself. */
export function problemOf(refusal: Refusal | string): RefusalProblem {
  if (typeof refusal === 'string') return { ...INVALID, detail: refusal };
  switch (refusal.code) {
    case 'too-large':
      return { ...TOO_LARGE, detail: `the lines are ${refusal.length} characters long, at most ${refusal.most}` };
    case 'invalid-entries':
      return { ...INVALID, detail: issueText(refusal.issues), issues: refusal.issues };
    case 'unconfirmed': {
      const { confirm, found } = refusal;
      const detail = `the ruleset would go ${found}; if that is meant, send "confirm": ["${confirm}"]`;
      return { ...INVALID, title: 'Confirmation Needed', detail, confirm };
    }
    case 'wrong-base': {
      const { base, inForce } = refusal;
      const detail = `made from version ${base}, but ${inForce} is in force: compile on top of that, and publish again`;
      return { ...CONFLICT, detail, base, inForce };
    }
    case 'other-lines': {
      const detail = 'the changes were made from other lines than are in force: send all "lines" in their place';
      return { ...CONFLICT, detail, digest: refusal.digest };
    }
    case 'unacknowledged':
      return { ...CONFLICT, detail: unacknowledgedText(refusal.ids), unacknowledged: refusal.ids };
    case 'nothing-to-acknowledge':
      return { ...INVALID, detail: `the journal has no entry ${refusal.id} yet` };
    case 'view-too-large':
      return { ...INVALID, detail: refusal.messages.join('; ') };
    case 'refused-by-canary':
      return { ...INVALID, detail: `a reader refused the signed ruleset: ${refusal.message}` };
    case 'store-unreachable':
      return {
        ...UNAVAILABLE,
        detail: `nothing is known of what is in force, and ${refusal.target} cannot be reached`,
      };
    case 'store-unreadable':
      return { ...CONFLICT, detail: unreadableText(refusal.target, refusal.message) };
    case 'nothing-in-force':
      return { ...INVALID, detail: 'nothing was ever published, so there is nothing to return to' };
    case 'unknown-version': {
      const { version, first, last } = refusal;
      const known = first > last ? 'there are none' : `there are ${first} to ${last}`;
      return { ...INVALID, detail: `version ${version} was not in force before the present one; ${known}` };
    }
    case 'unknown-flags':
      return { ...INVALID, detail: `never published: ${refusal.flags.join(', ')}` };
    case 'nothing-before':
      return { ...INVALID, detail: `${refusal.flag} is as it was first published: nothing is known from before` };
    case 'returned-already': {
      const { flag, version, journalId } = refusal;
      const detail = `${flag} was returned already, at version ${version} (journal entry ${journalId}); name a "version" to return it to another`;
      return { ...CONFLICT, detail };
    }
    case 'versions-differ': {
      const { key, flags } = refusal;
      const detail = `${flags.join(' and ')} need ${key} as of different versions; name one "version" for both, or return them one by one`;
      return { ...INVALID, detail };
    }
    case 'not-a-return':
      return { ...INVALID, title: 'Not a Return', detail: notReturnText(refusal.changes) };
    default:
      return refusal satisfies never;
  }
}

const TOO_LARGE = { status: 413, title: 'Content Too Large' };
const INVALID = { status: 422, title: 'Unprocessable Content' };
const CONFLICT = { status: 409, title: 'Conflict' };
const UNAVAILABLE = { status: 503, title: 'Service Unavailable' };

function issueText(issues: readonly EntryIssue[]): string {
  const [first = { key: '', message: '' }, ...more] = issues;
  const text = first.key === '' ? first.message : `${first.key}: ${first.message}`;
  return more.length === 0 ? text : `${text} (and ${more.length} more)`;
}

function unacknowledgedText(ids: readonly number[]): string {
  const last = ids.at(-1);
  const entries = ids.length === 1 ? `journal entry ${last}` : `journal entries ${ids.join(', ')}`;
  return `a return was ordered at the publisher (${entries}): take it over from GET /v1/journal, then send "acknowledge": ${last}`;
}

const unreadableText = (target: string, message: string): string =>
  `nothing is known of what is in force, and what lies at ${target} is no ruleset that can be gone on with (${message}): ` +
  'put the last good one there, or remove it to begin at version 1';

function notReturnText(changes: Readonly<Record<string, string>>): string {
  const others = someOf(Object.keys(changes));
  return `it only ever goes back to what served before, and so would not: ${others}; return them too, or the whole ruleset`;
}

const someOf = (flags: readonly string[]): string =>
  `${flags.slice(0, 20).join(', ')}${flags.length > 20 ? ` and ${flags.length - 20} more` : ''}`;
