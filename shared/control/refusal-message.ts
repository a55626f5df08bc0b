/** Each refusal in words: what was found, and what to do about it. One sentence or two, without a full stop at the end of the last. */
import { pathText } from '#ruleset/write/yaml-file';
import type { MissingRole, Refusal, StaleBase, TicketTrouble } from './refusal.ts';
import { rfc3339 } from './rfc3339.ts';

/** As many issues, items or names are told. */
const SHOWN = 5;

export function refusalMessage(refusal: Refusal): string {
  switch (refusal.code) {
    case 'not-found':
      return refusal.what === 'request'
        ? `there is no open change request ${refusal.key}; the log says what became of those that there were`
        : `there is no ${refusal.what} ${refusal.key}`;
    case 'founded-already':
      return 'the organisation has begun: submit a change';
    case 'stale':
      return `changed meanwhile: ${shown(refusal.items.map(staleText))}; look at what it is now, and make the change on that`;
    case 'repeated':
      return `${refusal.kind} ${refusal.key} is there twice: put all that is done to it into one operation`;
    case 'used-before':
      return `${refusal.kind} ${refusal.key} was there and is gone: its name never means anything else; take another`;
    case 'twin':
      return `${refusal.kind} ${refusal.key} differs from ${refusal.other} in case alone: take another name`;
    case 'archived':
      return `${refusal.kind} ${refusal.key} is archived: restore it (with the new body, if there is one)`;
    case 'not-archived':
      return `${refusal.kind} ${refusal.key} is in use: archive it first`;
    case 'immutable':
      return refusal.field.startsWith('variation ')
        ? `${refusal.field} of ${refusal.kind} ${refusal.key} never changes its value: add one of another name, and shift traffic to it`
        : `the ${refusal.field} of ${refusal.kind} ${refusal.key} never changes: it is ${JSON.stringify(refusal.was)}`;
    case 'salt-taken':
      return `the salt of ${refusal.kind} ${refusal.key} hashes like that of ${refusal.by}, so the two would share every cohort: take another, or name one cohortGroup in both flags`;
    case 'holds-secret':
      return `${refusal.path} looks like a secret, and the log keeps everything: name where the secret is kept, not the secret`;
    case 'secret-taken':
      return `${refusal.by} has this secret: make another`;
    case 'service-has-key':
      return `service ${refusal.service} has the ${refusal.keyKind} key ${refusal.key} in environment ${refusal.environment}: rotate that, to other namespaces if need be, with an overlap for as long as both secrets are in use, or revoke it first`;
    case 'over-already':
      return `${refusal.kind} ${refusal.key} would end at ${rfc3339(refusal.at)}, which is over: name a time to come as expiresAt, or none`;
    case 'ended':
      return `${refusal.kind} ${refusal.key} ended at ${rfc3339(refusal.at)}, and another secret is no more time: make one of another name`;
    case 'overlap-runs':
      return `${refusal.kind} ${refusal.key} has two secrets until ${rfc3339(refusal.until)}, and never more: wait for that, rotate without an overlap, which ends both of them at once, or, if nobody has the newest, say that it is lost: then that one alone ends`;
    case 'in-use':
      return `${refusal.kind} ${refusal.key} is used by ${shown(refusal.by)}: change those first`;
    case 'policies-overlap':
      return `policy ${refusal.key} is for namespace ${refusal.namespace} in environment ${refusal.environment}, for which ${refusal.other} is: change that one, or name other namespaces or environments`;
    case 'too-many':
      return refusal.mend === undefined
        ? `there are ${refusal.most} ${refusal.what}, and may be no more`
        : `there may be at most ${refusal.most} ${refusal.what}: ${refusal.mend}`;
    case 'too-large-to-wait':
      return `a change that is not applied at once has at most ${refusal.most} bytes with what it affects, and this one ${refusal.size}: make several of it`;
    case 'invalid':
      return `environment ${refusal.environment} would not fit together: ${shown(refusal.issues.map(({ path, message }) => `${pathText(path)} ${message}`))}`;
    case 'override-of-others':
      return `a change has only flags that it puts wait for nobody, and does not put: ${shown(refusal.flags)}`;
    case 'unconfirmed':
      return `much of environment ${refusal.environment} changes at once (${refusal.found}): if that is meant, say confirm: ["${refusal.confirm}"]`;
    case 'nothing-changes':
      return 'everything is like that already';
    case 'no-policy':
      return `no policy is for namespace ${refusal.namespace} in environment ${refusal.environment}, so nobody may change it: an admin adds one`;
    case 'out-of-scope':
      return `these credentials do not reach so far: ${refusal.action} in ${refusal.environment ?? 'the whole organisation'}${refusal.namespace === null ? '' : `, namespace ${refusal.namespace}`}`;
    case 'not-allowed':
      return `missing roles: ${shown(refusal.missing.map(roleText))}`;
    case 'editor-gone':
      return `${refusal.id}, who wrote the change, is nobody's identity any more: somebody else submits it anew`;
    case 'not-the-author':
      return 'only whoever wrote the change, or an admin, withdraws it: approvers decline it';
    case 'own-change':
      return 'whoever wrote a change, under whatever identity, does not approve it: ask somebody else';
    case 'no-approver':
      return refusal.roles.length === 0
        ? 'the change needs no approval: apply it'
        : `the change is approved by ${refusal.roles.join(' or ')}`;
    case 'approved-already':
      return 'this person approved it already, under this identity or another';
    case 'hash-differs':
      return `the change is another one by now (${refusal.hash}): look at it again`;
    case 'wrong-status':
      return `the change request is ${refusal.status}, and not ${refusal.takes.join(' or ')}`;
    case 'approvals-missing':
      return `approvals are missing: ${shown(refusal.missing.map((one) => `${one.missing} of ${roleText(one)}`))}`;
    case 'requirements-changed':
      return `the policies that count are others by now (${shown(refusal.policies)}): it is approved anew`;
    case 'effects-changed':
      return 'what it refers to is another by now, so it would do something else: look at it again, and approve it anew';
    case 'not-due':
      return `it is not applied before ${rfc3339(refusal.at)}`;
    case 'too-far-ahead':
      return `${rfc3339(refusal.at)} is too far ahead: at most ${rfc3339(refusal.most)}`;
    case 'ticket':
      return TICKETS[refusal.trouble](refusal.ticket ?? '');
    case 'training':
      return `${refusal.person} has not completed ${shown(refusal.missing)}`;
    case 'unknown-generation':
      return `environment ${refusal.environment} has no generation ${refusal.generation}: the newest is ${refusal.newest}`;
    case 'digest-differs':
      return `version ${refusal.version} of environment ${refusal.environment} has the digest ${refusal.digest}, but its lines have ${refusal.found}: import what the publisher has in force`;
    case 'system-only':
      return 'only the control plane itself says what the publisher did';
    case 'principals-only':
      return 'a person or a service does this, never the control plane itself';
    default:
      return refusal satisfies never;
  }
}

const TICKETS: Readonly<Record<TicketTrouble, (ticket: string) => string>> = {
  missing: () => 'a change ticket is needed: name an open one as ticket',
  unknown: (ticket) => `there is no ticket ${ticket}: name an open one`,
  closed: (ticket) => `ticket ${ticket} is closed: name an open one`,
  unreachable: (ticket) => `whether ticket ${ticket} is open cannot be found out just now: try again later`,
};

const shown = (texts: readonly string[]): string =>
  texts.length > SHOWN ? `${texts.slice(0, SHOWN).join('; ')}; and ${texts.length - SHOWN} more` : texts.join('; ');

const staleText = ({ kind, environment, key, base, revision }: StaleBase): string =>
  `${kind} ${key}${environment === null ? '' : ` in ${environment}`} is at revision ${revision}, not ${base}`;

const roleText = ({ policy, environment, namespaces, roles }: MissingRole): string =>
  `${roles.join(' or ')} (policy ${policy}${namespaces.length === 0 ? '' : `, for ${namespaces.join(', ')} in ${environment}`})`;
