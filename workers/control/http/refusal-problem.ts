/** Each refusal as problem details (RFC 9457): a status, words that say what to mend, and `code` with what goes with it. */
import type { Refusal } from '#control/refusal';
import { refusalMessage } from '#control/refusal-message';
import type { Problem } from '#http/problem-reply';
import type { ApiRefusal } from './api-refusal.ts';
import { wireMessage } from './wire-message.ts';

export interface ApiProblem extends Problem {
  readonly code: ApiRefusal['code'];
}

/** `isConditional`: the request named a revision of the one thing that it is about. */
export function problemOf(refusal: ApiRefusal, isConditional = false): ApiProblem {
  const status = isConditional && refusal.code === 'stale' ? 412 : statusOf(refusal);
  return { ...refusal, ...issuesOf(refusal), status, title: TITLES[status], detail: messageOf(refusal) };
}

/** As all issues of the API are: where, as text, and what. */
const issuesOf = (refusal: ApiRefusal): object =>
  refusal.code === 'invalid'
    ? { issues: refusal.issues.map(({ path, message }) => ({ path: path.join('.'), message })) }
    : {};

export type RefusalStatus = keyof typeof TITLES;

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  503: 'Service Unavailable',
} as const;

export function statusOf(refusal: ApiRefusal): RefusalStatus {
  switch (refusal.code) {
    case 'not-json':
    case 'repeated-member':
    case 'too-deep':
      return 400;
    case 'unauthorized':
      return 401;
    case 'no-policy':
    case 'out-of-scope':
    case 'not-allowed':
    case 'own-change':
    case 'not-the-author':
    case 'no-approver':
    case 'training':
    case 'system-only':
    case 'principals-only':
      return 403;
    case 'not-found':
    case 'no-entry':
    case 'no-delivery':
    case 'no-route':
      return 404;
    case 'wrong-method':
      return 405;
    case 'founded-already':
    case 'has-begun':
    case 'restoring':
    case 'not-restoring':
    case 'restored-otherwise':
    case 'stale':
    case 'used-before':
    case 'twin':
    case 'archived':
    case 'not-archived':
    case 'salt-taken':
    case 'secret-taken':
    case 'service-has-key':
    case 'ended':
    case 'overlap-runs':
    case 'in-use':
    case 'policies-overlap':
    case 'nothing-changes':
    case 'unconfirmed':
    case 'editor-gone':
    case 'approved-already':
    case 'wrong-status':
    case 'approvals-missing':
    case 'requirements-changed':
    case 'effects-changed':
    case 'not-due':
    case 'unknown-generation':
    case 'digest-differs':
    case 'key-used-before':
    case 'still-waiting':
      return 409;
    case 'hash-differs':
    case 'precondition-failed':
      return 412;
    case 'too-large':
    case 'entry-too-large':
      return 413;
    case 'media-type':
      return 415;
    case 'ticket':
      return refusal.trouble === 'unreachable' ? 503 : 422;
    case 'repeated':
    case 'override-of-others':
    case 'immutable':
    case 'holds-secret':
    case 'over-already':
    case 'too-many':
    case 'too-large-to-wait':
    case 'invalid':
    case 'too-far-ahead':
    case 'malformed':
    case 'unfit-log':
    case 'unfit-checkpoint':
    case 'webhook-address':
    case 'no-json':
    case 'out-of-range':
      return 422;
    case 'precondition-missing':
      return 428;
    case 'facts-missing':
    case 'identities-unreachable':
      return 503;
    default:
      return refusal satisfies never;
  }
}

function messageOf(refusal: ApiRefusal): string {
  const words = wireMessage(refusal);
  return words ?? refusalMessage(refusal as Refusal);
}
