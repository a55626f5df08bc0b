/** What an accepted command leaves in the log: who did what to what, what it was and is, and the events that the state is folded from. */
import type { JsonValue } from '#core/decision';
import type { AuditEntry } from '#schema/audit';
import type { Command } from '#schema/control-command';
import type { Actor } from '#schema/control-principal';
import { type AuditedChange, auditedChanges } from './audited-changes.ts';
import type { Event } from './event.ts';
import { get } from './persistent-map.ts';
import { rfc3339 } from './rfc3339.ts';
import type { Approval, ChangeRequest, State } from './state.ts';

/** As many targets, and their old and new values, are named for people; the events have all. */
const MAX_TARGETS = 1_000;

export interface Accepted {
  /** Before the events. */
  readonly before: State;
  readonly command: Command;
  readonly actor: Actor;
  /** What it came through: `api`, `console`, `cli`, `schedule` … */
  readonly via: string;
  readonly events: readonly Event[];
}

export function auditEntryOf({ before, command, actor, via, events }: Accepted): AuditEntry {
  const request = requestOf(before, command, events);
  const change = 'change' in command ? command.change : request?.change;
  const id = request?.id ?? appliedId(events);
  const changed = changesIn(before, events).slice(0, MAX_TARGETS);
  const justification = reasonOf(command) ?? change?.justification;
  const publishes = events.flatMap((event) =>
    event.type === 'publish-requested' ? [{ environment: event.environment }] : [],
  );
  return {
    action: actionOf(command, events),
    actor: auditActor(actor, via),
    target: changed.length > 0 ? targetsOf(changed) : [targetOf(command, request)],
    old: oneOrAll(changed.map(({ old }) => old)),
    new: oneOrAll(changed.map(({ value }) => value)),
    ...(justification !== undefined && { justification }),
    approvals: approvalsIn(request, events).map(({ by, roles, at }) => ({
      ...{ id: by.id, person: by.person, roles: [...roles], time: rfc3339(at) },
    })),
    ...(change?.ticket !== undefined && { ticket: change.ticket }),
    ...(id !== undefined && { request: id }),
    events: events as unknown as AuditEntry['events'],
    ...(publishes.length > 0 && { publishes }),
  };
}

/** What was done; what was proposed where it is not done yet. */
function changesIn(before: State, events: readonly Event[]): AuditedChange[] {
  const isDone = events.some(({ type }) => type === 'request-applied');
  return events.flatMap((event) => (isDone && event.type === 'request-amended' ? [] : auditedChanges(before, event)));
}

const targetsOf = (changed: readonly AuditedChange[]): AuditEntry['target'] =>
  changed.flatMap(({ target, also = [] }) => [target, ...also]).slice(0, MAX_TARGETS);

const auditActor = (actor: Actor, via: string): AuditEntry['actor'] =>
  actor.kind === 'system'
    ? { id: actor.id, person: actor.id, kind: 'system', roles: [], via }
    : { id: actor.id, person: actor.person, kind: actor.kind, roles: actor.roles, via };

/** The command, and what came of its request: `change.submit`, `change.approve+applied`, `change.apply+voided`. */
function actionOf({ type }: Command, events: readonly Event[]): string {
  switch (type) {
    case 'found':
      return 'organisation.found';
    case 'finish-restore':
      return 'organisation.restore';
    case 'acknowledge':
    case 'acknowledge-keys':
    case 'import-journal':
      return `publish.${type}`;
    case 'disable-webhook':
      return 'webhook.disable';
    case 'submit':
    case 'amend':
    case 'schedule':
    case 'approve':
    case 'apply':
    case 'decline':
    case 'withdraw':
      return `change.${type}${outcomeOf(type, new Set(events.map((event) => event.type)))}`;
    default:
      return type satisfies never;
  }
}

function outcomeOf(type: Command['type'], kinds: ReadonlySet<Event['type']>): string {
  if (kinds.has('request-applied')) return '+applied';
  const isVoid = kinds.has('request-voided') || kinds.has('approvals-voided');
  return isVoid && (type === 'apply' || type === 'approve') ? '+voided' : '';
}

function requestOf(before: State, command: Command, events: readonly Event[]): ChangeRequest | undefined {
  if ('request' in command) return get(before.requests, command.request);
  const opened = events.find((event) => event.type === 'request-opened');
  return opened?.request;
}

/** Of a change that was applied at once, which nobody has seen as a request. */
const appliedId = (events: readonly Event[]): string | undefined =>
  events.flatMap((event) => (event.type === 'request-applied' ? event.request : []))[0];

const reasonOf = (command: Command): string | undefined => {
  switch (command.type) {
    case 'submit':
    case 'amend':
      return command.change.justification;
    case 'found':
    case 'finish-restore':
      return command.justification;
    case 'decline':
    case 'withdraw':
    case 'disable-webhook':
      return command.reason;
    case 'import-journal':
      return command.entries.flatMap(({ reason }) => reason ?? []).join('; ') || undefined;
    case 'schedule':
    case 'approve':
    case 'apply':
    case 'acknowledge':
    case 'acknowledge-keys':
      return undefined;
    default:
      return command satisfies never;
  }
};

/** Those by which it was applied; else those that were given so far, this one included. */
function approvalsIn(request: ChangeRequest | undefined, events: readonly Event[]): readonly Approval[] {
  for (const event of events) if (event.type === 'request-applied') return event.approvals;
  const given = events.flatMap((event) => (event.type === 'request-approved' ? [event.approval] : []));
  return [...(request?.approvals ?? []), ...given];
}

function targetOf(command: Command, request: ChangeRequest | undefined): AuditEntry['target'][number] {
  if ('environment' in command) return { kind: 'environment', environment: command.environment };
  return request === undefined ? { kind: 'organisation' } : { kind: 'change-request', key: request.id };
}

/** One value as itself, several as a list. */
const oneOrAll = (values: readonly unknown[]): AuditEntry['old'] =>
  (values.length === 1
    ? (values[0] ?? null)
    : values.every((one) => one === null)
      ? null
      : values) as JsonValue as AuditEntry['old'];
