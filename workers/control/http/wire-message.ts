/** In words, what is wrong with a request before anything is decided; undefined where the deciders have the words. */
import type { Refusal } from '#control/refusal';
import type { ApiRefusal } from './api-refusal.ts';

export function wireMessage(refusal: ApiRefusal): string | undefined {
  switch (refusal.code) {
    case 'no-route':
      return 'there is nothing here; /openapi.json names what there is';
    case 'wrong-method':
      return `this takes ${refusal.allow.join(', ')}`;
    case 'unauthorized':
      return 'send a valid token as "Authorization: Bearer ls_…"';
    case 'not-json':
      return 'the body is no JSON';
    case 'repeated-member':
      return `the body has ${refusal.path} twice: which one is meant cannot be told`;
    case 'too-deep':
      return `the body nests deeper than ${refusal.most}`;
    case 'too-large':
      return `the body is larger than ${refusal.most} bytes`;
    case 'media-type':
      return `this takes a body of Content-Type ${refusal.takes.join(' or ')}`;
    case 'malformed':
      return refusal.issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
    case 'precondition-missing':
      return `say what you have seen: send ${refusal.takes.join(', or ')}`;
    case 'precondition-failed':
      return 'no such ETag was ever told: look at it again';
    case 'identities-unreachable':
      return 'who is who cannot be found out just now: try again later';
    case 'facts-missing':
      return 'the change request is being changed by others: try again';
    case 'key-used-before':
      return 'this Idempotency-Key came with another request before: take a new one';
    case 'entry-too-large':
      return `its entry in the log would have ${refusal.size} bytes, at most ${refusal.limit}: divide the change`;
    case 'no-json':
      return `${refusal.path}: ${refusal.message}`;
    case 'no-entry':
      return `there is no ${refusal.what} that you may read`;
    case 'webhook-address':
      return `the address of webhook ${refusal.key} ${refusal.message}`;
    case 'no-delivery':
      return 'there is no such delivery (any more)';
    case 'still-waiting':
      return 'this delivery still waits: it is tried by itself, in its turn';
    case 'restoring':
      return 'the log of another organisation is being taken over, and that is not finished: nothing else is taken before';
    case 'has-begun':
      return 'this organisation has begun: only one that has nothing yet takes a log over';
    case 'not-restoring':
      return 'no log is being taken over';
    case 'restored-otherwise':
      return `there are ${refusal.entries} entries by now: look at what came meanwhile`;
    case 'unfit-log':
      return `line ${refusal.line}: ${refusal.message}`;
    case 'unfit-checkpoint':
      return refusal.message;
    case 'out-of-range':
      return `the log has ${refusal.entries} entries`;
    default:
      refusal satisfies Refusal;
      return undefined;
  }
}
