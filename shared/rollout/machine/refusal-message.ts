/** Each refusal in words: what was found, and what to do about it. Without a full stop at the end. */
import type { Refusal } from './refusal.ts';

export function refusalMessage(refusal: Refusal): string {
  switch (refusal.code) {
    case 'wrong-status':
      return `the rollout is ${refusal.status}, and not ${refusal.takes.join(' or ')}`;
    case 'stale':
      return `the rollout is at sequence ${refusal.sequence} by now: look at what was decided, and decide on that`;
    case 'stopped':
      return `it is stopped already (${refusal.why}): resume lifts that`;
    case 'not-stopped':
      return 'nothing is stopped: it goes on by itself when its guardrails pass';
    case 'no-approval-needed':
      return 'the next stage needs no approval';
    case 'own-change':
      return 'whoever wrote a plan or started it does not approve it: ask somebody else';
    case 'no-role':
      return `it is approved by ${refusal.roles.join(' or ')}`;
    case 'approved-already':
      return 'this person approved it already';
    case 'no-proposal':
      return `no change ${refusal.proposal} of the plan waits: it was withdrawn, replaced or applied`;
    case 'not-the-author':
      return 'only whoever proposed the change withdraws it';
    case 'immutable':
      return `the ${refusal.field} of a rollout never changes while it runs: end this one, and start another`;
    case 'stage-in-use':
      return `${refusal.percent} % are served now, and the plan has no such stage: keep it, or roll back first`;
    case 'nothing-changes':
      return 'the plan is like that already';
    case 'no-version':
      return 'a version is a whole number above 0';
    default:
      return refusal satisfies never;
  }
}
